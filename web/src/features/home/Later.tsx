import { useQueryClient } from '@tanstack/react-query';
import { keys, act, useModel, useUpdate } from '@/api/queries';
import { tell } from '@/api/problem';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { MenuButton, type MenuItem } from '@/shared/Pop';
import { toast } from '@/shared/toast';
import type { Step } from './agenda';

/** Which field holds the date of a step. */
const dated: Record<Step['kind'], string> = { record: 'next_follow_at', task: 'due_at', event: 'start_at', done: '' };

/** Puts a step off to another day at the same hour, or ends a task; both can be undone. */
export function Later({ step: s }: { step: Step }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const qc = useQueryClient();
  const update = useUpdate(s.object);
  const object = model.object(s.object);
  const field = dated[s.kind];
  if (!object?.rights.edit || s.kind === 'event' || s.kind === 'done') return null;
  const fail = (e: unknown) => tell(e, lang, s.object, model);
  const fresh = () => {
    void qc.invalidateQueries({ queryKey: keys.lists(s.object) });
    void qc.invalidateQueries({ queryKey: keys.record(s.object, s.rec.id) });
  };
  const to = (days: number) => {
    const d = new Date();
    d.setDate(d.getDate() + days);
    if (s.timed) d.setHours(s.at.getHours(), s.at.getMinutes(), 0, 0);
    else d.setHours(10, 0, 0, 0);
    return d;
  };
  const put = (d: Date) => {
    const before = s.rec[field];
    // The line may leave the page as soon as its date has changed, so nothing here hangs on it.
    const write = (v: unknown) => update.mutateAsync({ id: s.rec.id, data: { [field]: v ?? null } });
    write(d.toISOString()).then(() => {
      fresh();
      toast(t('home.moved', { name: s.title, time: fmt.dateTimeWords(d, lang) }), { undo: () => void write(before).then(fresh, fail) });
    }, fail);
  };
  const end = () => {
    void act('task', s.rec.id, 'complete').then(() => {
      fresh();
      toast(t('home.completed', { name: s.text || s.title }), { undo: () => void act('task', s.rec.id, 'reopen').then(fresh, fail) });
    }, fail);
  };
  const quick: [string, number][] = [[t('date.tomorrow'), 1], [t('date.monday'), ((8 - new Date().getDay()) % 7) || 7], [t('date.week'), 7]];
  const items: (MenuItem | 'line')[] = quick.map(([name, days]) => ({ key: name, text: name, run: () => put(to(days)), hint: fmt.date(to(days), lang) }));
  return (
    <>
      {s.kind === 'task' && object.actions?.some((a) => a.name === 'complete') && (
        <button type="button" className="tap" aria-label={t('home.complete', { name: s.text || s.title })} title={t('home.complete', { name: s.text || s.title })} onClick={end}><Icon name="check" /></button>
      )}
      <MenuButton className="tap" label={t('home.later', { name: s.title })} items={items}><Icon name="clock" /></MenuButton>
    </>
  );
}
