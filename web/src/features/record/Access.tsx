import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState, type ReactNode } from 'react';
import { expanded, expandedAll, inner, label, titleOf } from '@/api/model';
import { act, keys, useList, useModel, useReaders, useRows } from '@/api/queries';
import { tell } from '@/api/problem';
import type { FieldMeta, ObjectMeta, Reader, Rec } from '@/api/types';
import FieldInput from '@/fields/inputs';
import { Dialog } from '@/shared/Dialog';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { toast } from '@/shared/toast';
import { Avatar, SkeletonRows } from '@/shared/ui';

const personField: FieldMeta = { name: 'user_id', type: 'user', label: { en: 'Person', zh: '人员' }, access: 'edit', target: 'user' };

/** Who can see this record and why, as the server judges each person; and sharing it with one more. */
export default function Access({ object, rec, onClose }: { object: ObjectMeta; rec: Rec; onClose: () => void }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const qc = useQueryClient();
  const [who, setWho] = useState<string | null>(null);
  const [edit, setEdit] = useState(false);
  const here = { object: object.name, id: rec.id };
  const members = useList('team_member', { filter: { field: 'record', op: 'eq', value: here }, expand: 'user_id', limit: 50 }, model.object('team_member')?.rights.read === true && object.actions?.some((a) => a.name === 'add_member') === true);
  const shares = useList('record_share', { filter: { field: 'record', op: 'eq', value: here }, expand: 'grantee', limit: 50 }, model.object('record_share')?.rights.read === true);
  const team = useRows(members.data);
  const shared = useRows(shares.data);
  const readers = useReaders(object.name, rec.id);
  const asked = useReaders(object.name, rec.id, who ?? undefined, who !== null);
  const all = useMemo(() => readers.data?.pages.flatMap((p) => p.data) ?? [], [readers.data]);
  const has = (a: string) => object.actions?.some((x) => x.name === a) === true;
  const canShare = has('share') && (object.rights as Record<string, boolean>)['share'] === true;
  const canTeam = !canShare && has('add_member') && object.rights.edit;
  const fresh = () => {
    for (const k of ['team_member', 'record_share']) void qc.invalidateQueries({ queryKey: keys.lists(k) });
    void qc.invalidateQueries({ queryKey: keys.readers(object.name, rec.id) });
  };
  const fail = (e: unknown) => tell(e, lang, object.name, model);
  const add = () => {
    if (!who) return;
    const access = edit ? 'edit' : 'read';
    void (canShare ? act(object.name, rec.id, 'share', { grantee: { object: 'user', id: who }, access }) : act(object.name, rec.id, 'add_member', { user_id: who, access })).then(() => {
      fresh();
      setWho(null);
      toast(t('access.added'));
    }, fail);
  };
  const drop = (action: string, input: Record<string, unknown>) => void act(object.name, rec.id, action, input).then(() => { fresh(); toast(t('access.dropped')); }, fail);
  const level = (r: Rec, o: string) => label(model.pick(model.field(o, 'access')?.picklist, r['access'])?.label, lang, '');
  const until = (r: Rec) => (typeof r['expires_at'] === 'string' ? t('access.until', { day: fmt.date(new Date(r['expires_at']), lang) }) : '');
  const line = (key: string, name: string, why: string, more?: ReactNode) => (
    <li key={key}><Avatar name={name} /><div className="col sp"><span className="el">{name}</span><span className="s12 mut">{why}</span></div>{more}</li>
  );
  const why = (r: Reader) => r.why.map((w) => t(`access.why.${w.by}` as 'access.why.owner', { object: inner(label(model.object(w.object ?? '')?.label, lang, ''), lang) })).join(lang === 'zh-CN' ? '；' : '; ');
  const judged = who ? asked.data?.pages[0]?.data[0] : undefined;
  return (
    <Dialog
      title={t('access.title')}
      text={titleOf(object, rec)}
      onClose={onClose}
      onSubmit={add}
      width={520}
      foot={<><span className="sp" /><button type="button" className="btn" onClick={onClose}>{t('act.close')}</button></>}
    >
      {(canShare || canTeam) && (
        <div className="row access-add">
          <div className="sp"><FieldInput field={personField} value={who} model={model} lang={lang} onChange={(v) => setWho(typeof v === 'string' ? v : null)} /></div>
          <span className="seg" role="radiogroup" aria-label={t('access.level')}>
            <button type="button" role="radio" aria-checked={!edit} onClick={() => setEdit(false)}>{t('access.read')}</button>
            <button type="button" role="radio" aria-checked={edit} onClick={() => setEdit(true)}>{t('access.edit')}</button>
          </span>
          <button type="submit" className="btn p" disabled={!who}>{t('access.share')}</button>
        </div>
      )}
      {judged && <p className="s12 sec access-judged" aria-live="polite">{judged.read ? t(judged.edit ? 'access.seesEdits' : 'access.sees', { name: judged.user.name, why: why(judged) }) : t('access.seesNot', { name: judged.user.name })}</p>}
      {team.length + shared.length > 0 && <h3 className="sect">{t('access.given')}</h3>}
      <ul className="access">
        {team.map((r) => line(r.id, expanded(r, 'user_id')?.title ?? '', [t('access.team'), label(model.pick(model.field('team_member', 'role')?.picklist, r['role'])?.label, lang, ''), level(r, 'team_member'), until(r)].filter(Boolean).join(' · '),
          has('remove_member') && object.rights.edit ? <button type="button" className="tap" aria-label={t('access.drop', { name: expanded(r, 'user_id')?.title ?? '' })} onClick={() => drop('remove_member', { user_id: r['user_id'] })}><Icon name="x" size={14} /></button> : null))}
        {shared.map((r) => line(r.id, expandedAll(r, 'grantee')[0]?.title ?? '', [t('access.sharedBy'), level(r, 'record_share'), until(r), typeof r['reason'] === 'string' ? r['reason'] : ''].filter(Boolean).join(' · '),
          canShare ? <button type="button" className="tap" aria-label={t('access.drop', { name: expandedAll(r, 'grantee')[0]?.title ?? '' })} onClick={() => drop('unshare', { grantee: r['grantee'] })}><Icon name="x" size={14} /></button> : null))}
      </ul>
      <h3 className="sect">{t('access.readers')} {!readers.hasNextPage && readers.data && <span className="ct">{all.length}</span>}</h3>
      {readers.isPending ? <SkeletonRows rows={4} /> : (
        <ul className="access">
          {all.map((r) => line(r.user.id, r.user.name, why(r), r.edit ? <span className="tag">{t('access.edit')}</span> : null))}
        </ul>
      )}
      {readers.hasNextPage && <button type="button" className="btn s" disabled={readers.isFetchingNextPage} onClick={() => void readers.fetchNextPage()}>{t('access.more')}</button>}
    </Dialog>
  );
}
