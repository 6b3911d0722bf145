import { useMemo } from 'react';
import { label, targetOf } from '@/api/model';
import { useHistory, useModel, useTitlesOf } from '@/api/queries';
import type { FieldMeta, ObjectMeta, Rec } from '@/api/types';
import * as fmt from '@/shared/format';
import { t as say, useLang, useT } from '@/shared/i18n';
import { Pop } from '@/shared/Pop';
import { changeWords } from './timeline/words';
import { useRestore } from './useRestore';

/** All values one field has had, who set them, and the way back to each. */
export default function FieldHistory({ object, rec, field, anchor, onClose }: { object: ObjectMeta; rec: Rec; field: FieldMeta; anchor: HTMLElement; onClose: () => void }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const history = useHistory(object.name, rec.id);
  const restore = useRestore(object, rec);
  const entries = useMemo(() => (history.data?.pages ?? []).flatMap((p) => p.data).flatMap((e) => e.changes.filter((c) => c.field === field.name).map((c) => ({ ...e, ...c }))), [history.data, field.name]);
  const target = ['ref', 'md', 'user', 'dept', 'refs', 'users', 'depts'].includes(field.type) ? targetOf(field) : undefined;
  const ids = useMemo(() => [...new Set(entries.flatMap((e) => [e.before, e.after].flat()).filter((v): v is string => typeof v === 'string'))].slice(0, 200), [entries]);
  const titles = useTitlesOf(target && ids.length ? [[target, ids]] : []);
  const name = label(field.label, lang, field.name);
  const words = (v: unknown) => changeWords(object.name, field.name, v, model, lang, titles);
  const can = object.rights.edit && field.access === 'edit' && !field.system && field.name !== object.status && object.actions?.some((a) => a.name === 'restore_value');
  return (
    <Pop anchor={anchor} onClose={onClose} label={t('history.of', { field: name })} width={340}>
      <div className="fh">
        <h3 className="sect">{t('history.of', { field: name })}</h3>
        {entries.length === 0 && <p className="mut s13">{history.isPending ? t('state.loading') : t('history.none')}</p>}
        <ul>
          {entries.map((e, i) => (
            <li key={`${e.seq}${e.field}`}>
              <div className="col sp">
                <span className="s13"><b>{words(e.after)}</b>{i === 0 && <span className="tag" style={{ marginLeft: 6 }}>{t('history.current')}</span>}</span>
                <span className="s12 mut">{e.actor?.name ?? say('timeline.system')} · {fmt.dateTimeWords(new Date(e.at), lang)}{e.op === 'create' ? '' : ` · ${t('history.was', { value: words(e.before) })}`}</span>
              </div>
              {can && i > 0 && <button type="button" className="btn s" onClick={() => { onClose(); restore.value(e.seq, field.name, 'after'); }}>{t('history.restore')}</button>}
              {can && i === entries.length - 1 && e.op !== 'create' && <button type="button" className="btn s" aria-label={t('history.back', { field: name, value: words(e.before) })} onClick={() => { onClose(); restore.value(e.seq, field.name, 'before'); }}>{t('history.undoOne')}</button>}
            </li>
          ))}
        </ul>
        {history.hasNextPage && <button type="button" className="btn s" onClick={() => void history.fetchNextPage()}>{t('timeline.more')}</button>}
      </div>
    </Pop>
  );
}
