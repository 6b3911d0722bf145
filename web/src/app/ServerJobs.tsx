import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { api, Problem, url } from '@/api/client';
import { label, plural, type Model } from '@/api/model';
import { codeWords, tell, words } from '@/api/problem';
import { keys, useModel, useSession } from '@/api/queries';
import type { BulkJob } from '@/api/types';
import * as fmt from '@/shared/format';
import { hideJob, showJob, type Job, type JobFault } from '@/shared/jobs';
import { t, useLang, type Lang } from '@/shared/i18n';

interface Refused {
  data: { id: string; title: string | null; errors: { field: string; code: string; params?: Record<string, unknown>; message?: string }[] }[];
}

const DAY = 86_400_000;
const states: Record<BulkJob['status'], Job['state']> = { running: 'running', done: 'done', cancelled: 'stopped', failed: 'failed', undoing: 'undoing', undone: 'undone' };
const busy = (j: BulkJob) => j.status === 'running' || j.status === 'undoing';

/** What a work does, in words. */
export function titleOfBulk(j: BulkJob, model: Model, lang: Lang): string {
  const o = model.object(j.object);
  const count = j.total;
  const n = j.collected ? fmt.number(count, lang) : '…';
  const c = j.change;
  const what = (() => {
    if (c.kind === 'delete') return t('bulk.removing', { count, n });
    if (c.kind === 'tags') return t('bulk.tagging', { count, n });
    if (c.kind === 'action') return t('bulk.acting', { action: label(o?.actions?.find((a) => a.name === c.action)?.label, lang, c.action ?? ''), count, n });
    const fields = Object.keys(c.data ?? {}).map((f) => label(model.field(j.object, f)?.label, lang, f));
    return t('bulk.writing', { field: fields.join(lang === 'en' ? ', ' : '、'), count, n });
  })();
  return o ? `${what} · ${plural(o, lang)}` : what;
}

/** One's bulk work on the server, in the tray wherever one is: while it runs, and until its result was closed. */
export function ServerJobs() {
  const lang = useLang();
  const model = useModel();
  const session = useSession();
  const qc = useQueryClient();
  const known = useRef(new Map<string, BulkJob['status']>());
  const list = useQuery({
    queryKey: keys.bulk,
    queryFn: () => api.get<{ data: BulkJob[] }>('/bulk'),
    enabled: session.data?.user.id !== undefined,
    // News come by the stream of changes; asking is for what the stream does not bring (another server runs it).
    refetchInterval: (q) => (q.state.data?.data.some(busy) ? 3_000 : false),
    staleTime: 60_000,
    retry: false,
  });
  useEffect(() => {
    const act = (id: string, what: 'cancel' | 'resume' | 'undo') =>
      api.post<BulkJob>(`/bulk/${id}/${what}`).then((now) => {
        qc.setQueryData<{ data: BulkJob[] }>(keys.bulk, (was) => was && { data: was.data.map((j) => (j.id === now.id ? now : j)) });
      }).catch((e: unknown) => tell(e, lang));
    const close = (id: string) => {
      qc.setQueryData<{ data: BulkJob[] }>(keys.bulk, (was) => was && { data: was.data.filter((j) => j.id !== id) });
      void api.delete(`/bulk/${id}`).catch(() => undefined);
    };
    const faultsOf = async (j: BulkJob): Promise<JobFault[]> => {
      const page = await api.get<Refused>(`/bulk/${j.id}/refused`, { limit: 200 });
      return page.data.map((r) => {
        const w = words(new Problem({ status: 422, code: 'validation', errors: r.errors }), lang, j.object, model);
        return { id: r.id, title: r.title || t('value.untitled'), reason: [...new Set(w.lines)].join(' '), ...(r.title === null ? {} : { href: `/o/${j.object}/${r.id}` }) };
      });
    };
    const show = (j: BulkJob, faults: JobFault[]) => showJob({
      id: j.id,
      title: titleOfBulk(j, model, lang),
      state: states[j.status],
      done: j.done,
      total: j.collected ? j.total : 0,
      faults,
      note: !j.collected && j.status === 'running' && j.total > 0 ? t('bulk.collected', { count: j.total }) : j.error ? codeWords(j.error) : undefined,
      stop: () => void act(j.id, 'cancel'),
      undo: j.undoable ? () => act(j.id, 'undo') : undefined,
      remote: {
        good: j.changed + j.unchanged,
        refused: j.status === 'undone' ? 0 : j.refused,
        file: url(`/bulk/${j.id}/refused.csv`),
        resume: j.status === 'failed' ? () => void act(j.id, 'resume') : undefined,
        close: () => close(j.id),
      },
    });
    const now = list.data?.data ?? [];
    for (const id of known.current.keys()) {
      if (now.some((j) => j.id === id)) continue;
      known.current.delete(id);
      hideJob(id);
    }
    for (const j of now) {
      const before = known.current.get(j.id);
      if (!busy(j) && before === undefined && (j.status === 'undone' || Date.now() - new Date(j.began_at).getTime() > DAY)) continue;
      known.current.set(j.id, j.status);
      show(j, []);
      const ended = !busy(j) && before !== j.status;
      if (ended && j.refused > 0 && j.status !== 'undone') void faultsOf(j).then((f) => show(j, f)).catch(() => undefined);
      if (ended && before !== undefined) {
        void qc.invalidateQueries({ queryKey: keys.lists(j.object) });
        void qc.invalidateQueries({ queryKey: keys.aggregates(j.object) });
      }
    }
  }, [list.data, lang, model, qc]);
  return null;
}
