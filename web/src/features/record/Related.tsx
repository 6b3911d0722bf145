import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { expandParam, inner, label, plural, titleOf } from '@/api/model';
import { unread } from '@/api/problem';
import { useList, useModel, useRows } from '@/api/queries';
import type { FieldMeta, ObjectMeta, Rec } from '@/api/types';
import { isBlank, showValue } from '@/fields/display';
import { linesOf } from '@/fields/lines/which';
import { daysIn, useStages } from '@/fields/stages/stages';
import { open } from '@/shared/commands';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { Avatar, DayTicks } from '@/shared/ui';

const LinesDialog = lazy(() => import('./LinesDialog'));

/** Records of another object that point here: three rows, and a plus. */
export function Related({ object: name, field, to, rec }: { object: string; field: string; to: ObjectMeta; rec: Rec }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const object = model.object(name)!;
  const link = model.field(name, field);
  const ref: FieldMeta['type'] | undefined = link?.type;
  const many = ref === 'refs';
  const filter = { field, op: many ? ('any' as const) : ('eq' as const), value: many ? [rec.id] : ref === 'poly' ? { object: to.name, id: rec.id } : rec.id };
  const shown = useShown(object, field);
  const [lines, setLines] = useState(false);
  const list = useList(name, { filter, sort: object.default_sort ?? undefined, expand: expandParam(shown.all), count: 'capped', limit: 4 });
  const rows = useRows(list.data);
  const count = list.data?.pages[0]?.count;
  const total = count ? `${count.value}${count.capped ? '+' : ''}` : '';
  const same = object.name === to.name;
  const heading = same && link ? t('record.relatedBy', { object: plural(object, lang), field: label(link.label, lang) }) : plural(object, lang);
  const news = t('act.newOf', { name: inner(label(object.label, lang), lang) });
  const create = () => open({ kind: 'create', object: name, values: { [field]: many ? [rec.id] : ref === 'poly' ? { object: to.name, id: rec.id } : rec.id }, titles: { [field]: titleOf(to, rec) }, after: 'stay' });
  const priced = linesOf(to, (n) => model.object(n));
  const asTable = priced?.child.name === name && priced.link === field && object.rights.edit;
  const table = <Suspense>{lines && <LinesDialog object={to} rec={rec} child={object} link={field} onClose={() => setLines(false)} />}</Suspense>;
  if (list.isLoadingError) return <section className="rl" aria-label={heading}><h2 className="sect"><span className="el">{heading}</span></h2><p className="mut s12">{unread(list.error, lang, name, model).title}</p></section>;
  if (count?.value === 0) {
    // Empty lists stand together at the end: what could be added, in one line each.
    return object.rights.create ? <section className="rl none" aria-label={heading}><button type="button" className="chip" aria-label={news} title={news} onClick={asTable ? () => setLines(true) : create}><Icon name="plus" size={12} /><span className="el">{heading}</span></button>{table}</section> : null;
  }
  return (
    <section className="rl" aria-label={heading}>
      <h2 className="sect">
        <span className="el">{heading}</span> <span className="ct">{total}</span>
        <span className="sp" />
        {(count?.value ?? 0) > 3 && <Link className="link s12" style={{ fontWeight: 400 }} to="/o/$object" params={{ object: name }} search={{ filter: { and: [filter] }, layout: 'table' }}>{t('record.allOf', { total })}</Link>}
        {asTable && <button type="button" className="tap brand" aria-label={t('lines.edit')} title={t('lines.edit')} onClick={() => setLines(true)}><Icon name="edit" /></button>}
        {object.rights.create && !asTable && (
          <button type="button" className="tap brand" aria-label={news} title={news} onClick={create}>
            <Icon name="plus" />
          </button>
        )}
      </h2>
      {rows.length > 0 && <ul>{rows.slice(0, 3).map((r) => <Row key={r.id} object={object} rec={r} shown={shown} />)}</ul>}
      {table}
    </section>
  );
}

interface Shown {
  person: boolean;
  second: FieldMeta | undefined;
  mark: FieldMeta | undefined;
  money: FieldMeta | undefined;
  title: FieldMeta | undefined;
  all: FieldMeta[];
}

function useShown(object: ObjectMeta, back: string): Shown {
  const model = useModel();
  const of = (names: string[] | undefined) => (names ?? []).map((n) => model.field(object.name, n)).filter((f): f is FieldMeta => f !== undefined && f.name !== back && f.name !== object.title);
  const columns = [...of(object.card), ...of(object.list), ...of(object.subtitle)];
  // A line item is worth its subtotal, not its list price.
  const money = object.fields.find((f) => f.name === 'subtotal') ?? columns.find((f) => f.type === 'money') ?? object.fields.find((f) => f.type === 'money' && f.name === 'amount');
  const mark = columns.find((f) => f.type === 'pick');
  const second = of(object.subtitle).find((f) => f.type !== 'auto') ?? columns.find((f) => ['text', 'ref', 'md', 'date', 'dt', 'dec', 'int'].includes(f.type) && f !== money);
  const title = model.field(object.name, object.title);
  return { person: object.name === 'contact' || object.name === 'user', second, mark, money, title, all: [second, mark, money, title, model.field(object.name, object.board ?? '')].filter((f): f is FieldMeta => f !== undefined) };
}

function Row({ object, rec, shown }: { object: ObjectMeta; rec: Rec; shown: Shown }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const title = titleOf(object, rec) || t('value.untitled');
  const link = <Link className="link-quiet" to="/o/$object/$id" params={{ object: object.name, id: rec.id }}>{title}</Link>;
  const days = object.board ? daysIn(rec) : null;
  const show = (f: FieldMeta | undefined) => (f && !isBlank(rec[f.name]) ? showValue({ field: f, rec, model, lang, dense: true }) : null);
  if (days !== null && object.board) {
    return (
      <li style={{ display: 'block' }}>
        <div className="row"><span className="el sp">{link}</span><b className="num">{show(shown.money)}</b></div>
        <StageLine object={object} rec={rec} days={days} />
      </li>
    );
  }
  return (
    <li>
      {shown.person && <Avatar name={title} size="x" />}
      <span className="el sp">{link} <span className="mut">{show(shown.second)}</span></span>
      {shown.money ? <span className="num">{show(shown.money)}</span> : shown.mark && !isBlank(rec[shown.mark.name]) && <span className="tag">{label(model.pick(shown.mark.picklist, rec[shown.mark.name])?.label, lang, '')}</span>}
    </li>
  );
}

function StageLine({ object, rec, days }: { object: ObjectMeta; rec: Rec; days: number }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const stages = useStages(object, model, lang, typeof rec['pipeline_id'] === 'string' ? rec['pipeline_id'] : undefined);
  const at = stages?.columns.find((c) => c.key === rec[object.board ?? '']);
  const limit = at?.maxDays ?? null;
  const over = limit !== null ? days - limit : 0;
  return (
    <div className="row s12 mut" style={{ marginTop: 2 }}>
      <span className="el">{at?.title}</span>
      <span className="sp" />
      {at?.kind === 'open' && limit !== null && <DayTicks days={days} limit={limit} />}
      {at?.kind === 'open' && <span className={over > 0 ? 'late' : limit !== null && days >= limit * 0.8 ? 'warn' : 'num'}>{over > 0 ? t('board.stalled', { count: over }) : t('board.days', { count: days })}</span>}
    </div>
  );
}
