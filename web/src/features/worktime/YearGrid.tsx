import { useRef, useState, type KeyboardEvent } from 'react';
import * as fmt from '@/shared/format';
import { useLang } from '@/shared/i18n';
import { useW } from './text';
import { months, step, workdays, type Day } from './worktime';

/** How a day looks: what is special about it before whether work is done. */
export const look = (d: Day): string => (d.kind !== 'plain' ? d.kind : d.works ? 'work' : 'free');

/** Twelve months; one day takes part in the order of the Tab key, arrows lead to the others. */
export function YearGrid({ days, onPick }: { days: Day[]; onPick?: ((d: Day) => void) | undefined }) {
  const w = useW();
  const lang = useLang();
  const ref = useRef<HTMLDivElement>(null);
  const today = new Date();
  const [at, setAt] = useState(() => Math.max(0, days.findIndex((d) => fmt.daysBetween(today, d.date) === 0)));
  const here = Math.min(at, days.length - 1);
  const go = (e: KeyboardEvent) => {
    const from = days.findIndex((d) => d.iso === (e.target as HTMLElement).dataset['day']);
    const to = from < 0 ? undefined : step(e.key, from, days.length);
    if (to === undefined || e.altKey || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    setAt(to);
    ref.current?.querySelector<HTMLElement>(`[data-day="${days[to]?.iso}"]`)?.focus();
  };
  const said = (d: Day) => [fmt.dateAs(d.date, lang, { month: 'long', day: 'numeric', weekday: 'long' }), w(look(d) as 'work'), d.name].filter(Boolean).join(', ');
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- only passes the arrow keys of the days on
    <div className="wt-grid" ref={ref} onKeyDown={go}>
      {months(days).map((month, m) => {
        const first = month[0]!.date;
        const name = fmt.dateAs(first, lang, { month: 'long' });
        const count = w('days', { count: workdays(month) });
        return (
          <div key={m} className="wt-month" role="group" aria-label={w('month', { month: name, days: count })}>
            <div className="wt-head" aria-hidden="true"><span>{name}</span><span className="mut num">{workdays(month)}</span></div>
            <div className="wt-days">
              {Array.from({ length: 7 }, (_, i) => <span key={i} className="wt-week" aria-hidden="true">{fmt.weekday(new Date(2026, 0, 5 + i), lang, 'narrow')}</span>)}
              {month.map((d, i) => (
                <button
                  key={d.iso}
                  type="button"
                  data-day={d.iso}
                  className={`wt-day ${look(d)}${fmt.daysBetween(today, d.date) === 0 ? ' now' : ''}`}
                  style={i === 0 ? { gridColumnStart: ((first.getDay() + 6) % 7) + 1 } : undefined}
                  tabIndex={d === days[here] ? 0 : -1}
                  aria-label={said(d)}
                  aria-disabled={onPick ? undefined : true}
                  title={d.name || undefined}
                  onFocus={() => setAt(days.indexOf(d))}
                  onClick={() => onPick?.(d)}
                >
                  {d.date.getDate()}
                </button>
              ))}
            </div>
          </div>
        );
      })}
    </div>
  );
}
