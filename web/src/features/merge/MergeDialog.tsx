import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { expandParam, titleOf } from '@/api/model';
import { useModel, useRecord } from '@/api/queries';
import type { Duplicate, FieldMeta, Page, Rec } from '@/api/types';
import { Ant } from '@/fields/Ant';
import { isBlank } from '@/fields/display';
import FieldInput from '@/fields/inputs';
import { closeLayer } from '@/shared/commands';
import { Dialog } from '@/shared/Dialog';
import { useLang, useT } from '@/shared/i18n';
import { SkeletonRows } from '@/shared/ui';
import { Compare } from './Compare';
import { MOST } from './merge';
import { useM } from './text';
import './merge.css';

/** Several records become one: with one record named, first which others are meant; then field by field what is kept. */
export default function MergeDialog({ object: name, ids }: { object: string; ids: string[] }) {
  const m = useM();
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const object = model.object(name)!;
  const [chosen, setChosen] = useState<string[]>(ids);
  const [compare, setCompare] = useState(ids.length > 1);
  const first = useRecord(name, ids[0] ?? '');
  const found = useQuery({
    queryKey: ['duplicates', name, 'of', ids[0]],
    queryFn: () => {
      const rec = first.data ?? ({} as Rec);
      const data = Object.fromEntries(object.fields.filter((f) => f.access !== undefined && !f.system && !isBlank(rec[f.name]) && !rec.$masked?.includes(f.name) && !['auto', 'roll', 'calc', 'file', 'img'].includes(f.type)).map((f) => [f.name, rec[f.name]]));
      return api.post<{ data: Duplicate[] }>(`/${name}/duplicates`, { data, id: ids[0] });
    },
    enabled: !compare && first.data !== undefined,
    retry: false,
  });
  const recs = useQuery({
    queryKey: ['merge-records', name, chosen],
    queryFn: () => api.get<Page>(`/${name}`, { filter: JSON.stringify({ field: 'id', op: 'in', value: chosen }), limit: MOST, expand: expandParam(object.fields) }),
    enabled: compare,
    staleTime: 0,
  });
  const ranking = useQuery({
    queryKey: ['merge-master', name, chosen],
    queryFn: () => api.post<{ master: string }>(`/${name}/actions/suggest_master`, { ids: chosen }),
    enabled: compare,
    retry: false,
  });
  if (compare) {
    if (recs.data && (ranking.data || ranking.error)) return <Compare object={object} recs={recs.data.data} asked={chosen.length} suggested={ranking.data?.master ?? ids[0] ?? ''} />;
    return <Dialog title={m('title', { count: chosen.length })} onClose={closeLayer} width={760}><SkeletonRows rows={6} /></Dialog>;
  }
  const flip = (id: string) => setChosen((now) => (now.includes(id) ? now.filter((x) => x !== id) : [...now, id].slice(0, MOST)));
  const alike = (found.data?.data ?? []).filter((d) => d.object === name && d.visible && d.id !== ids[0]);
  const ref = { name: 'other', type: 'ref', target: name, label: { en: '', zh: '' }, access: 'edit' } as unknown as FieldMeta;
  const ready = chosen.length > 1;
  return (
    <Dialog
      title={m('title', { count: 1 })}
      text={m('text')}
      onClose={closeLayer}
      onSubmit={() => ready && setCompare(true)}
      width={560}
      foot={<><span className="sp" /><button type="button" className="btn q" onClick={closeLayer}>{t('act.cancel')}</button><button type="submit" className="btn p" disabled={!ready}>{m('next')}</button></>}
    >
      <Ant>
        <div className="bulk-form">
          {found.isPending && !found.error ? <SkeletonRows rows={2} /> : alike.length === 0 ? <p className="sec">{m('none')}</p> : (
            <fieldset className="mrg-list">
              <legend className="s12 mut">{m('pick', { name: first.data ? titleOf(object, first.data) : '' })}</legend>
              {alike.map((d) => (
                <label key={d.id} className={chosen.includes(d.id) ? 'mrg-opt on' : 'mrg-opt'}>
                  <input type="checkbox" aria-label={d.title} checked={chosen.includes(d.id)} onChange={() => flip(d.id)} />
                  <span className="mrg-val"><b className="b">{d.title}</b> <span className="s12 mut">{[d.owner ? t('dup.owner', { name: d.owner }) : '', t('dup.score', { n: d.score })].filter(Boolean).join(' · ')}</span></span>
                </label>
              ))}
            </fieldset>
          )}
          <label>
            <span className="s12 mut">{m('other')}</span>
            <FieldInput id="merge-other" field={ref} value={null} model={model} lang={lang} onChange={(v) => { if (typeof v === 'string' && v !== ids[0] && !chosen.includes(v)) { setChosen([...chosen, v]); setCompare(true); } }} />
          </label>
        </div>
      </Ant>
    </Dialog>
  );
}
