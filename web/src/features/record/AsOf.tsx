import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';
import { expandParam, label, titleOf } from '@/api/model';
import { useModel } from '@/api/queries';
import type { ObjectMeta, Rec } from '@/api/types';
import { isBlank, showValue } from '@/fields/display';
import { Dialog } from '@/shared/Dialog';
import * as fmt from '@/shared/format';
import { useLang, useT } from '@/shared/i18n';
import { SkeletonRows } from '@/shared/ui';
import { isQuiet } from './timeline/items';
import { useRestore } from './useRestore';

const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** The record as it stood at a moment, beside what it is now; and the way back to it. */
export default function AsOf({ object, rec, at, onClose }: { object: ObjectMeta; rec: Rec; at: string; onClose: () => void }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const restore = useRestore(object, rec);
  const past = useQuery({ queryKey: ['asOf', object.name, rec.id, at], queryFn: () => api.get<Rec>(`/${object.name}/${rec.id}`, { as_of: at, expand: expandParam(object.fields) }), staleTime: Infinity });
  const when = fmt.dateTimeWords(new Date(at), lang);
  const fields = object.fields.filter((f) => f.section && (!isQuiet(f, f.name) || f.name === object.title));
  const was = past.data;
  const differ = was ? fields.filter((f) => !same(was[f.name], rec[f.name])) : [];
  const rest = was ? fields.filter((f) => same(was[f.name], rec[f.name]) && !isBlank(rec[f.name])) : [];
  const can = object.rights.edit && object.actions?.some((a) => a.name === 'restore_record');
  return (
    <Dialog
      title={t('history.asOfTitle', { time: when })}
      text={titleOf(object, rec)}
      onClose={onClose}
      onSubmit={() => { if (can && differ.length) { onClose(); restore.record(at, when); } }}
      foot={
        <>
          <span>{differ.length === 0 && was ? t('history.noDiff') : t('history.recordHint')}</span>
          <span className="sp" />
          <button type="button" className="btn q" onClick={onClose}>{t('act.close')}</button>
          {can && <button type="submit" className="btn p" disabled={differ.length === 0}>{t('history.recordBack')}</button>}
        </>
      }
    >
      {!was && <SkeletonRows rows={5} />}
      {differ.length > 0 && (
        <table className="asof">
          <thead><tr><th scope="col"><span className="sr">{t('filter.field')}</span></th><th scope="col">{t('history.then')}</th><th scope="col">{t('history.nowCol')}</th></tr></thead>
          <tbody>
            {differ.map((f) => (
              <tr key={f.name}>
                <th scope="row">{label(f.label, lang, f.name)}</th>
                <td>{was && (showValue({ field: f, rec: was, model, lang, dense: true }) ?? t('value.blank'))}</td>
                <td className="mut">{showValue({ field: f, rec, model, lang, dense: true }) ?? t('value.blank')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {rest.length > 0 && (
        <details className="asof-rest">
          <summary className="s13 mut">{t('history.same', { count: rest.length })}</summary>
          <dl className="kv">{rest.map((f) => [<dt key={`${f.name}t`}>{label(f.label, lang, f.name)}</dt>, <dd key={f.name}><span className="el">{showValue({ field: f, rec, model, lang, dense: true })}</span></dd>])}</dl>
        </details>
      )}
    </Dialog>
  );
}
