import { useQueries } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { api } from '@/api/client';
import { label, plural, titleOf } from '@/api/model';
import { tell } from '@/api/problem';
import { client, keys, useModel } from '@/api/queries';
import type { ObjectMeta, Page, Rec } from '@/api/types';
import * as fmt from '@/shared/format';
import { Dialog } from '@/shared/Dialog';
import { Icon, objectIcon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { toast } from '@/shared/toast';
import { Empty, SkeletonRows } from '@/shared/ui';
import { AdminPage, Body, Choice } from '../parts';
import { useA } from '../text';

const binKey = (object: string) => [...keys.aggregates(object), 'bin'];

/** What was deleted and can come back: newest first, over all objects. */
export default function BinPage() {
  const a = useA();
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const [only, setOnly] = useState('');
  const [text, setText] = useState('');
  const [ending, setEnding] = useState<{ o: ObjectMeta; rec: Rec } | null>(null);
  const objects = useMemo(() => model.doc.objects.filter((o) => o.rights.read && o.rights.delete && o.kind !== 'log'), [model]);
  const asked = objects.filter((o) => !only || o.name === only);
  const all = useQueries({
    queries: asked.map((o) => ({ queryKey: binKey(o.name), queryFn: () => api.get<Page>(`/${o.name}`, { deleted: true, limit: 100, sort: '-updated_at', expand: 'updated_by' }), retry: false })),
    combine: (answers) => ({ pending: answers.some((x) => x.isPending), pages: answers.map((x) => x.data) }),
  });
  const needle = text.trim().toLowerCase();
  const rows = all.pages
    .flatMap((p, i) => (p?.data ?? []).filter((r) => r['deleted_at']).map((rec) => ({ o: asked[i]!, rec, title: titleOf(asked[i], rec) || t('value.untitled'), at: String(rec['deleted_at'] ?? '') })))
    .filter((r) => !needle || r.title.toLowerCase().includes(needle))
    .sort((x, y) => y.at.localeCompare(x.at))
    .slice(0, 300);
  const again = (o: string) => {
    void client.invalidateQueries({ queryKey: binKey(o) });
    void client.invalidateQueries({ queryKey: keys.lists(o) });
  };
  const restore = async (o: ObjectMeta, rec: Rec, title: string) => {
    try {
      await api.post(`/${o.name}/${rec.id}/restore`);
      again(o.name);
      toast(t('record.restored', { name: title }), { undo: () => void api.delete(`/${o.name}/${rec.id}`).then(() => again(o.name)) });
    } catch (e) {
      tell(e, lang, o.name, model);
    }
  };
  const purge = async () => {
    if (!ending) return;
    try {
      await api.delete(`/${ending.o.name}/${ending.rec.id}`, { purge: true });
      again(ending.o.name);
      toast(a('bin.purged', { name: titleOf(ending.o, ending.rec) }));
    } catch (e) {
      tell(e, lang, ending.o.name, model);
    }
    setEnding(null);
  };
  const by = (rec: Rec) => {
    const e = rec.$expand?.['updated_by'];
    return (Array.isArray(e) ? e[0] : e)?.title ?? '';
  };
  return (
    <AdminPage title={t('settings.bin')}>
      <Body label={t('settings.bin')}>
        <p className="adm-lead">{a('bin.lead')}</p>
        <div className="adm-bar">
          <input data-search className="adm-in" type="search" placeholder={a('bin.find')} aria-label={a('bin.find')} value={text} onChange={(e) => setText(e.target.value)} />
          <Choice label={a('objects.object')} value={only} options={[{ value: '', text: a('bin.everything') }, ...objects.map((o) => ({ value: o.name, text: plural(o, lang) })).sort((x, y) => x.text.localeCompare(y.text, lang))]} onChange={setOnly} />
        </div>
        {all.pending && rows.length === 0 ? <SkeletonRows /> : rows.length === 0 ? <Empty title={a('bin.empty')} text={a('bin.emptyText')} /> : (
          <table className="adm-table">
            <thead><tr><th scope="col">{a('bin.record')}</th><th scope="col" className="hide">{a('objects.object')}</th><th scope="col" className="hide">{a('bin.when')}</th><th scope="col" className="hide">{a('bin.who')}</th><th scope="col"><span className="sr">{t('list.more')}</span></th></tr></thead>
            <tbody>
              {rows.map(({ o, rec, title, at }) => (
                <tr key={rec.id} data-bin={rec.id}>
                  <td><span className="name"><Icon name={objectIcon(o.icon, o.name)} /><span className="el">{title}</span></span></td>
                  <td className="hide sec">{label(o.label, lang, o.name)}</td>
                  <td className="hide num sec">{fmt.dateTimeWords(new Date(at), lang)}</td>
                  <td className="hide sec">{by(rec)}</td>
                  <td className="acts"><button type="button" className="btn s" aria-label={`${t('record.restore')}: ${title}`} onClick={() => void restore(o, rec, title)}><Icon name="undo" />{t('record.restore')}</button> <button type="button" className="btn s q danger" aria-label={`${a('bin.purge')}: ${title}`} onClick={() => setEnding({ o, rec })}>{a('bin.purge')}</button></td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Body>
      {ending && (
        <Dialog title={a('bin.purgeTitle', { name: titleOf(ending.o, ending.rec) })} text={a('bin.purgeText')} onClose={() => setEnding(null)} onSubmit={() => void purge()} width={440} foot={<><span className="sp" /><button type="button" className="btn q" data-autofocus onClick={() => setEnding(null)}>{t('act.cancel')}</button><button type="submit" className="btn danger">{a('bin.purge')}</button></>}>
          <span />
        </Dialog>
      )}
    </AdminPage>
  );
}
