import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, Problem } from '@/api/client';
import { fieldErrors, words } from '@/api/problem';
import { keys, useModel } from '@/api/queries';
import type { AggregateAnswer, Page, Rec } from '@/api/types';
import { Dialog } from '@/shared/Dialog';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { SkeletonRows } from '@/shared/ui';
import { propose } from '../objects/names';
import { AdminPage, Body, Choice, Row } from '../parts';
import { useA } from '../text';
import { roleName } from './names';

export const rolesKey = [...keys.aggregates('role'), 'all'];
export const fetchRoles = async () => (await api.get<Page>('/role', { limit: 200, sort: 'name' })).data;

/** The roles: who has them, what they grant. */
export default function RolesPage() {
  const a = useA();
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const roles = useQuery({ queryKey: rolesKey, queryFn: fetchRoles });
  const heads = useQuery({ queryKey: [...keys.aggregates('user'), 'by role'], queryFn: () => api.post<AggregateAnswer>('/user/aggregate', { group: ['roles'], measures: [{ fn: 'count' }], limit: 200 }), retry: false });
  const [adding, setAdding] = useState(false);
  const count = new Map((heads.data?.groups ?? []).map((g) => [g.key['roles'], g.values[0]]));
  return (
    <AdminPage title={t('settings.roles')} actions={model.object('role')?.rights.create && <button type="button" className="btn p" disabled={!roles.data} onClick={() => setAdding(true)}><Icon name="plus" />{a('role.new')}</button>}>
      <Body label={t('settings.roles')}>
        <p className="adm-lead">{a('role.lead')}</p>
        {!roles.data ? <SkeletonRows /> : (
          <table className="adm-table">
            <thead><tr><th scope="col">{a('role.role')}</th><th scope="col" className="hide">{a('role.code')}</th><th scope="col">{a('role.objects')}</th><th scope="col">{a('role.people')}</th></tr></thead>
            <tbody>
              {roles.data.map((r) => (
                <tr key={r.id}>
                  <td><Link className="name" to="/settings/roles/$id" params={{ id: r.id }}><Icon name="shield" /><span className="el">{roleName(r, lang)}</span>{r['is_system'] === true && <span className="tag">{a('role.system')}</span>}</Link></td>
                  <td className="hide"><span className="api">{String(r['code'])}</span></td>
                  <td className="num sec">{r['code'] === 'admin' ? a('role.everything') : Object.keys((r['object_perms'] as object | null) ?? {}).length}</td>
                  <td className="num">{r['code'] === 'internal' ? a('role.everybody') : (count.get(r.id) ?? (heads.isError ? '' : 0))}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Body>
      {adding && roles.data && <NewRole roles={roles.data} onClose={() => setAdding(false)} />}
    </AdminPage>
  );
}

function NewRole({ roles, onClose }: { roles: Rec[]; onClose: () => void }) {
  const a = useA();
  const t = useT();
  const lang = useLang();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [from, setFrom] = useState('');
  const [wrong, setWrong] = useState('');
  const save = async () => {
    const base = roles.find((r) => r.id === from);
    const code = propose(name, name, new Set(roles.map((r) => `${String(r['code'])}__c`))).replace(/__c$/, '');
    try {
      const made = await api.post<Rec>('/role', { name: name.trim(), code, object_perms: base?.['object_perms'] ?? {}, field_perms: base?.['field_perms'] ?? {}, functions: base?.['functions'] ?? [] });
      onClose();
      await navigate({ to: '/settings/roles/$id', params: { id: made.id } });
    } catch (e) {
      setWrong(e instanceof Problem ? (Object.values(fieldErrors(e.body))[0] ?? words(e, lang).title) : t('error.page'));
    }
  };
  return (
    <Dialog title={a('role.new')} text={a('role.newText')} onClose={onClose} onSubmit={() => void (name.trim() && save())} foot={<><span className="sp" /><button type="button" className="btn q" onClick={onClose}>{t('act.cancel')}</button><button type="submit" className="btn p" disabled={!name.trim()}>{a('role.add')}</button></>}>
      <Row label={a('role.name')} error={wrong || undefined} need>{(id, by) => <input id={id} className="adm-in" data-autofocus aria-describedby={by} value={name} onChange={(e) => setName(e.target.value)} />}</Row>
      <Row label={a('role.from')}>{(id) => <Choice id={id} value={from} options={[{ value: '', text: a('role.fromNone') }, ...roles.filter((r) => r['code'] !== 'admin').map((r) => ({ value: r.id, text: roleName(r, lang) }))]} onChange={setFrom} />}</Row>
    </Dialog>
  );
}
