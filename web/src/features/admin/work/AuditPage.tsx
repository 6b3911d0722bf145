import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Fragment, useMemo, useState } from 'react';
import { api } from '@/api/client';
import { head } from '@/api/live';
import { label } from '@/api/model';
import { useModel, useTitlesOf } from '@/api/queries';
import type { HistoryEntry, Page } from '@/api/types';
import { showValue } from '@/fields/display';
import * as fmt from '@/shared/format';
import { Icon, objectIcon } from '@/shared/icons';
import { has, tDynamic, useLang, useT } from '@/shared/i18n';
import { useStore } from '@/shared/store';
import { Empty, SkeletonRows, Tag } from '@/shared/ui';
import { AdminPage, Body, Choice } from '../parts';
import { useA } from '../text';

interface Entry {
  seq: number;
  at: string;
  object: string;
  id: string;
  op: string;
  fields: string[];
  actor: { id: string | null; via: string };
  act: string | null;
}

const WINDOW = 500;

/** Who changed what, when: the change log backwards, filtered by person, object, act and field. */
export default function AuditPage() {
  const a = useA();
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const top = useStore(head);
  const [start, setStart] = useState<number | null>(null);
  const from = start ?? top;
  const [who, setWho] = useState('');
  const [what, setWhat] = useState('');
  const [op, setOp] = useState('');
  const [open, setOpen] = useState<number | null>(null);
  const people = useQuery({ queryKey: ['people', 'names'], queryFn: async () => (await api.get<Page>('/user', { limit: 200, sort: 'name', fields: 'name' })).data.map((r) => ({ id: r.id, name: String(r['name']) })) });
  const log = useInfiniteQuery({
    queryKey: ['audit', from],
    queryFn: async ({ pageParam }) => {
      const after = Math.max(0, pageParam - WINDOW);
      const answer = await api.get<{ data: Entry[] }>('/changes', { after, limit: 1000 });
      return { rows: answer.data.filter((e) => e.seq > after && e.seq <= pageParam).reverse(), after };
    },
    initialPageParam: from,
    getNextPageParam: (last) => (last.after > 0 ? last.after : undefined),
    enabled: from > 0,
    staleTime: Infinity,
  });
  const name = useMemo(() => new Map((people.data ?? []).map((p) => [p.id, p.name])), [people.data]);
  const all = (log.data?.pages ?? []).flatMap((p) => p.rows);
  const rows = all.filter((e) => (!who || (who === 'system' ? !e.actor.id : e.actor.id === who)) && (!what || e.object === what) && (!op || e.op === op)).slice(0, 500);
  const wanted = useMemo(() => {
    const by = new Map<string, Set<string>>();
    for (const e of rows.slice(0, 150)) by.set(e.object, (by.get(e.object) ?? new Set()).add(e.id));
    return [...by].map(([o, ids]): [string, string[]] => [o, [...ids].slice(0, 150)]);
  }, [rows]);
  const titles = useTitlesOf(wanted);
  const opName = (x: string) => (has(`timeline.op.${x}`) ? tDynamic(`timeline.op.${x}`) : x);
  const tone = (x: string) => (x === 'create' ? 'green' : x === 'delete' || x === 'purge' ? 'red' : x === 'restore' ? 'blue' : 'grey');
  const objects = model.doc.objects.map((o) => ({ value: o.name, text: label(o.label, lang, o.name) })).sort((x, y) => x.text.localeCompare(y.text, lang));
  return (
    <AdminPage title={t('settings.audit')} actions={top > from && <button type="button" className="btn" onClick={() => setStart(top)}>{a('audit.newer', { count: top - from })}</button>}>
      <Body label={t('settings.audit')}>
        <div className="adm-bar">
          <Choice label={a('audit.who')} value={who} options={[{ value: '', text: a('audit.everybody') }, { value: 'system', text: t('timeline.system') }, ...(people.data ?? []).map((p) => ({ value: p.id, text: p.name }))]} onChange={setWho} />
          <Choice label={a('objects.object')} value={what} options={[{ value: '', text: a('bin.everything') }, ...objects]} onChange={setWhat} />
          <Choice label={a('audit.act')} value={op} options={[{ value: '', text: a('audit.everyAct') }, ...(['create', 'update', 'delete', 'restore', 'merge'] as const).map((x) => ({ value: x, text: opName(x) }))]} onChange={setOp} />
          {model.object('login_log')?.rights.read && <Link className="btn q s" to="/o/$object" params={{ object: 'login_log' }}><Icon name="key" />{a('audit.logins')}</Link>}
        </div>
        {log.isPending ? <SkeletonRows /> : rows.length === 0 && !log.hasNextPage ? <Empty title={a('audit.none')} text={a('audit.noneText')} /> : (
          <table className="adm-table">
            <thead><tr><th scope="col">{a('audit.when')}</th><th scope="col">{a('audit.who')}</th><th scope="col">{a('audit.act')}</th><th scope="col">{a('bin.record')}</th><th scope="col" className="hide">{a('audit.fields')}</th></tr></thead>
            <tbody>
              {rows.map((e) => {
                const o = model.object(e.object);
                const fields = e.fields.filter((f) => !['created_at', 'updated_at', 'created_by', 'updated_by', 'version'].includes(f)).map((f) => label(model.field(e.object, f)?.label, lang, f));
                return (
                  <Fragment key={e.seq}>
                    <tr data-seq={e.seq}>
                      <td className="num nowrap">{e.op === 'note' ? fmt.dateTimeWords(new Date(e.at), lang) : <button type="button" className="name" aria-expanded={open === e.seq} onClick={() => setOpen(open === e.seq ? null : e.seq)}><Icon name={open === e.seq ? 'down' : 'right'} size={12} />{fmt.dateTimeWords(new Date(e.at), lang)}</button>}</td>
                      <td className="nowrap">{e.actor.id ? (name.get(e.actor.id) ?? '…') : t('timeline.system')} {e.actor.id && e.actor.via !== 'web' && <span className="mut s12">{e.actor.via}</span>}</td>
                      <td><Tag colour={tone(e.op)}>{e.act === 'session.view_as' ? a('audit.view_as') : e.act === 'session.view_as_ended' ? a('audit.view_as_ended') : opName(e.op)}</Tag></td>
                      <td><Link className="name" to="/o/$object/$id" params={{ object: e.object, id: e.id }}><Icon name={objectIcon(o?.icon, e.object)} /><span className="el">{titles.get(e.id) || label(o?.label, lang, e.object)}</span></Link></td>
                      <td className="hide sec wrap">{e.op === 'update' ? fields.slice(0, 4).join(', ') : ''}{e.op === 'update' && fields.length > 4 ? ` +${fields.length - 4}` : ''}</td>
                    </tr>
                    {open === e.seq && <tr><td colSpan={5} className="wrap"><Before entry={e} /></td></tr>}
                  </Fragment>
                );
              })}
            </tbody>
          </table>
        )}
        {log.hasNextPage && <button type="button" className="btn" style={{ marginTop: 12 }} disabled={log.isFetching} onClick={() => void log.fetchNextPage()}>{t('timeline.more')}</button>}
      </Body>
    </AdminPage>
  );
}

