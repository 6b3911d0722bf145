import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { label, titleOf } from '@/api/model';
import { tell, words, type Words } from '@/api/problem';
import { dropFromCaches, keys, useModel } from '@/api/queries';
import type { FieldMeta, ObjectMeta, Rec } from '@/api/types';
import { showValue } from '@/fields/display';
import { closeLayer } from '@/shared/commands';
import { Dialog } from '@/shared/Dialog';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { toast } from '@/shared/toast';
import { Empty } from '@/shared/ui';
import { differing, keptFrom, unites } from './merge';
import { say, useM } from './text';

/** The records side by side: which one stays, and of what differs, which value. */
export function Compare({ object, recs, asked, suggested }: { object: ObjectMeta; recs: Rec[]; asked: number; suggested: string }) {
  const m = useM();
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const qc = useQueryClient();
  const [master, setMaster] = useState(recs.some((r) => r.id === suggested) ? suggested : (recs[0]?.id ?? ''));
  const [choice, setChoice] = useState<Record<string, string>>({});
  const [trouble, setTrouble] = useState<Words | null>(null);
  const [busy, setBusy] = useState(false);
  const kept = recs.find((r) => r.id === master);
  if (recs.length < 2 || !kept) return <Dialog title={m('title', { count: asked })} onClose={closeLayer} width={480}><Empty drawing="search" title={m('gone')} text="" /></Dialog>;
  const fields = differing(object, recs);
  const equal = object.fields.filter((f) => f.section && f.access === 'edit' && !fields.includes(f) && recs.some((r) => r[f.name] !== null && r[f.name] !== undefined)).length;
  const from = (f: FieldMeta) => choice[f.name] ?? keptFrom(f, kept, recs);
  const refresh = () => {
    void qc.invalidateQueries({ queryKey: keys.lists(object.name) });
    void qc.invalidateQueries({ queryKey: keys.aggregates(object.name) });
    for (const r of recs) void qc.invalidateQueries({ queryKey: keys.record(object.name, r.id) });
    void qc.invalidateQueries({ queryKey: ['duplicates', object.name] });
  };
  const merge = async () => {
    if (busy) return;
    setBusy(true);
    setTrouble(null);
    const others = recs.filter((r) => r.id !== master).map((r) => r.id);
    try {
      const done = await api.post<{ $merge?: { id: string }; data?: { $merge?: { id: string } } }>(`/${object.name}/${master}/actions/merge`, { ids: others, choices: choice });
      const id = done.$merge?.id ?? done.data?.$merge?.id;
      for (const o of others) dropFromCaches(qc, object.name, o);
      refresh();
      const undo = () => void api.post(`/${object.name}/${master}/actions/unmerge`, id ? { merge_id: id } : {}).then(() => { refresh(); toast(say(lang, 'undone')); }, (e: unknown) => tell(e, lang, object.name, model));
      toast(m('done', { count: others.length, name: titleOf(object, kept) }), { undo });
      closeLayer();
    } catch (e) {
      setTrouble(words(e, lang, object.name, model));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={m('title', { count: recs.length })}
      text={m('text')}
      onClose={closeLayer}
      onSubmit={() => void merge()}
      width={Math.min(1080, 240 + recs.length * 280)}
      foot={
        <>
          <span className="mrg-hint">{m('undoHint')}</span>
          <span className="sp" />
          <button type="button" className="btn q" onClick={closeLayer}>{t('act.cancel')}</button>
          <button type="submit" className="btn p mrg-do" disabled={busy}><span className="el">{m('do', { count: recs.length, name: titleOf(object, kept) })}</span></button>
        </>
      }
    >
      {trouble && <div className="notice late" role="alert" style={{ marginBottom: 12 }}><Icon name="alert" /><div className="col"><b>{trouble.title}</b>{trouble.lines.map((l) => <span key={l}>{l}</span>)}</div></div>}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable with the keyboard */}
      <section className="mrg-scroll" aria-label={m('title', { count: recs.length })} tabIndex={0}>
        <table className="mrg">
          <colgroup><col />{recs.map((r) => <col key={r.id} />)}</colgroup>
          <thead>
            <tr>
              <th scope="row">{m('keep')}</th>
              {recs.map((r) => (
                <th key={r.id} scope="col">
                  <label className={r.id === master ? 'mrg-opt on' : 'mrg-opt'}>
                    <input type="radio" name="mrg-master" checked={r.id === master} aria-label={`${m('kept')}: ${titleOf(object, r)}`} onChange={() => setMaster(r.id)} />
                    <span className="mrg-val"><b className="b">{titleOf(object, r)}</b>{r.id === suggested && <> <span className="tag brand">{m('recommended')}</span></>}</span>
                  </label>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {fields.map((f) => (
              <tr key={f.name} data-merge={f.name}>
                <th scope="row">{label(f.label, lang, f.name)}</th>
                {recs.map((r) => {
                  const value = showValue({ field: f, rec: r, model, lang, dense: true }) ?? <span className="mut">{t('value.blank')}</span>;
                  if (unites(f)) return <td key={r.id}><span className="mrg-both"><span className="mrg-val">{value}</span></span></td>;
                  const on = from(f) === r.id;
                  return (
                    <td key={r.id}>
                      <label className={on ? 'mrg-opt on' : 'mrg-opt'}>
                        <input type="radio" name={`mrg-${f.name}`} checked={on} onChange={() => setChoice((now) => ({ ...now, [f.name]: r.id }))} />
                        <span className="mrg-val">{value}<span className="mrg-from">{titleOf(object, r)}</span></span>
                      </label>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {fields.length === 0 && <p className="sec s13">{m('same')}</p>}
      {fields.some(unites) && <p className="mut s12">{fields.filter(unites).map((f) => label(f.label, lang, f.name)).join(lang === 'zh-CN' ? '、' : ', ')}{lang === 'zh-CN' ? '：' : ': '}{m('all')}</p>}
      {equal > 0 && <p className="mut s12">{m('equal', { count: equal })}</p>}
    </Dialog>
  );
}
