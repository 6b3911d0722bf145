import { useVirtualizer } from '@tanstack/react-virtual';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type CSSProperties, type KeyboardEvent, type MouseEvent } from 'react';
import { label, plural, titleOf } from '@/api/model';
import { useList, useModel, useRows } from '@/api/queries';
import type { Rec } from '@/api/types';
import { open as openLayer } from '@/shared/commands';
import { Unread } from '@/fields/Unread';
import * as fmt from '@/shared/format';
import { composing, useHotkeys } from '@/shared/hotkeys';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { phone } from '@/shared/prefs';
import { useStore } from '@/shared/store';
import { undoLast } from '@/shared/toast';
import { SkeletonRows } from '@/shared/ui';
import { BulkBar } from '../bulk/BulkBar';
import { CardList } from '../CardList';
import { NothingHere } from '../NothingHere';
import { expandOf, type Browse } from '../useBrowse';
import { blockOf, clamp, isChosen, nothing, range, toggle, type Choice, type Cursor } from './cells';
import { Head } from './Head';
import { orderOf, widthOf } from './look';
import { cellId, Row } from './Row';
import { numericColumns, Sums, sumText } from './sums';
import { open as openFor } from '@/fields/conditions/conditions';
import { inCell, useBlocks, type Plan } from './useBlocks';
import { GroupRows, useGroups, type Group, type Part } from './useGroups';
import './table.css';

const PasteDialog = lazy(() => import('./PasteDialog'));

const HEAD = 36;
const ROW = 40;
type Item = { kind: 'row'; rec: Rec; index: number } | { kind: 'head'; group: Group } | { kind: 'wait'; key: string; more: (() => void) | undefined };

