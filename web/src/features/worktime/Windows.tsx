import { Icon } from '@/shared/icons';
import { useW } from './text';
import { time, type Window } from './worktime';

/** The windows of one day: pairs of times that can be added and taken away. The browser's own input of a time knows no 24:00 and writes as it likes. */
export function Windows({ day, value, onChange }: { day: string; value: Window[]; onChange: (v: Window[]) => void }) {
  const w = useW();
  const put = (i: number, side: 0 | 1, time: string) => onChange(value.map((x, n) => (n !== i ? x : side === 0 ? [time, x[1]] : [x[0], time])));
  return (
    <div className="wt-windows">
      {value.map((x, i) => (
        // oxlint-disable-next-line react/no-array-index-key -- windows have no name but their place
        <span key={i} className="wt-window">
          <input className="adm-in num" inputMode="numeric" maxLength={7} aria-label={w('from', { day })} value={x[0]} onChange={(e) => put(i, 0, e.target.value)} onBlur={(e) => put(i, 0, time(e.target.value))} />
          <span aria-hidden="true">–</span>
          <input className="adm-in num" inputMode="numeric" maxLength={7} aria-label={w('to', { day })} value={x[1]} onChange={(e) => put(i, 1, e.target.value)} onBlur={(e) => put(i, 1, time(e.target.value))} />
          <button type="button" className="tap" aria-label={w('remove', { day })} onClick={() => onChange(value.filter((_, n) => n !== i))}><Icon name="x" /></button>
        </span>
      ))}
      <button type="button" className="tap" aria-label={w('add', { day })} onClick={() => onChange([...value, value.length === 0 ? ['09:00', '12:00'] : ['13:30', '18:00']])}><Icon name="plus" /></button>
    </div>
  );
}
