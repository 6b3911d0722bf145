import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { label, titleOf } from '@/api/model';
import { act, keys, useModel } from '@/api/queries';
import { tell } from '@/api/problem';
import type { ObjectMeta, Rec } from '@/api/types';
import { useLang, useT } from '@/shared/i18n';
import { toast } from '@/shared/toast';

/** Brings one value or the whole record back to what it was; always an ordinary change, so it can be undone the same way. */
export function useRestore(object: ObjectMeta, rec: Rec) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const qc = useQueryClient();
  const fresh = () => {
    for (const key of [keys.record(object.name, rec.id), keys.history(object.name, rec.id), keys.lists(object.name), keys.aggregates(object.name)]) void qc.invalidateQueries({ queryKey: key });
  };
  const fail = (e: unknown) => tell(e, lang, object.name, model, t('history.notBack'));
  const put = (data: Record<string, unknown>) => void api.patch(`/${object.name}/${rec.id}`, data).then(fresh, fail);
  return {
    /** One value as it was before or after an entry of the history. */
    value: (seq: number, field: string, side: 'before' | 'after') => {
      const now = rec[field];
      void act(object.name, rec.id, 'restore_value', { seq, field, side }).then(() => {
        fresh();
        toast(t('history.backDone', { field: label(model.field(object.name, field)?.label, lang, field) }), rec.$masked?.includes(field) ? {} : { undo: () => put({ [field]: now ?? null }) });
      }, fail);
    },
    /** All values as they were at a moment. */
    record: (at: string, when: string) => {
      const before = new Date().toISOString();
      void act(object.name, rec.id, 'restore_record', { at }).then(() => {
        fresh();
        toast(t('history.recordDone', { name: titleOf(object, rec), time: when }), { undo: () => void act(object.name, rec.id, 'restore_record', { at: before }).then(fresh, fail) });
      }, fail);
    },
  };
}