/** The records as rows: sort by head, edit and paste in the cells, choose several, groups with sums. */
export default function TableView({ browse, onHead }: { browse: Browse; onHead: (text: string) => void }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const navigate = useNavigate();
  const small = useStore(phone);
  const { object } = browse;
  const split = browse.layout === 'split';
  const grouped = browse.group !== undefined && !small;
  const list = useList(object.name, { filter: browse.filter, sort: browse.sort, q: browse.q, expand: expandOf(browse.columns), count: 'capped', limit: 100 }, !grouped);
  const flat = useRows(list.data);
  const groups = useGroups(browse, grouped ? browse.group : undefined);
  const [parts, setParts] = useState<ReadonlyMap<string, Part>>(new Map());
  const onPart = useCallback((key: string, part: Part | null) => setParts((now) => {
    const next = new Map(now);
    if (part) next.set(key, part);
    else next.delete(key);
    return next;
  }), []);

  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const [items, rows] = useMemo((): [Item[], Rec[]] => {
    if (!grouped) {
      const made: Item[] = flat.map((rec, index) => ({ kind: 'row', rec, index }));
      if (hasNextPage) for (let i = 0; i < 3; i += 1) made.push({ kind: 'wait', key: `end${i}`, more: isFetchingNextPage ? undefined : () => void fetchNextPage() });
      return [made, flat];
    }
    const made: Item[] = [];
    const all: Rec[] = [];
    for (const g of groups.groups) {
      made.push({ kind: 'head', group: g });
      if (!groups.open.has(g.key)) continue;
      const part = parts.get(g.key);
      for (const rec of part?.rows ?? []) {
        made.push({ kind: 'row', rec, index: all.length });
        all.push(rec);
      }
      if (!part || part.pending || part.more) made.push({ kind: 'wait', key: `${g.key}+`, more: part?.more });
    }
    return [made, all];
  }, [grouped, flat, hasNextPage, isFetchingNextPage, fetchNextPage, groups.groups, groups.open, parts]);

  const count = list.data?.pages[0]?.count;
  const groupTotal = groups.groups.reduce((n, g) => n + g.count, 0);
  const total = grouped ? groupTotal : (count?.value ?? rows.length);
  const said = (grouped ? !groups.pending : count) ? t('board.count', { count: total, n: `${fmt.number(total, lang)}${count?.capped ? '+' : ''}` }) : '';
  useEffect(() => onHead(said), [said, onHead]);

  const { fields, pinned } = useMemo(() => orderOf(browse.columns, object.title, browse.look.pins), [browse.columns, object.title, browse.look.pins]);
  const widths = fields.map((f) => widthOf(f, object.title, browse.look));
  const lefts = useMemo(() => widths.reduce<number[]>((all, w, i) => [...all, (all[i] ?? 48) + w], [48]), [widths.join()]); // eslint-disable-line react/exhaustive-deps
  const numeric = useMemo(() => numericColumns(browse.columns), [browse.columns]);

  // Choice, cursor, editing: by id, so that others' changes move nothing.
  const [choice, setChoice] = useState<Choice>(nothing);
  const lastPick = useRef<string | null>(null);
  const [cursor, setCursor] = useState<Cursor | null>(null);
  const [editing, setEditing] = useState<{ id: string; field: string } | null>(null);
  const [plan, setPlan] = useState<Plan | null>(null);
  const stop = useCallback(() => {
    setEditing(null);
    grid.current?.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    setChoice(nothing);
    setCursor(null);
    lastPick.current = null;
  }, [object.name, browse.filter, browse.q]);

  const rowAt = useMemo(() => new Map(rows.map((r, i) => [r.id, i])), [rows]);
  const columnAt = useMemo(() => new Map(fields.map((f, i) => [f.name, i])), [fields]);
  const block = blockOf(cursor, rowAt, columnAt);
  const blocks = useBlocks(browse, fields, rows);

  const wrap = useRef<HTMLDivElement>(null);
  const grid = useRef<HTMLTableElement>(null);
  const virtual = useVirtualizer({ count: items.length, getScrollElement: () => wrap.current, estimateSize: () => ROW, overscan: 10, scrollMargin: HEAD, scrollPaddingStart: HEAD, scrollPaddingEnd: 4 });
  const shown = virtual.getVirtualItems();
  const firstAt = shown[0]?.index ?? 0;
  const lastAt = shown[shown.length - 1]?.index ?? 0;
  useEffect(() => {
    for (let i = firstAt; i <= Math.min(items.length - 1, lastAt + 40); i += 1) {
      const it = items[i];
      if (it?.kind === 'wait' && it.more) {
        it.more();
        return;
      }
    }
  }, [items, firstAt, lastAt]);

  // When others add or move rows above, what one reads stays where it is.
  const anchor = useRef<{ id: string; index: number } | null>(null);
  const itemAt = useMemo(() => new Map(items.map((it, i) => [it.kind === 'row' ? it.rec.id : it.kind === 'head' ? `g${it.group.key}` : it.key, i])), [items]);
  useLayoutEffect(() => {
    const a = anchor.current;
    const el = wrap.current;
    if (!a || !el || el.scrollTop < ROW) return;
    const now = itemAt.get(a.id);
    if (now !== undefined && now !== a.index) {
      el.scrollTop += (now - a.index) * ROW;
      anchor.current = { id: a.id, index: now };
    }
  }, [itemAt]);
  const keepAnchor = () => {
    const index = Math.floor((wrap.current?.scrollTop ?? 0) / ROW);
    const it = items[index];
    anchor.current = it ? { id: it.kind === 'row' ? it.rec.id : it.kind === 'head' ? `g${it.group.key}` : it.key, index } : null;
  };

  const here = cursor ? rows[rowAt.get(cursor.id) ?? -1] : undefined;
  const stand = (row: number, col: number, stretch: boolean) => {
    const rec = rows[clamp(row, rows.length - 1)];
    const f = fields[clamp(col, fields.length - 1)];
    if (!rec || !f) return;
    setCursor((now) => (stretch && now ? { ...now, to: { id: rec.id, field: f.name } } : { id: rec.id, field: f.name }));
    virtual.scrollToIndex(itemAt.get(rec.id) ?? 0, { align: 'auto' });
    requestAnimationFrame(() => document.getElementById(cellId(rec.id, f.name))?.scrollIntoView({ block: 'nearest', inline: 'nearest' }));
    if (split && browse.search.open && !stretch && rec.id !== browse.search.open) browse.set({ open: rec.id });
  };
  const step = (rowBy: number, colBy: number, stretch = false) => {
    const from = stretch && cursor?.to ? cursor.to : cursor;
    const r = from ? (rowAt.get(from.id) ?? -1) : -1;
    const c = from ? (columnAt.get(from.field) ?? 0) : 0;
    stand(r < 0 ? 0 : r + rowBy, c + colBy, stretch);
    // The cell is read out only to whoever stands in the table.
    grid.current?.focus({ preventScroll: true });
  };
  const go = (rec: Rec | undefined) => {
    if (!rec) return;
    if (split) browse.set({ open: rec.id });
    else void navigate({ to: '/o/$object/$id', params: { object: object.name, id: rec.id } });
  };
  const edit = (id: string, field: string): boolean => {
    const f = fields[columnAt.get(field) ?? -1];
    const rec = rows[rowAt.get(id) ?? -1];
    if (!f || !rec || !object.rights.edit || !inCell(f) || !openFor(f, rec, model) || rec.$masked?.includes(field)) return false;
    setCursor({ id, field });
    setEditing({ id, field });
    return true;
  };
  const pick = (id: string, shift: boolean) => {
    const from = lastPick.current;
    setChoice((now) => (shift && from ? range(now, rows.map((r) => r.id), from, id, isChosen(now, from)) : toggle(now, id)));
    lastPick.current = id;
  };
  const onTab = useCallback((from: string, back: boolean) => {
    setEditing((now) => {
      if (!now) return null;
      const can = fields.filter(inCell);
      let at = can.findIndex((f) => f.name === from);
      let row = rowAt.get(now.id) ?? 0;
      // A cell that a condition holds is passed over.
      for (let tries = 0; tries < can.length * 2; tries++) {
        at += back ? -1 : 1;
        row += at < 0 ? -1 : at >= can.length ? 1 : 0;
        at = (at + can.length) % can.length;
        const [r, f] = [rows[row], can[at]];
        if (!r || !f || openFor(f, r, model)) break;
      }
      const rec = rows[row];
      const field = can[at]?.name;
      if (!rec || !field) return null;
      setCursor({ id: rec.id, field });
      return { id: rec.id, field };
    });
  }, [fields, rowAt, rows, model]);

  useHotkeys([
    { key: 'j', run: () => step(1, 0) },
    { key: 'k', run: () => step(-1, 0) },
    { key: 'o', run: () => here && void navigate({ to: '/o/$object/$id', params: { object: object.name, id: here.id } }) },
    { key: ' ', run: () => here && browse.set(browse.search.open === here.id ? { open: undefined } : { open: here.id }) },
    { key: 'x', run: () => here && pick(here.id, false) },
    { key: 'e', run: () => { if (here && cursor && !edit(here.id, cursor.field)) { const f = fields.find((x) => inCell(x) && x.name !== object.title); if (f) edit(here.id, f.name); } } },
    { key: 'f', run: () => here && openLayer({ kind: 'followUp', object: object.name, id: here.id, title: titleOf(object, here) }) },
  ]);

  const onKeyDown = (e: KeyboardEvent) => {
    if (composing(e) || editing || (e.target as HTMLElement).closest('.cell-edit, thead')) return;
    const mod = e.ctrlKey || e.metaKey;
    const run = (act: () => void) => {
      e.preventDefault();
      act();
    };
    const page = Math.max(1, Math.floor((wrap.current?.clientHeight ?? 400) / ROW) - 2);
    const far = 1e9;
    if (e.key === 'ArrowDown') run(() => step(mod ? far : 1, 0, e.shiftKey));
    else if (e.key === 'ArrowUp') run(() => step(mod ? -far : -1, 0, e.shiftKey));
    else if (e.key === 'ArrowLeft' && !e.altKey) run(() => step(0, mod ? -far : -1, e.shiftKey));
    else if (e.key === 'ArrowRight' && !e.altKey) run(() => step(0, mod ? far : 1, e.shiftKey));
    else if (e.key === 'PageDown') run(() => step(page, 0, e.shiftKey));
    else if (e.key === 'PageUp') run(() => step(-page, 0, e.shiftKey));
    else if (e.key === 'Home') run(() => step(mod ? -far : 0, -far, e.shiftKey));
    else if (e.key === 'End') run(() => step(mod ? far : 0, far, e.shiftKey));
    else if ((e.key === 'Enter' || e.key === 'F2') && cursor && !mod) run(() => { if (cursor.field === object.title && e.key === 'Enter') go(here); else if (!edit(cursor.id, cursor.field)) go(here); });
    else if (e.key === 'Escape') run(() => (cursor?.to ? setCursor({ id: cursor.id, field: cursor.field }) : choice.all || choice.ids.size ? setChoice(nothing) : setCursor(null)));
    else if (mod && e.key === 'a') run(() => setChoice({ all: false, ids: new Set(rows.map((r) => r.id)) }));
    else if (mod && e.key === 'd' && block && object.rights.edit) run(() => void blocks.fillDown(block));
    else if (mod && e.key === 'z') run(() => void undoLast());
    else if ((e.key === 'Delete' || e.key === 'Backspace') && block && object.rights.edit) run(() => void blocks.clearCells(block));
  };
  const onCopy = (e: React.ClipboardEvent) => {
    if (editing || !block) return;
    e.preventDefault();
    e.clipboardData.setData('text/plain', blocks.copy(block));
  };
  const onPaste = (e: React.ClipboardEvent) => {
    if (editing || !block || !object.rights.edit) return;
    const text = e.clipboardData.getData('text/plain');
    if (!text) return;
    e.preventDefault();
    void blocks.plan(text, block).then((p) => (p.faults.length || p.beyond ? setPlan(p) : void blocks.apply(p)));
  };

  /** Where a pointer acts: the row and field of the cell under it. */
  const cellOf = (e: MouseEvent): { id: string; field: string | undefined; box: boolean } | null => {
    const target = e.target as HTMLElement;
    const td = target.closest('td');
    const id = td?.closest<HTMLElement>('tr[data-id]')?.dataset['id'];
    return td && id ? { id, field: td.dataset['field'], box: td.cellIndex === 0 } : null;
  };
  const onMouseDown = (e: MouseEvent) => {
    const c = cellOf(e);
    if (!c || e.button !== 0 || (e.target as HTMLElement).closest('.cell-edit')) return;
    if (c.box) return;
    if (!c.field || ((e.target as HTMLElement).closest('a') && !split)) return;
    if (e.shiftKey) {
      e.preventDefault();
      setCursor((now) => (now ? { ...now, to: { id: c.id, field: c.field ?? now.field } } : { id: c.id, field: c.field ?? '' }));
    } else if (cursor?.id === c.id && cursor.field === c.field && !cursor.to) edit(c.id, c.field);
    else setCursor({ id: c.id, field: c.field });
    if (!editing) grid.current?.focus({ preventScroll: true });
  };
  const onMouseMove = (e: MouseEvent) => {
    if (e.buttons !== 1 || editing || !cursor) return;
    const c = cellOf(e);
    if (c?.field && (c.id !== (cursor.to?.id ?? cursor.id) || c.field !== (cursor.to?.field ?? cursor.field))) setCursor({ ...cursor, to: { id: c.id, field: c.field } });
  };
  const onClick = (e: MouseEvent) => {
    const c = cellOf(e);
    if (!c) return;
    if (c.box) pick(c.id, e.shiftKey);
    else if (split && !e.shiftKey && c.field && (c.field === object.title || browse.search.open)) browse.set({ open: c.id });
  };

  const allShown = useMemo(() => rows.length > 0 && rows.every((r) => isChosen(choice, r.id)), [rows, choice]);
  const onAll = useCallback(() => setChoice(allShown ? nothing : { all: false, ids: new Set(rows.map((r) => r.id)) }), [allShown, rows]);

  const error = grouped ? groups.error : list.error;
  if (grouped ? groups.pending : list.isPending) return <SkeletonRows rows={12} />;
  if (error && items.length === 0) {
    return (
      <Unread error={error} object={object.name}>
        <button type="button" className="btn" onClick={() => void (grouped ? groups.refetch() : list.refetch())}>{t('act.retry')}</button>
      </Unread>
    );
  }
  if (items.length === 0) return <NothingHere browse={browse} />;
  if (small) return <CardList browse={browse} rows={rows} more={hasNextPage ? () => void fetchNextPage() : undefined} />;

  const full = widths.reduce((n, w) => n + w, 48);
  const before = Math.max(0, (shown[0]?.start ?? HEAD) - HEAD);
  const after = virtual.getTotalSize() - ((shown[shown.length - 1]?.end ?? HEAD) - HEAD);
  const span = fields.length + 1;
  return (
    <>
      {grouped && groups.groups.filter((g) => groups.open.has(g.key)).map((g) => <GroupRows key={g.key} browse={browse} group={g} onPart={onPart} />)}
      <div className="grid-wrap" ref={wrap} onScroll={keepAnchor} style={{ scrollPaddingLeft: lefts[pinned] } as CSSProperties}>
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role, jsx-a11y/no-noninteractive-tabindex -- a grid is moved in with the keys */}
        <table ref={grid} className="grid" role="grid" tabIndex={0}
          aria-label={plural(object, lang)}
          aria-describedby="grid-help"
          aria-multiselectable="true"
          aria-rowcount={count && !count.capped ? count.value + 1 : -1}
          aria-activedescendant={cursor && here ? cellId(cursor.id, cursor.field) : undefined}
          style={{ width: full, minWidth: '100%' }}
          onKeyDown={onKeyDown}
          onMouseDown={onMouseDown}
          onMouseMove={onMouseMove}
          onClick={onClick}
          onCopy={onCopy}
          onPaste={onPaste}
        >
          <colgroup>
            <col style={{ width: 48 }} />
            {fields.map((f, i) => <col key={f.name} style={{ width: widths[i] }} />)}
          </colgroup>
          <Head browse={browse} fields={fields} pinned={pinned} lefts={lefts} all={allShown} some={choice.all || choice.ids.size > 0} onAll={onAll} />
          <tbody>
            {before > 0 && <tr className="pad" aria-hidden="true"><td colSpan={span} style={{ height: before }} /></tr>}
            {shown.map((v) => {
              const it = items[v.index];
              if (!it) return null;
              if (it.kind === 'wait') return <tr key={it.key} aria-hidden="true"><td /><td colSpan={span - 1}><span className="skel" style={{ width: 180, display: 'block' }} /></td></tr>;
              if (it.kind === 'head') {
                const { group } = it;
                const shut = !groups.open.has(group.key);
                return (
                  <tr key={`g${group.key}`} className="group" aria-rowindex={v.index + 2}>
                    <th scope="rowgroup" colSpan={span} className="group-cell">
                      <span className="group-in">
                        <button type="button" className="lane-btn" aria-expanded={!shut} onClick={() => groups.flip(group.key)}>
                          <Icon name={shut ? 'right' : 'down'} />
                          <b className="b">{group.title}</b>
                          <span className="mut num">{fmt.number(group.count, lang)}</span>
                        </button>
                        {numeric.map((f, i) => group.sums[i] && Number(group.sums[i]) !== 0 && <span key={f.name} className="group-sum">{label(f.label, lang)} <b>{sumText(f, group.sums[i], model, lang)}</b></span>)}
                      </span>
                    </th>
                  </tr>
                );
              }
              const inside = block && it.index >= block.top && it.index <= block.bottom && (block.top !== block.bottom || block.left !== block.right);
              return (
                <Row
                  key={it.rec.id}
                  rec={it.rec}
                  place={v.index + 2}
                  object={object}
                  fields={fields}
                  pinned={pinned}
                  lefts={lefts}
                  model={model}
                  lang={lang}
                  chosen={isChosen(choice, it.rec.id)}
                  at={cursor?.id === it.rec.id ? cursor.field : null}
                  from={inside ? block.left : -1}
                  to={inside ? block.right : -2}
                  editing={editing?.id === it.rec.id ? editing.field : null}
                  open={browse.search.open === it.rec.id}
                  split={split}
                  onStop={stop}
                  onTab={onTab}
                />
              );
            })}
            {after > 0 && <tr className="pad" aria-hidden="true"><td colSpan={span} style={{ height: after }} /></tr>}
          </tbody>
        </table>
      </div>
      <span id="grid-help" className="sr">{t('col.help')}</span>
      <footer className="foot">
        <BulkBar browse={browse} choice={choice} total={total} capped={!grouped && Boolean(count?.capped)} rows={rows} onChoice={setChoice} />
        <span className="sp" />
        <Sums browse={browse} />
      </footer>
      <Suspense>{plan && <PasteDialog plan={plan} onClose={() => setPlan(null)} onApply={() => { const p = plan; setPlan(null); void blocks.apply(p); }} />}</Suspense>
    </>
  );
}
