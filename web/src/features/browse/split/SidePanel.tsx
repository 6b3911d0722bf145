import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { expandParam, label, titleOf } from '@/api/model';
import { useHistory, useList, useModel, useRecord, useRows } from '@/api/queries';
import { unread } from '@/api/problem';
import type { FieldMeta, Rec } from '@/api/types';
import { isBlank, valueText } from '@/fields/display';
import { FieldValue } from '@/fields/FieldValue';
import { open as openLayer } from '@/shared/commands';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { Empty, Mark, Tag } from '@/shared/ui';
import { open as openFor, shownIn } from '@/fields/conditions/conditions';
import { CellEditor } from '../CellEditor';
import { inCell } from '../table/useBlocks';
import type { Browse } from '../useBrowse';
import './split.css';

/** The record one stands on, beside the list: who it is, the facts (editable in place), what happened last. */
export default function SidePanel({ browse, id }: { browse: Browse; id: string }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const { object } = browse;
  const fields = useMemo(() => panelFields(browse, (n) => model.field(object.name, n)), [browse, model, object.name]);
  const subtitle = (object.subtitle ?? []).map((n) => model.field(object.name, n)).filter((f): f is FieldMeta => f !== undefined);
  const rec = useRecord(object.name, id, expandParam([...fields, ...subtitle]));
  const [editing, setEditing] = useState<string | null>(null);
  const close = () => browse.set({ open: undefined });
  if (rec.error && !rec.data) {
    const w = unread(rec.error, lang, object.name, model);
    return (
      <aside className="panel" aria-label={t('split.panel')}>
        <Empty drawing="search" title={w.title} text={w.lines.join(' ')}><button type="button" className="btn" onClick={close}>{t('act.close')}</button></Empty>
      </aside>
    );
  }
  const r = rec.data;
  if (!r) return <aside className="panel" aria-label={t('split.panel')} aria-busy="true"><div className="panel-in"><span className="skel" style={{ width: '60%' }} /></div></aside>;
  const title = titleOf(object, r) || t('value.untitled');
  const tags = Array.isArray(r['tags']) ? (r['tags'] as string[]) : [];
  const call = phoneOf(r, object.fields);
  const mail = object.fields.find((f) => f.type === 'email' && typeof r[f.name] === 'string' && !r.$masked?.includes(f.name));
  return (
    <aside className="panel" aria-label={t('split.panel')}>
      <div className="panel-in">
        <header className="row panel-head">
          <Mark title={title} />
          <div className="col" style={{ flex: 1 }}>
            <h2 className="el">{title}</h2>
            <p className="mut s12 el">{subtitle.map((f) => valueOf(f, r, model, lang)).filter(Boolean).join(' · ')}</p>
          </div>
        </header>
        {tags.length > 0 && <div className="row wrap">{tags.map((x) => <Tag key={x}>{x}</Tag>)}</div>}
        <div className="row">
          {model.object('follow_up')?.rights.create && (
            <button type="button" className="btn p s" onClick={() => openLayer({ kind: 'followUp', object: object.name, id, title })}><Icon name="edit" />{t('follow.log')}<kbd aria-hidden="true">F</kbd></button>
          )}
          {call && <a className="btn s ic" href={`tel:${call}`} aria-label={t('split.call')} title={call}><Icon name="phone" /></a>}
          {mail && <a className="btn s ic" href={`mailto:${String(r[mail.name])}`} aria-label={t('split.mail')} title={String(r[mail.name])}><Icon name="mail" /></a>}
          <span className="sp" />
          <Link className="btn s q" to="/o/$object/$id" params={{ object: object.name, id }}>{t('act.open')}<kbd aria-hidden="true">O</kbd></Link>
          <button type="button" className="tap" aria-label={t('act.close')} onClick={close}><Icon name="x" /></button>
        </div>
        <dl className="panel-facts">
          {fields.filter((f) => shownIn(f, r, model)).map((f) => {
            const can = object.rights.edit && inCell(f) && openFor(f, r, model) && !r.$masked?.includes(f.name);
            const name = label(f.label, lang, f.name);
            return (
              <div key={f.name}>
                <dt className="el" title={name}>{name}</dt>
                <dd>
                  {editing === f.name ? (
                    <CellEditor object={object.name} field={f} rec={r} onStop={() => setEditing(null)} onTab={() => setEditing(null)} />
                  ) : can ? (
                    <button type="button" className="panel-value el" aria-label={t('edit.field', { field: name })} onClick={() => setEditing(f.name)}>
                      <FieldValue object={object.name} field={f} rec={r} model={model} lang={lang} dense blank={<span className="mut">–</span>} />
                    </button>
                  ) : <span className="panel-still el"><FieldValue object={object.name} field={f} rec={r} model={model} lang={lang} dense links blank={<span className="mut">–</span>} /></span>}
                </dd>
              </div>
            );
          })}
        </dl>
      </div>
      <Recent browse={browse} id={id} />
    </aside>
  );
}

