import { DndContext, DragOverlay, MouseSensor, pointerWithin, TouchSensor, useDraggable, useDroppable, useSensor, useSensors } from '@dnd-kit/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useMemo, useState, type KeyboardEvent, type ReactNode } from 'react';
import { api } from '@/api/client';
import { expandParam, label, titleOf } from '@/api/model';
import { keys, useAggregate, useModel } from '@/api/queries';
import type { FieldMeta, Filter, ObjectMeta, Page, Rec } from '@/api/types';
import { editable } from '@/fields/editable';
import { open } from '@/shared/commands';
import { Unread } from '@/fields/Unread';
import * as fmt from '@/shared/format';
import { composing } from '@/shared/hotkeys';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { MenuButton, Pop } from '@/shared/Pop';
import { phone } from '@/shared/prefs';
import { useStore } from '@/shared/store';
import { amountOf, cardFields } from '../board/cards';
import { conditions } from '../filter/filters';
import { useWrite } from '../table/useWrite';
import { dateFields, type Browse } from '../useBrowse';
import { addDays, between, dayOf, daysOf, iso, moved } from './days';
import './calendar.css';

const PAGES = 5;

/** The records by a date: month or week, drag to another day. */
export default function CalendarView({ browse, onHead }: { browse: Browse; onHead: (text: string) => void }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const small = useStore(phone);
  const { object } = browse;
  const field = browse.date as FieldMeta;
  const span = browse.search.span ?? (small ? 'week' : 'month');
  const at = useMemo(() => fmt.parseDate(browse.search.at ?? iso(new Date())), [browse.search.at]);
  const days = useMemo(() => daysOf(at, span), [at, span]);
  const [from, to] = useMemo(() => [days[0] ?? at, addDays(days[days.length - 1] ?? at, 1)], [days, at]);
  const filter = useMemo((): Filter => ({ and: [...conditions(browse.filter), ...between(field, from, to)] }), [browse.filter, field, from, to]);
  const { money } = useMemo(() => cardFields(object, model), [object, model]);
  const names = useMemo(() => [object.title, field.name, money?.name, object.status, 'version', 'owner_id'].filter((n): n is string => Boolean(n) && model.field(object.name, String(n)) !== undefined), [object, field, money, model]);
  const expand = expandParam(names.map((n) => model.field(object.name, n)).filter((f): f is FieldMeta => f !== undefined));
  const params = { filter, sort: field.name, q: browse.q, expand, limit: 200 };
  const list = useQuery({
    queryKey: keys.list(object.name, params),
    queryFn: async ({ signal }) => {
      const pages: Page[] = [];
      let cursor: string | undefined;
      do {
        const page: Page = await api.get<Page>(`/${object.name}`, { ...params, filter: JSON.stringify(filter), cursor }, signal);
        pages.push(page);
        cursor = page.next ?? undefined;
      } while (cursor && pages.length < PAGES);
      return { pages, pageParams: pages.map(() => undefined) };
    },
    placeholderData: (before) => before,
  });
  const sums = useAggregate(object.name, { filter, ...(browse.q ? { q: browse.q } : {}), group: [], measures: [{ fn: 'count' }, ...(money ? [{ fn: 'sum' as const, field: money.name }] : [])] });
  const totals = sums.data?.groups[0]?.values;
  const head = totals ? [t('board.count', { count: Number(totals[0] ?? 0), n: fmt.number(Number(totals[0] ?? 0), lang) }), ...(money && totals[1] ? [fmt.compactMoney(Number(totals[1]), model.doc.currency, lang)] : [])].join(' · ') : '';
  useEffect(() => onHead(head), [head, onHead]);
  const byDay = useMemo(() => {
    const out = new Map<string, Rec[]>();
    for (const r of list.data?.pages.flatMap((p) => p.data) ?? []) {
      const d = dayOf(r[field.name]);
      if (d) out.set(d, [...(out.get(d) ?? []), r]);
    }
    return out;
  }, [list.data, field.name]);
  const { write } = useWrite(object);
  const can = object.rights.edit && editable(field);
  const [dragged, setDragged] = useState<Rec | null>(null);
  const [more, setMore] = useState<{ day: Date; anchor: HTMLElement } | null>(null);
  const sensors = useSensors(useSensor(MouseSensor, { activationConstraint: { distance: 5 } }), useSensor(TouchSensor, { activationConstraint: { delay: 220, tolerance: 8 } }));
  const move = (rec: Rec, day: string) => {
    if (!can || dayOf(rec[field.name]) === day) return;
    void write([{ rec, data: { [field.name]: moved(field, rec, day) } }], t('calendar.moved', { name: titleOf(object, rec), day: fmt.dateWords(fmt.parseDate(day), lang) }));
  };
  const go = (by: number) => browse.set({ at: iso(span === 'week' ? addDays(at, 7 * by) : new Date(at.getFullYear(), at.getMonth() + by, 1)) });
  const title = span === 'month' ? fmt.dateAs(at, lang, { year: 'numeric', month: 'long' }) : `${fmt.date(from, lang)} – ${fmt.date(addDays(to, -1), lang)}`;
  const today = iso(new Date());
  const fieldsToChoose = dateFields(object);
  if (list.error && !list.data) return <Unread error={list.error} object={object.name} />;
  const most = span === 'month' ? (small ? 1 : 3) : 200;
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={pointerWithin}
      onDragStart={(e) => setDragged((e.active.data.current as { rec: Rec }).rec)}
      onDragCancel={() => setDragged(null)}
      onDragEnd={(e) => {
        const rec = dragged;
        setDragged(null);
        if (rec && e.over) move(rec, String(e.over.id));
      }}
    >
      <div className="cal-bar">
        <button type="button" className="btn s" onClick={() => browse.set({ at: undefined })}>{t('date.today')}</button>
        <button type="button" className="tap" aria-label={t('calendar.prev')} onClick={() => go(-1)}><Icon name="left" /></button>
        <button type="button" className="tap" aria-label={t('calendar.next')} onClick={() => go(1)}><Icon name="right" /></button>
        <h2 aria-live="polite">{title}</h2>
        <span className="sp" />
        <MenuButton className="chip" worded label={t('calendar.by')} items={fieldsToChoose.map((f) => ({ key: f.name, text: label(f.label, lang, f.name), checked: f.name === field.name, run: () => browse.set({ date: f.name }) }))}>
          {t('calendar.by')} <b>{label(field.label, lang)}</b><Icon name="down" />
        </MenuButton>
        <span className="seg" role="group" aria-label={t('calendar.span')}>
          {(['month', 'week'] as const).map((s) => <button key={s} type="button" aria-pressed={span === s} onClick={() => browse.set({ span: s })}>{t(`calendar.${s}`)}</button>)}
        </span>
      </div>
      <div className={`cal ${span}`}>
        {days.slice(0, 7).map((d) => <div key={d.getDay()} className="cal-head" aria-hidden="true">{fmt.weekday(d, lang, 'short')}</div>)}
        {days.map((d) => {
          const key = iso(d);
          const all = byDay.get(key) ?? [];
          return (
            <Day key={key} id={key} today={key === today} faint={span === 'month' && d.getMonth() !== at.getMonth()} label={fmt.date(d, lang)} number={d.getDate()} sum={money && all.length ? fmt.compact(all.reduce((n, r) => n + (amountOf(r, money) ?? 0), 0), lang) : ''}
              onAdd={can && object.rights.create ? () => open({ kind: 'create', object: object.name, values: { [field.name]: field.type === 'date' ? key : addHours(d).toISOString() } }) : undefined}>
              {all.slice(0, most).map((r) => <Entry key={r.id} rec={r} object={object} field={field} money={money} can={can} onMove={move} onOpen={() => browse.set({ open: r.id })} />)}
              {all.length > most && <li><button type="button" className="cal-more" onClick={(e) => setMore({ day: d, anchor: e.currentTarget })}>{t('group.more', { count: all.length - most })}</button></li>}
            </Day>
          );
        })}
      </div>
      <DragOverlay dropAnimation={null}>{dragged && <div className="cal-item drag"><span className="el">{titleOf(object, dragged)}</span></div>}</DragOverlay>
      {more && (
        <Pop anchor={more.anchor} onClose={() => setMore(null)} label={fmt.date(more.day, lang)} width={280}>
          <ul className="cal-pop">
            <li className="b">{fmt.date(more.day, lang)}</li>
            {(byDay.get(iso(more.day)) ?? []).map((r) => <Entry key={r.id} rec={r} object={object} field={field} money={money} can={false} onMove={move} onOpen={() => { setMore(null); browse.set({ open: r.id }); }} />)}
          </ul>
        </Pop>
      )}
    </DndContext>
  );
}

