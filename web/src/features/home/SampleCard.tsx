import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { tell } from '@/api/problem';
import { useModel } from '@/api/queries';
import type { SampleRemoved, SampleState } from '@/api/types';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { toast } from '@/shared/toast';

const key = ['sample'] as const;

/** For an administrator of an empty workspace: customers to try things on, in one click, and their removal in one more. */
export function SampleCard() {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const qc = useQueryClient();
  const [busy, setBusy] = useState(false);
  const state = useQuery({ queryKey: key, queryFn: () => api.get<SampleState>('/sample'), refetchInterval: (q) => (q.state.data?.running ? 1500 : false) }).data;
  if (!state || (!state.offered && !state.present && !state.running)) return null;
  const run = (act: () => Promise<string>) => {
    setBusy(true);
    void act().then((said) => said && toast(said), (e: unknown) => tell(e, lang, undefined, model)).finally(() => {
      setBusy(false);
      void qc.invalidateQueries();
    });
  };
  const add = () => run(async () => {
    await api.post('/sample');
    return t('sample.added');
  });
  const remove = () => run(async () => {
    const done = await api.delete<SampleRemoved>('/sample');
    return done.running ? '' : done.kept ? t('sample.kept', { count: done.removed ?? 0, kept: done.kept }) : t('sample.removed', { count: done.removed ?? 0 });
  });
  const working = busy || state.running;
  return (
    <div className="sample-card" role="group" aria-label={t('sample.title')} aria-busy={working}>
      <Icon name="building" />
      <span className="col sp"><b>{t(state.present ? 'sample.here' : 'sample.title')}</b><span className="s12 sec">{t(state.present ? 'sample.hereText' : 'sample.text')}</span></span>
      {state.present
        ? <button type="button" className="btn s" disabled={working} onClick={remove}>{t(working ? 'sample.working' : 'sample.remove')}</button>
        : <button type="button" className="btn p s" disabled={working} onClick={add}>{t(working ? 'sample.working' : 'sample.add')}</button>}
    </div>
  );
}
