import { Link } from '@tanstack/react-router';
import { api, url } from '@/api/client';
import { label, plural } from '@/api/model';
import { tell } from '@/api/problem';
import { client, keys, useList, useModel, useRows } from '@/api/queries';
import type { Rec } from '@/api/types';
import * as fmt from '@/shared/format';
import { Icon, objectIcon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { toast } from '@/shared/toast';
import { Empty, SkeletonRows, Tag } from '@/shared/ui';
import { AdminPage, Body } from '../parts';
import { useA } from '../text';

/** Every import, what came of it, its wrong rows, and the way back. */
export default function ImportsPage() {
  const a = useA();
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const list = useList('import_job', { sort: '-created_at', expand: 'created_by', limit: 50 });
  const rows = useRows(list.data);
  const status = model.field('import_job', 'status');
  const undo = async (r: Rec) => {
    try {
      await api.post(`/import/jobs/${r.id}/undo`);
      toast(a('imports.undoing'));
      void client.invalidateQueries({ queryKey: keys.lists('import_job') });
    } catch (e) {
      tell(e, lang, 'import_job', model);
    }
  };
  const name = (r: Rec) => {
    const o = model.object(String(r['object']));
    return o ? plural(o, lang) : String(r['object']);
  };
  const can = (r: Rec) => (r['status'] === 'done' || r['status'] === 'failed' || r['status'] === 'cancelled') && Number(r['created'] ?? 0) + Number(r['updated'] ?? 0) > 0 && (!r['undo_until'] || new Date(String(r['undo_until'])) > new Date());
  const into = model.navigation().flatMap((x) => x.objects).find((o) => o.rights.import);
  return (
    <AdminPage title={t('settings.imports')} actions={into && <Link className="btn p" to="/import/$object" params={{ object: into.name }}><Icon name="upload" />{a('imports.new')}</Link>}>
      <Body label={t('settings.imports')}>
        {list.isPending ? <SkeletonRows /> : rows.length === 0 ? <Empty title={a('imports.none')} text={a('imports.noneText')} /> : (
          <table className="adm-table" style={{ marginTop: 8 }}>
            <thead><tr><th scope="col">{a('imports.into')}</th><th scope="col">{a('imports.status')}</th><th scope="col" className="hide">{t('import.created')}</th><th scope="col" className="hide">{t('import.updated')}</th><th scope="col" className="hide">{t('import.skipped')}</th><th scope="col" className="hide">{t('import.failed')}</th><th scope="col" className="hide">{a('bin.when')}</th><th scope="col"><span className="sr">{t('list.more')}</span></th></tr></thead>
            <tbody>
              {rows.map((r) => {
                const v = model.pick(status?.picklist, r['status']);
                const o = model.object(String(r['object']));
                const who = r.$expand?.['created_by'];
                return (
                  <tr key={r.id} data-import={r.id}>
                    <td className="wrap"><span className="name"><Icon name={objectIcon(o?.icon, String(r['object']))} /><span className="col"><span>{name(r)}</span><span className="mut s12">{(Array.isArray(who) ? who[0] : who)?.title}</span></span></span></td>
                    <td><Tag colour={v?.color}>{label(v?.label, lang, String(r['status']))}</Tag></td>
                    {(['created', 'updated', 'skipped'] as const).map((k) => <td key={k} className="hide num">{Number(r[k] ?? 0)}</td>)}
                    <td className="hide num">{Number(r['failed'] ?? 0) > 0 ? <a className="late" href={url(`/import/jobs/${r.id}/errors.xlsx`)} download>{Number(r['failed'])} <span className="sr">{t('import.errors')}</span></a> : 0}</td>
                    <td className="hide num sec">{r.created_at && fmt.dateTimeWords(new Date(r.created_at), lang)}</td>
                    <td className="acts">{can(r) && <button type="button" className="btn s" aria-label={`${t('act.undo')}: ${name(r)}`} onClick={() => void undo(r)}><Icon name="undo" />{t('act.undo')}</button>}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        )}
        {list.hasNextPage && <button type="button" className="btn" style={{ marginTop: 12 }} onClick={() => void list.fetchNextPage()}>{t('timeline.more')}</button>}
      </Body>
    </AdminPage>
  );
}