function addHours(d: Date): Date {
  return new Date(d.getFullYear(), d.getMonth(), d.getDate(), 10);
}

function Day({ id, today, faint, label: name, number, sum, onAdd, children }: { id: string; today: boolean; faint: boolean; label: string; number: number; sum: string; onAdd: (() => void) | undefined; children: ReactNode }) {
  const t = useT();
  const { setNodeRef, isOver } = useDroppable({ id });
  return (
    <section ref={setNodeRef} className={`cal-day${today ? ' today' : ''}${faint ? ' faint' : ''}${isOver ? ' over' : ''}`} data-day={id} aria-label={name}>
      <div className="cal-no">
        <span className="num">{number}</span>
        {onAdd && <button type="button" className="tap cal-add" aria-label={t('calendar.add', { day: name })} onClick={onAdd}><Icon name="plus" size={14} /></button>}
        <span className="sp" />
        {sum && <span className="mut num">{sum}</span>}
      </div>
      <ul>{children}</ul>
    </section>
  );
}

function Entry({ rec, object, field, money, can, onMove, onOpen }: { rec: Rec; object: ObjectMeta; field: FieldMeta; money: FieldMeta | undefined; can: boolean; onMove: (rec: Rec, day: string) => void; onOpen: () => void }) {
  const t = useT();
  const lang = useLang();
  const small = useStore(phone);
  const { setNodeRef, listeners, isDragging } = useDraggable({ id: rec.id, data: { rec }, disabled: !can });
  const v = rec[field.name];
  const time = field.type === 'dt' && typeof v === 'string' ? new Date(v) : null;
  const sum = amountOf(rec, money);
  const late = fmt.daysBetween(new Date(), fmt.parseDate(dayOf(v) ?? iso(new Date()))) < 0 && (object.status ? rec['outcome'] === undefined || rec['outcome'] === null : false);
  const onKey = (e: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[e.key];
    if (composing(e) || !can || !e.altKey || by === undefined) return;
    e.preventDefault();
    const day = dayOf(v);
    if (day) onMove(rec, iso(addDays(fmt.parseDate(day), by)));
  };
  return (
    <li ref={setNodeRef} className={`cal-item${isDragging ? ' ghost' : ''}${late ? ' past' : ''}`} data-entry={rec.id} {...listeners} onKeyDown={onKey}>
      <Link
        className="el"
        to="/o/$object/$id"
        params={{ object: object.name, id: rec.id }}
        draggable={false}
        title={titleOf(object, rec)}
        {...(can ? { 'aria-description': t('calendar.keys') } : {})}
        onClick={(e) => { if (!small && !e.ctrlKey && !e.metaKey) { e.preventDefault(); onOpen(); } }}
      >
        {time && <span className="num mut">{fmt.timeOfDay(time.getHours() * 60 + time.getMinutes())} </span>}
        {titleOf(object, rec) || t('value.untitled')}
      </Link>
      {sum !== null && <span className="num mut">{fmt.compact(sum, lang)}</span>}
    </li>
  );
}
