import { useQuery } from '@tanstack/react-query';
import { useRouterState } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { api } from '@/api/client';
import { plural } from '@/api/model';
import { keys, useModel, useSession } from '@/api/queries';
import type { Page } from '@/api/types';
import { startJob } from '@/shared/jobs';
import { useLang, useT } from '@/shared/i18n';

interface State {
  status: string;
  done?: number;
  total?: number;
  created?: number;
  updated?: number;
  job?: State;
}

const running = new Set(['pending', 'queued', 'running', 'undoing', 'planning']);
const pause = (ms: number) => new Promise((r) => setTimeout(r, ms));

/** One's own imports that the server still works on: in the tray wherever one is, after a reload too. The wizard shows its own. */
export function RunningImports() {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const session = useSession();
  const inWizard = useRouterState({ select: (s) => s.location.pathname.startsWith('/import/') || s.location.pathname === '/settings/objects/from-sheet' });
  const me = session.data?.user.id;
  const known = useRef(new Set<string>());
  const list = useQuery({
    // Under the aggregates, which a change of an import asks again.
    queryKey: [...keys.aggregates('import_job'), 'mine', me],
    queryFn: () => api.get<Page>('/import_job', { filter: JSON.stringify({ and: [{ field: 'created_by', op: 'eq', value: me }, { field: 'status', op: 'in', value: ['pending', 'running'] }] }), limit: 10, fields: 'object,status' }),
    enabled: me !== undefined && model.object('import_job')?.rights.read === true,
    retry: false,
  });
  useEffect(() => {
    if (inWizard) return;
    for (const job of list.data?.data ?? []) {
      if (known.current.has(job.id)) continue;
      known.current.add(job.id);
      const o = model.object(String(job['object']));
      void startJob(t('import.title', { name: o ? plural(o, lang) : String(job['object'] ?? '') }), async (work) => {
        work.signal.addEventListener('abort', () => void api.post(`/import/jobs/${job.id}/cancel`).catch(() => undefined));
        for (;;) {
          const answer = await api.get<State>(`/import/jobs/${job.id}`);
          const now = answer.job ?? answer;
          work.report({ done: now.done ?? 0, total: now.total ?? 0, undo: async () => { await api.post(`/import/jobs/${job.id}/undo`); } });
          if (!running.has(now.status) || work.signal.aborted) return;
          await pause(1000);
        }
      });
    }
  }, [list.data, inWizard, model, lang, t]);
  return null;
}
