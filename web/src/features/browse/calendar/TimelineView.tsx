import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState, type PointerEvent } from 'react';
import { label, titleOf } from '@/api/model';
import { useList, useRows } from '@/api/queries';
import type { FieldMeta, Filter, Rec } from '@/api/types';
import { editable } from '@/fields/editable';
import { Unread } from '@/fields/Unread';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { MenuButton } from '@/shared/Pop';
import { phone } from '@/shared/prefs';
import { useStore } from '@/shared/store';
import { SkeletonRows } from '@/shared/ui';
import { conditions } from '../filter/filters';
import { NothingHere } from '../NothingHere';
import { useWrite } from '../table/useWrite';
import { dateFields, type Browse } from '../useBrowse';
import { addDays, between, dayOf, iso, moved, spanFields } from './days';
import './calendar.css';

const zooms = { quarter: 9, half: 5, year: 2.6 } as const;
type Zoom = keyof typeof zooms;
const ROW = 36;

/** The records along time: from start to end, or a mark at their date; the end is dragged to another day. */
export default function TimelineView({ browse, onHead }: { browse: Browse; onHead: (text: string) => void }) {
  const t = useT();
  const lang = useLang();
  const small = useStore(phone);
  const { object } = browse;
  const field = browse.date as FieldMeta;
  const { start, end } = useMemo(() => spanFields(object.fields, field), [object, field]);
  const [zoom, setZoom] = useState<Zoom>('half');
  const px = zooms[zoom];
  const at = useMemo(() => fmt.parseDate(browse.search.at ?? iso(new Date())), [browse.search.at]);
  const first = useMemo(() => new Date(at.getFullYear(), at.getMonth() - (zoom === 'year' ? 6 : 2), 1), [at, zoom]);
  const last = useMemo(() => new Date(at.getFullYear(), at.getMonth() + (zoom === 'year' ? 13 : zoom === 'half' ? 7 : 4), 1), [at, zoom]);
  const filter = useMemo((): Filter => ({ and: [...conditions(browse.filter), ...between(end, first, last)] }), [browse.filter, end, first, last]);
  const list = useList(object.name, { filter, sort: end.name, q: browse.q, count: 'capped', limit: 100 });
  const rows = useRows(list.data);
  const count = list.data?.pages[0]?.count;
  const head = count ? `${fmt.number(count.value, lang)}${count.capped ? '+' : ''}` : '';
  useEffect(() => onHead(head), [head, onHead]);
  const side = small ? 140 : 260;
  const width = side + fmt.daysBetween(first, last) * px;
  const x = (d: Date) => side + fmt.daysBetween(first, d) * px;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const el = box.current;
    if (el) el.scrollLeft = Math.max(0, x(new Date()) - side - (el.clientWidth - side) / 3);
  }, [px, first, rows.length > 0]); // eslint-disable-line react/exhaustive-deps
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => ROW, overscan: 10, scrollMargin: ROW });
  const shown = virtual.getVirtualItems();
  const lastIndex = shown[shown.length - 1]?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && lastIndex >= rows.length - 30) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, lastIndex, rows.length]);
  // One begins where today is, not where the first month was.
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current || rows.length === 0) return;
    begun.current = true;
    const now = iso(new Date());
    const at = rows.findIndex((r) => (dayOf(r[end.name]) ?? '') >= now);
    // After the virtual list has set its own start.
    if (at > 6) requestAnimationFrame(() => { if (box.current) box.current.scrollTop = (at - 4) * ROW; });
  }, [rows, end.name]);
  const { write } = useWrite(object);
  const can = object.rights.edit && editable(end);
  const [held, setHeld] = useState<{ id: string; days: number } | null>(null);
  const move = (rec: Rec, by: number) => {
    const day = dayOf(rec[end.name]);
    if (!day || by === 0) return;
    const to = iso(addDays(fmt.parseDate(day), by));
    void write([{ rec, data: { [end.name]: moved(end, rec, to) } }], t('calendar.moved', { name: titleOf(object, rec), day: fmt.dateWords(fmt.parseDate(to), lang) }));
  };
  const drag = (rec: Rec, e: PointerEvent<HTMLElement>) => {
    e.preventDefault();
    const from = e.clientX;
    const el = e.currentTarget;
    el.setPointerCapture(e.pointerId);
    let days = 0;
    const onMove = (m: globalThis.PointerEvent) => {
      days = Math.round((m.clientX - from) / px);
      setHeld({ id: rec.id, days });
    };
    const done = (m: globalThis.PointerEvent) => {
      el.removeEventListener('pointermove', onMove);
      el.removeEventListener('pointerup', done);
      el.removeEventListener('pointercancel', done);
      setHeld(null);
      if (m.type === 'pointerup') move(rec, days);
    };
    el.addEventListener('pointermove', onMove);
    el.addEventListener('pointerup', done);
    el.addEventListener('pointercancel', done);
  };
  const months: Date[] = [];
  for (let d = first; d < last; d = new Date(d.getFullYear(), d.getMonth() + 1, 1)) months.push(d);
  const title = `${fmt.dateAs(first, lang, { year: 'numeric', month: 'long' })} – ${fmt.dateAs(addDays(last, -1), lang, { year: 'numeric', month: 'long' })}`;
  const go = (by: number) => browse.set({ at: iso(new Date(at.getFullYear(), at.getMonth() + by * (zoom === 'quarter' ? 3 : 6), 1)) });
  const bar = (
    <div className="cal-bar">
      <button type="button" className="btn s" onClick={() => browse.set({ at: undefined })}>{t('date.today')}</button>
      <button type="button" className="tap" aria-label={t('calendar.prev')} onClick={() => go(-1)}><Icon name="left" /></button>
      <button type="button" className="tap" aria-label={t('calendar.next')} onClick={() => go(1)}><Icon name="right" /></button>
      <h2 className="el">{title}</h2>
      <span className="sp" />
      <MenuButton className="chip" worded label={t('calendar.by')} items={dateFields(object).map((f) => ({ key: f.name, text: label(f.label, lang, f.name), checked: f.name === field.name, run: () => browse.set({ date: f.name }) }))}>
        {t('calendar.by')} <b>{start ? `${label(start.label, lang)} – ${label(end.label, lang)}` : label(end.label, lang)}</b><Icon name="down" />
      </MenuButton>
      <span className="seg" role="group" aria-label={t('calendar.span')}>
        {(Object.keys(zooms) as Zoom[]).map((z) => <button key={z} type="button" aria-pressed={zoom === z} onClick={() => setZoom(z)}>{t(`timeline.${z}`)}</button>)}
      </span>
    </div>
  );
  if (list.isLoadingError) return <>{bar}<Unread error={list.error} object={object.name} /></>;
  if (list.isPending) return <>{bar}<SkeletonRows rows={12} /></>;
  if (rows.length === 0) return <>{bar}<NothingHere browse={browse} /></>;
  const today = new Date();
  return (
    <>
      {bar}
      <div className="gantt" ref={box}>
        <div className="gantt-in" style={{ width, height: virtual.getTotalSize() + ROW }}>
          <div className="gantt-top">
            <div className="gantt-corner el">{label(object.fields.find((f) => f.name === object.title)?.label, lang)}</div>
            {months.map((m) => <div key={m.getTime()} className="gantt-month" style={{ left: x(m), width: fmt.daysBetween(m, new Date(m.getFullYear(), m.getMonth() + 1, 1)) * px }}>{fmt.dateAs(m, lang, m.getMonth() === 0 ? { year: 'numeric', month: 'short' } : { month: 'short' })}</div>)}
          </div>
          <ul>
            {shown.map((v) => {
              const rec = rows[v.index];
              const day = rec ? dayOf(rec[end.name]) : null;
              if (!rec || !day) return null;
              const by = held?.id === rec.id ? held.days : 0;
              const to = addDays(fmt.parseDate(day), by);
              const startDay = start ? dayOf(rec[start.name]) : null;
              const from = startDay ? fmt.parseDate(startDay) : null;
              const closed = typeof rec['outcome'] === 'string' || rec['status'] === 'done';
              const state = closed ? ' done' : fmt.daysBetween(today, to) < 0 ? ' past' : '';
              const left = from ? Math.max(side, x(from)) : 0;
              const name = titleOf(object, rec) || t('value.untitled');
              return (
                <li key={rec.id} className="gantt-row" style={{ top: v.start }}>
                  <Link className="gantt-name el" to="/o/$object/$id" params={{ object: object.name, id: rec.id }} title={name} onClick={(e) => { if (!small && !e.ctrlKey && !e.metaKey) { e.preventDefault(); browse.set({ open: rec.id }); } }}>{name}</Link>
                  {from && x(to) > left && <span className={`gantt-bar${state}`} style={{ left, width: x(to) - left }} />}
                  {can ? (
                    <button
                      type="button"
                      className={`gantt-end${state}${by ? ' held' : ''}`}
                      style={{ left: x(to) }}
                      aria-label={t('timeline.end', { name, field: label(end.label, lang), day: fmt.date(to, lang) })}
                      onPointerDown={(e) => drag(rec, e)}
                      onKeyDown={(e) => { const d = { ArrowLeft: -1, ArrowRight: 1 }[e.key]; if (d !== undefined) { e.preventDefault(); move(rec, e.shiftKey ? d * 7 : d); } }}
                    />
                  ) : <span className={`gantt-end${state}`} style={{ left: x(to) }} />}
                  <span className="gantt-tip num" style={{ left: x(to) }}>{fmt.dateWords(to, lang)}</span>
                </li>
              );
            })}
          </ul>
          {today >= first && today < last && <span className="gantt-now" style={{ left: x(today) }} aria-hidden="true" />}
        </div>
      </div>
    </>
  );
}
