import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useModel } from '@/api/queries';
import { rest } from '@/api/rest';
import { tell } from '@/api/problem';
import { useLang } from '@/shared/i18n';
import { useTalk } from './text';

const kinds = ['mention', 'comment', 'assigned', 'unanswered', 'recycle', 'waiting', 'shared', 'changed'] as const;
const key = ['notify'];

/** What one wants to be notified of; kept on the server, the same on every device. */
export function NotifyPrefs() {
  const t = useTalk();
  const lang = useLang();
  const model = useModel();
  const qc = useQueryClient();
  const { data } = useQuery({ queryKey: key, queryFn: () => rest.get('/me/notify') });
  // What was just ticked stands at once, whatever answer to an earlier question is still on its way.
  const [mine, setMine] = useState<Partial<Record<(typeof kinds)[number], boolean>>>({});
  const set = (k: (typeof kinds)[number], on: boolean) => {
    setMine((all) => ({ ...all, [k]: on }));
    rest.patch('/me/notify', { body: { [k]: on } }).then(
      () => void qc.invalidateQueries({ queryKey: key }),
      (e: unknown) => {
        setMine((all) => ({ ...all, [k]: !on }));
        tell(e, lang, 'notification', model);
      },
    );
  };
  return (
    <section aria-labelledby="notify">
      <h2 id="notify">{t('set.title')}</h2>
      <p className="mut s13">{t('set.text')}</p>
      {kinds.map((k) => (
        <label key={k} className="row set-row set-check">
          <input type="checkbox" disabled={!data} checked={mine[k] ?? data?.[k] ?? true} onChange={(e) => set(k, e.target.checked)} />
          <span>{t(`set.${k}`)}</span>
        </label>
      ))}
    </section>
  );
}
