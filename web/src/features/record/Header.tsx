import { useNavigate } from '@tanstack/react-router';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { api } from '@/api/client';
import { discussable, expandedAll, inner, label, plural } from '@/api/model';
import { keys, useModel, useRemove } from '@/api/queries';
import { tell } from '@/api/problem';
import type { ActionMeta, FieldMeta, ObjectMeta, Rec } from '@/api/types';
import { isBlank, showValue } from '@/fields/display';
import { editable } from '@/fields/editable';
import { FieldValue } from '@/fields/FieldValue';
import { Faces } from '@/features/talk/Faces';
import { Follow } from '@/features/talk/Follow';
import { open } from '@/shared/commands';
import { Icon, objectIcon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { MenuButton, type MenuItem } from '@/shared/Pop';
import { phone } from '@/shared/prefs';
import { useStore } from '@/shared/store';
import { toast } from '@/shared/toast';
import { Mark } from '@/shared/ui';
import { favourites, toggleFavourite } from '@/shared/visits';
import { VisitAct } from './VisitAct';

const ActionDialog = lazy(() => import('./ActionDialog'));
const Access = lazy(() => import('./Access'));

/** Actions that other parts of the page run, or whose input is no form. */
const elsewhere = new Set(['move_stage', 'restore', 'restore_value', 'restore_record', 'merge', 'unmerge', 'link', 'unlink', 'add_member', 'remove_member', 'share', 'unshare', 'set_splits', 'follow', 'unfollow', 'look']);
/** What has a meaning only for a record that waits in a pool, for one somebody owns, for one that will fall back, one that is locked. */
const ofPools: Record<string, (rec: Rec) => boolean> = {
  claim: (rec) => rec['in_pool'] === true,
  move_to_pool: (rec) => rec['in_pool'] === true,
  return_to_pool: (rec) => rec['in_pool'] !== true,
  take_back: (rec) => rec['in_pool'] !== true,
  extend_protection: (rec) => !isBlank(rec['recycle_due_on']),
  lock_from_pool: (rec) => !isBlank(rec['recycle_due_on']),
  unlock_from_pool: (rec) => rec['is_private_locked'] === true,
};
const dealEnds = new Set(['win', 'lose', 'abandon', 'reopen']);

function offered(a: ActionMeta): boolean {
  if (a.scope !== 'record' || elsewhere.has(a.name)) return false;
  return !Object.values(a.input?.properties ?? {}).some((p) => p.type === 'object' || p.type === 'array');
}

/** Values of a record as the start of a new one: what a person writes, without what must be unique or belongs to the old one. */
export function copyValues(object: ObjectMeta, rec: Rec, copyOf: (name: string) => string): { values: Record<string, unknown>; titles: Record<string, string> } {
  const values: Record<string, unknown> = {};
  const titles: Record<string, string> = {};
  const never = new Set(['external_id', 'source_system', 'is_locked', 'next_follow_at', object.status ?? '', object.board ?? '']);
  for (const f of object.fields) {
    if (!editable(f) || never.has(f.name) || (f as { unique?: boolean }).unique || isBlank(rec[f.name]) || rec.$masked?.includes(f.name) || f.type === 'file' || f.type === 'img') continue;
    values[f.name] = f.name === object.title && f.type === 'text' ? copyOf(String(rec[f.name])) : rec[f.name];
    const one = expandedAll(rec, f.name)[0];
    if (one) titles[f.name] = one.title;
  }
  return { values, titles };
}

/** Who this is, in what state, and what can be done with it. */
export function Header({ object, rec, title, onLog }: { object: ObjectMeta; rec: Rec; title: string; onLog: (() => void) | undefined }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const qc = useQueryClient();
  const navigate = useNavigate();
  const small = useStore(phone);
  const remove = useRemove(object.name);
  const here = `/o/${object.name}/${rec.id}`;
  const starred = useStore(favourites).some((f) => f.path === here);
  const [action, setAction] = useState<ActionMeta | null>(null);
  const [access, setAccess] = useState(false);
  const titleField = model.field(object.name, object.title);
  const subtitle = (object.subtitle ?? []).map((n) => model.field(object.name, n)).filter((f): f is FieldMeta => f !== undefined && !isBlank(rec[f.name]));
  const marks = object.fields.filter((f) => (f.type === 'pick' || f.type === 'tags') && !isBlank(rec[f.name]) && (f.name === object.status || f.name === 'level' || f.type === 'tags' || f.name === 'opp_type')).slice(0, 3);
  const state = object.status ? rec[object.status] : undefined;
  const closed = !isBlank(rec['outcome']);
  const actions = (object.actions ?? []).filter((a) => offered(a) && (!a.from?.length || a.from.includes(String(state))) && (!('outcome' in rec) || !dealEnds.has(a.name) || (a.name === 'reopen') === closed) && (ofPools[a.name]?.(rec) ?? true));
  const gone = rec['deleted_at'] !== undefined && rec['deleted_at'] !== null;
  const restore = () =>
    void api.post(`/${object.name}/${rec.id}/actions/restore`).then(() => {
      void qc.invalidateQueries({ queryKey: keys.lists(object.name) });
      void qc.invalidateQueries({ queryKey: keys.record(object.name, rec.id) });
      toast(t('record.restored', { name: title }));
    }).catch((e: unknown) => tell(e, lang, object.name, model));
  const drop = () =>
    remove.mutate(rec.id, {
      onSuccess: () => {
        void navigate({ to: '/o/$object', params: { object: object.name } });
        toast(t('record.removed', { name: title }), { undo: restore });
      },
      onError: (e) => tell(e, lang, object.name, model),
    });
  const items: (MenuItem | 'line')[] = actions.map((a) => ({ key: a.name, text: label(a.label, lang, a.name), run: () => setAction(a) }));
  if (items.length) items.push('line');
  if (object.rights.create) items.push({ key: 'duplicate', text: t('record.copy'), icon: 'copy', run: () => open({ kind: 'create', object: object.name, ...copyValues(object, rec, (n) => t('record.copyName', { name: n })) }) });
  if (!gone && object.rights.merge && object.actions?.some((a) => a.name === 'merge')) items.push({ key: 'merge', text: t('record.merge'), icon: 'copy', run: () => open({ kind: 'merge', object: object.name, ids: [rec.id] }) });
  items.push({ key: 'copy', text: t('record.copyLink'), icon: 'link', run: () => void navigator.clipboard?.writeText(location.href).then(() => toast(t('record.copied'))) });
  items.push({ key: 'access', text: t('access.title'), icon: 'eye', run: () => setAccess(true) });
  if (!small) items.push({ key: 'print', text: t('record.print'), icon: 'file', run: () => window.print() });
  if (object.rights.delete && !gone) items.push('line', { key: 'delete', text: t('act.remove'), icon: 'trash', danger: true, run: drop });
  const back = t('record.back', { name: inner(plural(object, lang), lang) });
  const deal = model.object('opportunity');
  return (
    <header className="rhead">
      <button type="button" className="tap" aria-label={back} title={back} onClick={() => (history.length > 1 ? history.back() : void navigate({ to: '/o/$object', params: { object: object.name } }))}>
        <Icon name="left" />
      </button>
      <Mark title={title} {...(object.name === 'account' || object.name === 'contact' ? {} : { icon: objectIcon(object.icon, object.name) })} />
      <div className="col" style={{ flex: 1 }}>
        <div className="row rtitle">
          <h1 className="el">{titleField ? <FieldValue object={object.name} field={titleField} rec={rec} model={model} lang={lang} dense blank={title} /> : title}</h1>
          {!gone && (
            <button type="button" className="tap rstar" aria-pressed={starred} aria-label={starred ? t('record.starOn') : t('nav.star')} title={starred ? t('record.starOn') : t('nav.star')} onClick={() => toggleFavourite({ path: here, title, object: object.name })}>
              <Icon name="star" />
            </button>
          )}
          {!gone && discussable(object) && model.object('follower') && <Follow key={rec.id} object={object} rec={rec} />}
          {marks.map((f) => (f.type === 'tags' ? <span key={f.name}>{showValue({ field: f, rec, model, lang, dense: true })}</span> : (
            <span key={f.name} className={`tag${f.name === object.status ? ' brand' : ''}`}>{label(model.pick(f.picklist, rec[f.name])?.label, lang, String(rec[f.name]))}</span>
          )))}
        </div>
        {subtitle.length > 0 && (
          <span className="s12 mut el rsub">
            {subtitle.map((f, i) => <span key={f.name}>{i > 0 && ' · '}<FieldValue object={object.name} field={f} rec={rec} model={model} lang={lang} dense links /></span>)}
          </span>
        )}
      </div>
      {!gone && <Faces object={object.name} id={rec.id} />}
      {!gone && !small && <VisitAct object={object} rec={rec} className="btn p" />}
      {gone && <button type="button" className="btn" onClick={restore}><Icon name="undo" />{t('record.restore')}</button>}
      {!small && object.name === 'account' && deal?.rights.create && (
        <button type="button" className="btn rwide" onClick={() => open({ kind: 'create', object: 'opportunity', values: { account_id: rec.id }, titles: { account_id: title } })}><Icon name="target" />{t('act.newOf', { name: inner(label(deal.label, lang), lang) })}</button>
      )}
      <MenuButton className="btn ic" label={t('list.more')} items={items}><Icon name="more" /></MenuButton>
      {onLog && !small && <button type="button" className="btn p" onClick={() => (document.querySelector<HTMLElement>('[data-composer]') ?? { focus: onLog }).focus()}><Icon name="edit" />{t('follow.log')}<kbd aria-hidden="true">F</kbd></button>}
      <Suspense>
        {action && <ActionDialog object={object} rec={rec} action={action} onClose={() => setAction(null)} />}
        {access && <Access object={object} rec={rec} onClose={() => setAccess(false)} />}
      </Suspense>
    </header>
  );
}