/** Values before and after, from the record's own history. */
function Before({ entry }: { entry: Entry }) {
  const a = useA();
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const one = useQuery({
    queryKey: ['audit', 'entry', entry.seq],
    queryFn: async () => (await api.get<{ data: HistoryEntry[] }>(`/${entry.object}/${entry.id}/history`, { limit: 50, cursor: entry.seq + 1 })).data.find((h) => h.seq === entry.seq) ?? null,
    retry: false,
    staleTime: Infinity,
  });
  if (one.isPending) return <span className="mut">{t('state.loading')}</span>;
  if (!one.data) return <span className="mut">{a('audit.gone')}</span>;
  const value = (field: string, v: unknown) => {
    const f = model.field(entry.object, field);
    return v === null || v === undefined ? <span className="mut">{t('value.blank')}</span> : f ? showValue({ field: f, rec: { id: entry.id, version: 0, [field]: v }, model, lang, dense: false, link: undefined }) : JSON.stringify(v);
  };
  return (
    <dl className="audit-diff">
      {one.data.changes.filter((c) => !['updated_at', 'updated_by'].includes(c.field)).map((c) => (
        <div key={c.field}><dt>{label(model.field(entry.object, c.field)?.label, lang, c.field)}</dt><dd><del>{value(c.field, c.before)}</del> <Icon name="arrow" size={12} /> <span>{value(c.field, c.after)}</span></dd></div>
      ))}
    </dl>
  );
}