function valueOf(f: FieldMeta, r: Rec, model: Parameters<typeof valueText>[2], lang: Parameters<typeof valueText>[3]): string {
  const e = r.$expand?.[f.name];
  if (e) return Array.isArray(e) ? e.map((x) => x.title).join(', ') : e.title;
  return isBlank(r[f.name]) ? '' : valueText(f, r[f.name], model, lang);
}

function phoneOf(r: Rec, fields: FieldMeta[]): string | undefined {
  for (const f of fields) {
    const v = r[f.name] as { e164?: string | null; raw?: string } | null | undefined;
    if (f.type === 'phone' && v && typeof v === 'object' && !r.$masked?.includes(f.name)) return v.e164 ?? v.raw;
  }
  return undefined;
}

/** Key facts first, then the columns of the list, then a few fields more; the title and what the head says already stay out. */
function panelFields(browse: Browse, field: (name: string) => FieldMeta | undefined): FieldMeta[] {
  const { object } = browse;
  const names = [...(object.facts ?? []), ...browse.columns.map((f) => f.name), 'primary_contact_id', 'phone', 'email', 'next_step', 'source'];
  const skip = new Set([object.title, 'tags', 'updated_at']);
  return [...new Set(names)].filter((n) => !skip.has(n)).map(field).filter((f): f is FieldMeta => f !== undefined).slice(0, 14);
}

/** The last follow-ups and changes. */
function Recent({ browse, id }: { browse: Browse; id: string }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const { object } = browse;
  const follow = model.object('follow_up')?.rights.read === true;
  const said = useList('follow_up', { filter: { field: 'target', op: 'eq', value: { object: object.name, id } }, sort: '-occurred_at', limit: 5, expand: 'owner_id' }, follow);
  const history = useHistory(object.name, id);
  const ups = useRows(said.data);
  const items = [
    ...ups.map((r) => ({ id: r.id, at: String(r['occurred_at'] ?? r.created_at), kind: 'follow' as const, title: String(label(model.pick(model.field('follow_up', 'follow_type')?.picklist, r['follow_type'])?.label, lang, t('timeline.follow'))), who: nameOf(r), text: String(r['content'] ?? '') })),
    ...(history.data?.pages[0]?.data ?? []).slice(0, 8).map((h) => ({
      id: `h${h.seq}`, at: h.at, kind: h.actor?.id ? ('change' as const) : ('auto' as const), title: has(h.op) ? t(`timeline.op.${h.op}`) : h.op, who: h.actor?.name ?? t('timeline.system'),
      text: h.changes.filter((c) => model.field(object.name, c.field)).slice(0, 3).map((c) => `${label(model.field(object.name, c.field)?.label, lang, c.field)}${lang === 'zh-CN' ? '：' : ': '}${idLike(c.after) ? '…' : valueText(model.field(object.name, c.field), c.after, model, lang)}`).join(lang === 'zh-CN' ? '；' : '; '),
    })),
  ].sort((a, b) => b.at.localeCompare(a.at)).slice(0, 8);
  return (
    <section className="panel-recent" aria-label={t('record.timeline')}>
      <h3 className="sect">{t('record.timeline')}<span className="sp" /><Link className="link s12" to="/o/$object/$id" params={{ object: object.name, id }}>{t('split.all')}</Link></h3>
      {items.length === 0 && <p className="mut s12">{t('timeline.none')}</p>}
      <ul>
        {items.map((x) => (
          <li key={x.id}>
            <span className={`panel-mark ${x.kind}`}><Icon name={x.kind === 'follow' ? 'chat' : x.kind === 'auto' ? 'bolt' : 'edit'} size={14} /></span>
            <div className="col">
              <div className="row"><b className="b el">{x.title}</b><span className="sp" /><time className="mut s12 num" dateTime={x.at}>{fmt.dateTimeWords(new Date(x.at), lang)}</time></div>
              {x.text && <p className="panel-text">{x.text}</p>}
              <p className="mut s12 el">{x.who}</p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

const ops = ['create', 'update', 'delete', 'restore', 'merge'] as const;
function has(op: string): op is (typeof ops)[number] {
  return (ops as readonly string[]).includes(op);
}
function idLike(v: unknown): boolean {
  return typeof v === 'string' && /^[0-9a-f]{8}-[0-9a-f]{4}-/.test(v);
}
function nameOf(r: Rec): string {
  const e = r.$expand?.['owner_id'];
  return Array.isArray(e) ? '' : (e?.title ?? '');
}
