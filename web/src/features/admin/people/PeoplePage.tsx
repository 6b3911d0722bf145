import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { api } from '@/api/client';
import { expanded, expandedAll, label } from '@/api/model';
import { tell } from '@/api/problem';
import { act, client, keys, useList, useModel, useRows, useSession } from '@/api/queries';
import type { Filter, Page, Rec } from '@/api/types';
import { beganViewAs } from '@/api/viewAs';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { MenuButton, type MenuItem } from '@/shared/Pop';
import { toast } from '@/shared/toast';
import { Avatar, Empty, SkeletonRows, Tag } from '@/shared/ui';
import { AdminPage, Body, Choice } from '../parts';
import { useA } from '../text';
import { InviteLink, type Invitation } from './InviteLink';
import { PersonDialog } from './PersonDialog';

/** The people of the workspace: invite, place, give roles, take away. */
export default function PeoplePage() {
  const a = useA();
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const session = useSession();
  const meta = model.object('user')!;
  const [text, setText] = useState('');
  const [status, setStatus] = useState('');
  const [dept, setDept] = useState('');
  const [dialog, setDialog] = useState<{ person?: Rec } | null>(null);
  const [invited, setInvited] = useState<{ name: string; invitation: Invitation } | null>(null);
  const filter = useMemo((): Filter | undefined => {
    const all: Filter[] = [];
    if (status) all.push({ field: 'status', op: 'eq', value: status });
    if (dept) all.push({ field: 'main_dept', op: 'within', value: dept });
    return all.length ? { and: all } : undefined;
  }, [status, dept]);
  const list = useList('user', { filter, q: text.trim() || undefined, sort: 'name', expand: 'roles,main_dept', limit: 100, count: 'capped' });
  const rows = useRows(list.data);
  const depts = useQuery({ queryKey: ['departments', 'options'], queryFn: () => api.get<Page>('/department', { limit: 200, sort: 'path', fields: 'name,path' }) });
  const again = () => void client.invalidateQueries({ queryKey: keys.lists('user') });
  const invite = async (rec: Rec) => {
    try {
      setInvited({ name: String(rec['name'] ?? ''), invitation: await api.post<Invitation>('/invitations', { user_id: rec.id }) });
    } catch (e) {
      tell(e, lang, 'user', model);
    }
  };
  const seeAs = (rec: Rec) => api.post('/session/view-as', { user_id: rec.id }).then(beganViewAs, (e: unknown) => tell(e, lang, 'user', model));
  const run = async (rec: Rec, action: string, said: 'people.disabled' | 'people.activated' | 'people.left') => {
    try {
      await act('user', rec.id, action);
      again();
      const back = action === 'disable' ? 'activate' : action === 'activate' ? 'disable' : undefined;
      toast(a(said, { name: String(rec['name']) }), back ? { undo: () => void act('user', rec.id, back).then(again).catch((e: unknown) => tell(e, lang, 'user', model)) } : {});
    } catch (e) {
      tell(e, lang, 'user', model);
    }
  };
  const may = meta.rights.edit;
  const items = (r: Rec): (MenuItem | 'line')[] => {
    const s = String(r['status']);
    const out: (MenuItem | 'line')[] = [{ key: 'edit', text: a('people.edit'), icon: 'edit', run: () => setDialog({ person: r }) }, { key: 'invite', text: a(s === 'invited' ? 'people.link' : 'people.newPassword'), icon: 'link', run: () => void invite(r) }];
    if (r.id === session.data?.user.id) return out;
    if (s === 'active' && session.data?.user.is_admin) out.push({ key: 'see', text: a('people.seeAs'), icon: 'eye', run: () => void seeAs(r) });
    out.push('line');
    if (s === 'invited' || s === 'disabled') out.push({ key: 'on', text: a('people.activate'), icon: 'check', run: () => void run(r, 'activate', 'people.activated') });
    if (s === 'invited' || s === 'active') out.push({ key: 'off', text: a('people.disable'), icon: 'lock', danger: true, run: () => void run(r, 'disable', 'people.disabled') });
    if (s === 'active' || s === 'disabled') out.push({ key: 'leave', text: a('people.leave'), icon: 'out', danger: true, run: () => void run(r, 'leave', 'people.left') });
    return out;
  };
  const statusField = model.field('user', 'status');
  return (
    <AdminPage title={t('settings.persons')} actions={meta.rights.create && <button type="button" className="btn p" onClick={() => setDialog({})}><Icon name="plus" />{a('people.invite')}</button>}>
      <Body label={t('settings.persons')}>
        <div className="adm-bar">
          <input data-search className="adm-in" type="search" placeholder={a('people.find')} aria-label={a('people.find')} value={text} onChange={(e) => setText(e.target.value)} />
          <Choice label={a('people.status')} value={status} options={[{ value: '', text: a('people.everyStatus') }, ...model.picks(statusField?.picklist).map((v) => ({ value: v.key, text: label(v.label, lang, v.key) }))]} onChange={setStatus} />
          <Choice label={a('people.dept')} value={dept} options={[{ value: '', text: a('people.everyDept') }, ...(depts.data?.data ?? []).map((d) => ({ value: d.id, text: `${'\u2003'.repeat(Math.max(0, String(d['path'] ?? '').split('/').length - 3))}${String(d['name'])}` }))]} onChange={setDept} />
        </div>
        {list.isPending ? <SkeletonRows /> : rows.length === 0 ? <Empty title={a('people.none')} text={a('people.noneText')} /> : (
          <table className="adm-table">
            <thead><tr><th scope="col">{a('people.person')}</th><th scope="col" className="hide">{a('people.dept')}</th><th scope="col" className="hide">{a('people.roles')}</th><th scope="col">{a('people.status')}</th><th scope="col" className="hide">{a('people.seen')}</th><th scope="col"><span className="sr">{t('list.more')}</span></th></tr></thead>
            <tbody>
              {rows.map((r) => {
                const s = model.pick(statusField?.picklist, r['status']);
                const seen = r['last_login_at'];
                const name = String(r['name']);
                return (
                  <tr key={r.id} data-person={r.id} className={r['status'] === 'active' || r['status'] === 'invited' ? '' : 'off'}>
                    <td className="wrap"><button type="button" className="name" disabled={!may} onClick={() => setDialog({ person: r })}><Avatar name={name} /><span className="col"><span className="el">{name}</span><span className="mut s12 el">{String(r['email'] ?? r['username'] ?? '')}</span></span></button></td>
                    <td className="hide sec">{expanded(r, 'main_dept')?.title}</td>
                    <td className="hide wrap"><span className="row" style={{ flexWrap: 'wrap', gap: 4 }}>{expandedAll(r, 'roles').map((x) => <Tag key={x.id}>{x.title}</Tag>)}</span></td>
                    <td><Tag colour={s?.color}>{label(s?.label, lang, String(r['status'] ?? ''))}</Tag></td>
                    <td className="hide mut num">{typeof seen === 'string' ? fmt.dateTimeWords(new Date(seen), lang) : ''}</td>
                    <td className="acts">{may && <MenuButton className="tap" label={a('people.menu', { name })} items={items(r)}><Icon name="more" /></MenuButton>}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        )}
        {list.hasNextPage && <button type="button" className="btn" style={{ marginTop: 12 }} onClick={() => void list.fetchNextPage()}>{t('timeline.more')}</button>}
      </Body>
      {dialog && <PersonDialog {...dialog} onClose={() => setDialog(null)} onDone={(rec) => { const fresh = !dialog.person; setDialog(null); again(); if (fresh) void invite(rec); else toast(a('people.saved', { name: String(rec['name']) })); }} />}
      {invited && <InviteLink {...invited} onClose={() => setInvited(null)} />}
    </AdminPage>
  );
}
