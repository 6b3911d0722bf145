import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { Fragment, useMemo, useState } from 'react';
import { api } from '@/api/client';
import { label } from '@/api/model';
import { tell } from '@/api/problem';
import { client, keys, useModel } from '@/api/queries';
import type { ObjectMeta, Rec } from '@/api/types';
import { Icon, objectIcon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { initials } from '@/shared/pinyin';
import { TabList, tabStop } from '@/shared/tabs';
import { toast } from '@/shared/toast';
import { SkeletonRows } from '@/shared/ui';
import { AdminPage, Body, Check } from '../parts';
import { useA, type AdminKey } from '../text';
import { SeeAs } from './SeeAs';
import { acts, differences, fieldRights, ofRecord, reaches, setField, setFlag, setFunction, setReach, type Act, type FieldRight, type Grants, type Reach } from './grants';
import { roleName } from './names';
import { rolesKey } from './RolesPage';
import './matrix.css';

/** Read with their record or by their person alone, whatever a role says: nothing to set. */
const talked = new Set(['comment', 'follower', 'notification']);
const functions: [string, AdminKey][] = [
  ['admin', 'fn.admin'], ['user.manage', 'fn.user'], ['role.manage', 'fn.role'], ['model.edit', 'fn.model'], ['audit.read', 'fn.audit'], ['field.reveal', 'fn.reveal'], ['export.unmasked', 'fn.unmasked'],
  ['duplicate.override', 'fn.duplicate'], ['import.set_state', 'fn.setState'], ['pool.admin', 'fn.pool'], ['pool.override_limit', 'fn.poolLimit'], ['assignment.manage', 'fn.assign'], ['quota.manage', 'fn.quota'], ['currency.override_rate', 'fn.rate'],
];

/** One role: objects by acts, each with its reach; below an object its fields; what belongs to no object. */
export default function RolePage() {
  const a = useA();
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const navigate = useNavigate();
  const { id } = useParams({ strict: false }) as { id: string };
  const role = useQuery({ queryKey: [...keys.aggregates('role'), id], queryFn: () => api.get<Rec>(`/role/${id}`), refetchOnWindowFocus: false });
  const [draft, setDraft] = useState<{ of: number; now: Grants; name: string } | null>(null);
  const [open, setOpen] = useState<string | null>(null);
  const [tab, setTab] = useState<'objects' | 'functions'>('objects');
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const was = useMemo(() => (role.data ? ofRecord(role.data) : null), [role.data]);
  if (!role.data || !was) return <AdminPage title={t('settings.roles')} crumbs={[{ to: '/settings/roles', text: t('settings.roles') }]}><SkeletonRows /></AdminPage>;
  const rec = role.data;
  const now = draft?.now ?? was;
  const name = draft?.name ?? String(rec['name']);
  const set = (next: Grants) => setDraft({ of: rec.version, now: next, name });
  const count = differences(was, now) + Number(name !== rec['name']);
  const admin = rec['code'] === 'admin';
  const may = model.object('role')?.rights.edit === true && !admin;
  const save = async () => {
    setBusy(true);
    const before = { object_perms: was.objects, field_perms: was.fields, functions: was.functions, name: rec['name'] };
    const put = (data: unknown, version?: number) => api.patch<Rec>(`/role/${id}`, data, version === undefined ? undefined : { 'If-Match': `"${version}"` });
    try {
      await put({ object_perms: now.objects, field_perms: now.fields, functions: now.functions, ...(name === rec['name'] ? {} : { name }) }, rec.version);
      await role.refetch();
      setDraft(null);
      void client.invalidateQueries({ queryKey: rolesKey });
      void client.invalidateQueries({ queryKey: keys.model });
      toast(a('role.saved'), { undo: () => void put(before).then(() => role.refetch()).then(() => toast(a('model.undone'))).catch((e: unknown) => tell(e, lang, 'role', model)) });
    } catch (e) {
      tell(e, lang, 'role', model);
    } finally {
      setBusy(false);
    }
  };
  const remove = () => void api.delete(`/role/${id}`).then(() => { void client.invalidateQueries({ queryKey: rolesKey }); return navigate({ to: '/settings/roles' }); }).catch((e: unknown) => tell(e, lang, 'role', model));
  const needle = text.trim().toLowerCase();
  const groups = [...model.doc.areas, { name: '', label: { en: 'Other', zh: '其他' } }].map((area) => ({ area, objects: model.doc.objects.filter((o) => !talked.has(o.name) && (o.area ?? '') === area.name && (!needle || label(o.label, lang, o.name).toLowerCase().includes(needle) || o.name.includes(needle) || initials(label(o.label, lang)).includes(needle))) })).filter((g) => g.objects.length);
  return (
    <AdminPage
      title={roleName({ ...rec, name }, lang)}
      crumbs={[{ to: '/settings/roles', text: t('settings.roles') }]}
      tag={rec['is_system'] === true ? <span className="tag">{a('role.system')}</span> : undefined}
      actions={
        <>
          <SeeAs role={id} />
          {may && rec['is_system'] !== true && <button type="button" className="btn q danger" onClick={remove}><Icon name="trash" />{t('act.remove')}</button>}
          {count > 0 && <button type="button" className="btn q" onClick={() => setDraft(null)}>{t('act.reset')}</button>}
          <button type="button" className="btn p" disabled={count === 0 || busy || !may} onClick={() => void save()}>{count ? a('role.save', { count }) : t('act.save')}</button>
        </>
      }
      tabs={
        <TabList className="tabs" label={a('role.role')}>
          <button type="button" role="tab" aria-selected={tab === 'objects'} tabIndex={tabStop(tab === 'objects')} onClick={() => setTab('objects')}>{a('role.tabObjects')}</button>
          <button type="button" role="tab" aria-selected={tab === 'functions'} tabIndex={tabStop(tab === 'functions')} onClick={() => setTab('functions')}>{a('role.tabFunctions')}</button>
        </TabList>
      }
    >
      <Body label={roleName(rec, lang)}>
        {admin && <div className="notice info" style={{ margin: '12px 0' }}><Icon name="shield" />{a('role.adminAll')}</div>}
        {tab === 'functions' ? (
          <div style={{ maxWidth: 560, marginTop: 12 }}>
            {rec['is_system'] !== true && <div className="adm-row" style={{ maxWidth: 320 }}><label htmlFor="role-name">{a('role.name')}</label><input id="role-name" className="adm-in" value={name} onChange={(e) => setDraft({ of: rec.version, now, name: e.target.value })} /></div>}
            {functions.map(([key, say]) => <Check key={key} label={a(say)} hint={key} checked={now.functions.includes(key)} disabled={!may} onChange={(on) => set(setFunction(now, key, on))} />)}
          </div>
        ) : (
          <>
            <div className="adm-bar" style={{ marginTop: 12 }}>
              <input data-search className="adm-in" type="search" placeholder={a('objects.find')} aria-label={a('objects.find')} value={text} onChange={(e) => setText(e.target.value)} />
              <span className="mut s12">{a('role.how')}</span>
            </div>
            <div className="matrix-wrap">
              <table className="matrix">
                <thead><tr><th scope="col">{a('objects.object')}</th><th scope="col">{a('act.create')}</th>{acts.map((x) => <th key={x} scope="col">{a(`act.${x}`)}</th>)}<th scope="col">{a('act.import')}</th><th scope="col">{a('act.plain')}</th></tr></thead>
                <tbody>
                  {groups.map((g) => (
                    <Fragment key={g.area.name}>
                      <tr className="matrix-area"><th scope="rowgroup" colSpan={acts.length + 4}>{label(g.area.label, lang, g.area.name)}</th></tr>
                      {g.objects.map((o) => (
                        <Fragment key={o.name}>
                          <ObjectLine o={o} now={now} was={was} may={may} open={open === o.name} onOpen={() => setOpen(open === o.name ? null : o.name)} set={set} />
                          {open === o.name && <tr className="matrix-fields"><td colSpan={acts.length + 4}><Fields o={o} now={now} may={may} set={set} /></td></tr>}
                        </Fragment>
                      ))}
                    </Fragment>
                  ))}
                </tbody>
              </table>
            </div>
          </>
        )}
      </Body>
    </AdminPage>
  );
}

interface LineProps {
  o: ObjectMeta;
  now: Grants;
  may: boolean;
  set: (g: Grants) => void;
}

function ObjectLine({ o, now, was, may, open, onOpen, set }: LineProps & { was: Grants; open: boolean; onOpen: () => void }) {
  const a = useA();
  const lang = useLang();
  const g = now.objects[o.name];
  // Without a line of its own an ownable object follows the line for all of them.
  const all = o.kind === 'ownable' ? (now.objects[o.name.endsWith('__c') && now.objects['*__c'] ? '*__c' : '*'] ?? undefined) : undefined;
  const name = label(o.label, lang, o.name);
  const fields = Object.keys(now.fields[o.name] ?? {}).length;
  const log = o.kind === 'log';
  const changed = JSON.stringify(g ?? null) !== JSON.stringify(was.objects[o.name] ?? null);
  const flag = (key: 'create' | 'import' | 'plain') => <input type="checkbox" aria-label={`${name}: ${a(`act.${key}`)}`} checked={(g ?? all)?.[key] === true} disabled={!may || (log && key !== 'plain')} onChange={(e) => set(setFlag(seed(), o.name, key, e.target.checked))} />;
  const seed = (): Grants => (g || !all ? now : { ...now, objects: { ...now.objects, [o.name]: { ...all } } });
  return (
    <tr data-object={o.name} className={`${changed ? 'changed' : ''}${!g && all ? ' follows' : ''}`}>
      <th scope="row">
        <button type="button" className="matrix-name" aria-expanded={open} onClick={onOpen}>
          <Icon name={open ? 'down' : 'right'} size={12} /><Icon name={objectIcon(o.icon, o.name)} /><span className="el">{name}</span>
          {fields > 0 && <span className="tag warn">{a('role.fields', { count: fields })}</span>}
        </button>
      </th>
      <td>{flag('create')}</td>
      {acts.map((x) => <td key={x}><ReachSelect value={(g ?? all)?.[x] ?? 'none'} label={`${name}: ${a(`act.${x}`)}`} disabled={!may || (log && x !== 'read' && x !== 'export')} onChange={(r) => set(setReach(seed(), o.name, x, r))} act={x} /></td>)}
      <td>{flag('import')}</td>
      <td>{flag('plain')}</td>
    </tr>
  );
}

function ReachSelect({ value, label: name, disabled, onChange }: { value: string; label: string; disabled: boolean; onChange: (r: Reach) => void; act: Act }) {
  const a = useA();
  const known = (reaches as readonly string[]).includes(value);
  return (
    <select className={`reach ${value}`} value={value} aria-label={name} disabled={disabled} onChange={(e) => onChange(e.target.value as Reach)}>
      {!known && <option value={value}>{value}</option>}
      {reaches.map((r) => <option key={r} value={r}>{a(`reach.${r}`)}</option>)}
    </select>
  );
}

function Fields({ o, now, may, set }: LineProps) {
  const a = useA();
  const lang = useLang();
  const own = now.fields[o.name] ?? {};
  return (
    <div className="matrix-grid">
      {o.fields.filter((f) => f.type !== 'id' && f.name !== 'version' && f.name !== 'deleted_at').map((f) => {
        const value = own[f.name] ?? '';
        const name = label(f.label, lang, f.name);
        return (
          <label key={f.name} className={value ? 'said' : ''}>
            <span className="el">{name}</span>
            <select className={`reach ${value}`} value={value} disabled={!may} aria-label={`${label(o.label, lang)}: ${name}`} onChange={(e) => set(setField(now, o.name, f.name, e.target.value as FieldRight | ''))}>
              <option value="">{a('right.object')}</option>
              {fieldRights.filter((r) => !(f.system && r === 'edit')).map((r) => <option key={r} value={r}>{a(`right.${r}`)}</option>)}
            </select>
          </label>
        );
      })}
    </div>
  );
}
