import { useQueryClient } from '@tanstack/react-query';
import { api, Problem } from '@/api/client';
import { titleOf } from '@/api/model';
import { keys, patchCaches, useModel, wroteMyself } from '@/api/queries';
import { tell, words } from '@/api/problem';
import type { Expanded, ObjectMeta, ProblemBody, Rec } from '@/api/types';
import { useLang, useT } from '@/shared/i18n';
import { toast, toastError } from '@/shared/toast';

/** What is to be written into one record. */
export interface Change {
  rec: Rec;
  data: Record<string, unknown>;
  expand?: Record<string, Expanded>;
}

export interface BatchAnswer {
  results: { status: number; id?: string; version?: number; error?: ProblemBody }[];
  batch_id?: string;
}

/** Writes several cells as one act: shown at once, put back where refused, undone as one. */
export function useWrite(object: ObjectMeta) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const qc = useQueryClient();
  const refresh = async () => {
    await Promise.all([qc.invalidateQueries({ queryKey: keys.lists(object.name) }), qc.invalidateQueries({ queryKey: keys.aggregates(object.name) })]);
  };
  const back = (c: Change) => patchCaches(qc, object.name, { ...c.rec, ...Object.fromEntries(Object.keys(c.data).map((k) => [k, c.rec[k] ?? null])) });
  const undo = async (batch: string) => {
    try {
      const answer = await api.post<BatchAnswer>(`/batches/${batch}/undo`);
      for (const r of answer.results) if (r.id) wroteMyself(object.name, r.id, r.version);
      await refresh();
      const stayed = answer.results.filter((r) => r.status >= 300).length;
      if (stayed) toastError(t('bulk.undoPartly', { count: stayed }));
      else toast(t('bulk.undone'));
    } catch (e) {
      tell(e, lang, object.name, model);
    }
  };
  const write = async (changes: Change[], said: string): Promise<boolean> => {
    if (changes.length === 0) return false;
    for (const c of changes) patchCaches(qc, object.name, { id: c.rec.id, version: c.rec.version, ...c.data, $expand: c.expand ?? {} });
    try {
      const answer = await api.post<BatchAnswer>(`/${object.name}/batch`, { ops: changes.map((c) => ({ op: 'update', id: c.rec.id, data: c.data, version: c.rec.version })) });
      const refused: string[] = [];
      answer.results.forEach((r, i) => {
        const c = changes[i];
        if (!c) return;
        if (r.status < 300) wroteMyself(object.name, c.rec.id, r.version);
        else {
          back(c);
          if (r.error) {
            const w = words(new Problem({ ...r.error, status: r.status }), lang, object.name, model);
            refused.push(t('error.fieldLine', { field: titleOf(object, c.rec), sentence: w.lines[0] ?? w.title }));
          }
        }
      });
      // Undo is at hand at once; what depends on the change follows.
      void refresh();
      const done = changes.length - refused.length;
      const batch = answer.batch_id;
      const more = batch && done ? { undo: () => void undo(batch) } : {};
      if (refused.length) toastError(t('bulk.notAll', { done, refused: refused.length }), { detail: refused.slice(0, 5), ...more });
      else toast(said, more);
      return refused.length === 0;
    } catch (e) {
      for (const c of changes) back(c);
      tell(e, lang, object.name, model);
      return false;
    }
  };
  return { write, undo, refresh };
}
