import { DndContext, DragOverlay, MouseSensor, pointerWithin, TouchSensor, useDroppable, useSensor, useSensors, type DragEndEvent, type DragStartEvent } from '@dnd-kit/core';
import { useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, type CSSProperties, type ReactNode } from 'react';
import { Problem } from '@/api/client';
import { plural, titleOf } from '@/api/model';
import { keys, patchCaches, useAggregate, useModel, wroteMyself } from '@/api/queries';
import { tell } from '@/api/problem';
import { Unread } from '@/fields/Unread';
import type { Filter, Page, Rec } from '@/api/types';
import * as fmt from '@/shared/format';
import { useHotkeys } from '@/shared/hotkeys';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { Menu, MenuButton } from '@/shared/Pop';
import { setOwn, useOwn } from '@/shared/own';
import { phone } from '@/shared/prefs';
import { useStore } from '@/shared/store';
import { toast } from '@/shared/toast';
import { Avatar, SkeletonRows } from '@/shared/ui';
import { moveTo, useStages, type Column } from '@/fields/stages/stages';
import { NothingHere } from '../NothingHere';
import type { Browse } from '../useBrowse';
import { BoardCell, type CellPlace } from './BoardCell';
import { CardFace, followUpOn } from './Card';
import { cardFields } from './cards';
import { lacks, useHeld } from './gates';
import { useLanes, type Lane } from './useLanes';
import './board.css';

const GateDialog = lazy(() => import('@/fields/stages/GateDialog'));

const textOf = (raw: unknown): string | undefined => (typeof raw === 'string' ? raw : undefined);

/** Only a pointer drags; its words for the steps (of the library, in English) are left out, the notice at the end says what came of it. */
const quiet = () => undefined;
const silent = { screenReaderInstructions: { draggable: '' }, announcements: { onDragStart: quiet, onDragOver: quiet, onDragEnd: quiet, onDragCancel: quiet } };

/** The records by stage or choice: sums, day ticks, lanes, drag, and the same moves by keyboard. */
export default function BoardView({ browse: given, onHead }: { browse: Browse; onHead: (text: string) => void }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const qc = useQueryClient();
  const small = useStore(phone);
  // A phone has no room for lanes: its columns stand side by side.
  const browse = useMemo((): Browse => (small && given.lane ? { ...given, lane: undefined } : given), [small, given]);
  const by = browse.by?.name ?? '';
  // The life cycle's actions run only when the columns are the life cycle's own.
  const object = useMemo(() => ({ ...browse.object, board: by }), [browse.object, by]);
  const pipeline = useOwn(`pipeline.${object.name}`, textOf);
  const stages = useStages(object, model, lang, pipeline);
  const columns = useMemo(() => stages?.columns ?? [], [stages]);
  const fields = useMemo(() => cardFields(object, model), [object, model]);

  const weighted = model.field(object.name, 'weighted_base');
  const measures = useMemo(() => [{ fn: 'count' as const }, ...(fields.money ? [{ fn: 'sum' as const, field: fields.money.name }] : []), ...(weighted && fields.money ? [{ fn: 'sum' as const, field: weighted.name }] : [])], [fields.money, weighted]);
  const within = { ...(browse.filter ? { filter: browse.filter } : {}), ...(browse.q ? { q: browse.q } : {}), measures };
  const sums = useAggregate(object.name, { ...within, group: [by] });
  const sumOf = (key: string) => {
    const g = sums.data?.groups.find((x) => x.key[by] === key);
    return { count: Number(g?.values[0] ?? 0), amount: Number(g?.values[1] ?? 0), weighted: Number(g?.values[2] ?? 0) };
  };
  const running = columns.filter((c) => c.kind === 'open');
  const ends = columns.filter((c) => c.kind !== 'open');
  const lanes = useLanes(browse, by, running.map((c) => c.key), within);

  const totals = running.map((c) => sumOf(c.key)).reduce((a, b) => ({ count: a.count + b.count, amount: a.amount + b.amount, weighted: a.weighted + b.weighted }), { count: 0, amount: 0, weighted: 0 });
  const head = !sums.data ? '' : [
    t('board.count', { count: totals.count, n: fmt.number(totals.count, lang) }),
    ...(fields.money ? [fmt.compactMoney(totals.amount, model.doc.currency, lang)] : []),
    ...(weighted && totals.weighted ? [t('board.weighted', { sum: fmt.compactMoney(totals.weighted, model.doc.currency, lang) })] : []),
  ].join(' · ');
  useEffect(() => onHead(head), [head, onHead]);

  // What the cells show, so that a card can be found, and moved before the server has answered.
  const cells = useRef(new Map<string, { place: CellPlace; rows: Rec[] }>());
  const onRows = useCallback((place: CellPlace, rows: Rec[] | null) => {
    const k = `${place.column}|${place.lane}`;
    if (rows) cells.current.set(k, { place, rows });
    else if (cells.current.get(k)?.place.key === place.key) cells.current.delete(k);
  }, []);
  const find = (id: string | null | undefined): Rec | undefined => [...cells.current.values()].flatMap((c) => c.rows).find((r) => r.id === id);
  const columnOf = (rec: Rec) => columns.find((c) => c.key === rec[by]);

  const [dragged, setDragged] = useState<{ rec: Rec; from: Column } | null>(null);
  const [menu, setMenu] = useState<{ rec: Rec; anchor: HTMLElement } | null>(null);
  const [gate, setGate] = useState<{ rec: Rec; to: Column; problem: Problem } | null>(null);
  const held = useHeld(object.name, dragged?.rec, columns);
  const sensors = useSensors(useSensor(MouseSensor, { activationConstraint: { distance: 6 } }), useSensor(TouchSensor, { activationConstraint: { delay: 220, tolerance: 8 } }));

  /** Shows the card in its new column at once; the server's word follows, or the card goes back. */
  const place = (rec: Rec, to: Column) => {
    const laneOf = [...cells.current.values()].find((c) => c.rows.some((r) => r.id === rec.id))?.place.lane ?? '';
    const moved = { ...rec, [by]: to.key, ...(by === browse.object.board ? { stage_entered_at: new Date().toISOString() } : {}) };
    for (const { place: p } of cells.current.values()) {
      if (p.column === to.key && p.lane === laneOf) {
        qc.setQueryData<InfiniteData<Page>>(p.key, (d) => d && { ...d, pages: d.pages.map((x, i) => (i === 0 ? { ...x, data: [moved, ...x.data.filter((r) => r.id !== rec.id)] } : x)) });
      } else {
        qc.setQueryData<InfiniteData<Page>>(p.key, (d) => (d && d.pages.some((x) => x.data.some((r) => r.id === rec.id)) ? { ...d, pages: d.pages.map((x) => ({ ...x, data: x.data.filter((r) => r.id !== rec.id) })) } : d));
      }
    }
  };
  const settle = async () => {
    await Promise.all([qc.invalidateQueries({ queryKey: keys.lists(object.name) }), qc.invalidateQueries({ queryKey: keys.aggregates(object.name) })]);
  };
  const run = async (rec: Rec, to: Column, extra: Record<string, unknown> = {}): Promise<void> => {
    const fresh = await moveTo(object.status === by ? object : { ...object, actions: [] }, rec.id, rec[by], to.key, extra);
    if (fresh?.id && typeof fresh.version === 'number') {
      wroteMyself(object.name, fresh.id, fresh.version);
      patchCaches(qc, object.name, fresh);
    }
  };
  const done = (rec: Rec, from: Column, to: Column) => {
    toast(t('board.moved', { name: titleOf(object, rec), stage: to.title }), {
      undo: () => void run({ ...rec, [by]: to.key }, from, object.status === by ? { reason: t('board.undoReason') } : {}).then(settle).catch((e: unknown) => tell(e, lang, object.name, model)),
    });
  };
  /** Focus goes where the card went; to the board when it went out of sight. */
  const refocus = (id: string) => setTimeout(() => (document.querySelector<HTMLElement>(`[data-card="${id}"] .t`) ?? document.querySelector<HTMLElement>('.board'))?.focus(), 60);
  /** What others or the order of the column have taken away under the focus. */
  const keepFocus = (id: string) => settle().then(() => setTimeout(() => { if (document.activeElement === document.body) refocus(id); }, 60));
  const move = async (rec: Rec, to: Column) => {
    const from = columnOf(rec);
    if (!from || from.key === to.key) return;
    place(rec, to);
    refocus(rec.id);
    try {
      await run(rec, to);
      done(rec, from, to);
    } catch (e) {
      place({ ...rec, [by]: to.key }, from);
      if (e instanceof Problem && e.status === 422 && e.body.errors?.length) setGate({ rec, to, problem: e });
      else tell(e, lang, object.name, model, t('board.notMoved', { name: titleOf(object, rec) }));
    }
    void keepFocus(rec.id);
  };

  const cardHere = () => (document.activeElement as HTMLElement | null)?.closest<HTMLElement>('[data-card]') ?? null;
  const focused = () => find(cardHere()?.dataset['card']);
  const focusBy = (rows: number) => {
    const all = [...document.querySelectorAll<HTMLElement>('[data-card] .t')];
    const at = all.indexOf(document.activeElement as HTMLElement);
    all[Math.max(0, Math.min(all.length - 1, at + rows))]?.focus();
  };
  /** To the card at about the same height in the next column that has one. */
  const focusAcross = (step: number) => {
    const card = cardHere();
    if (!card) return focusBy(0);
    const top = card.getBoundingClientRect().top;
    const all = [...document.querySelectorAll<HTMLElement>('ul.cell')];
    const from = all.indexOf(card.closest<HTMLElement>('ul.cell') as HTMLElement);
    for (let i = from + step; i >= 0 && i < all.length; i += step) {
      const cards = [...(all[i]?.querySelectorAll<HTMLElement>('[data-card]') ?? [])];
      const near = cards.sort((a, b) => Math.abs(a.getBoundingClientRect().top - top) - Math.abs(b.getBoundingClientRect().top - top))[0];
      if (near) return near.querySelector<HTMLElement>('.t')?.focus();
    }
  };
  useHotkeys([
    { key: 'j', run: () => focusBy(1) },
    { key: 'k', run: () => focusBy(-1) },
    { key: 'ArrowDown', run: () => focusBy(1) },
    { key: 'ArrowUp', run: () => focusBy(-1) },
    { key: 'ArrowRight', run: () => focusAcross(1) },
    { key: 'ArrowLeft', run: () => focusAcross(-1) },
    { key: 'm', run: () => { const r = focused(); const el = cardHere(); if (r && el && object.rights.edit) setMenu({ rec: r, anchor: el }); } },
    { key: ' ', run: () => { const r = focused(); if (r) browse.set({ open: browse.search.open === r.id ? undefined : r.id }); } },
    { key: 'f', run: () => { const r = focused(); if (r) followUpOn(browse, r); } },
  ]);

  if (sums.isLoadingError) return <Unread error={sums.error} object={object.name} />;
  if (!stages) return <SkeletonRows rows={8} />;
  if (sums.data && totals.count === 0 && ends.every((c) => sumOf(c.key).count === 0)) return <NothingHere browse={browse} drawing="board" />;

  const tall = !browse.lane && !small;
  const grid: CSSProperties = { gridTemplateColumns: `repeat(${running.length}, minmax(${small ? '78vw' : '196px'}, 1fr))${ends.length ? ' 44px' : ''}` };
  const lacking = (c: Column) => (dragged ? lacks(object.name, dragged.rec, columns, c, by, held, model, lang) : []);
  const face = { browse, fields, model, lang };
  const money = Boolean(fields.money);
  const spoken = (name: string, count: number, amount: number) => [name, t('board.count', { count, n: fmt.number(count, lang) }), ...(money ? [fmt.compactMoney(amount, model.doc.currency, lang)] : [])].join(lang === 'zh-CN' ? '，' : ', ');
  const cell = (c: Column, lane: { key: string; where: Filter | null }, count: number, name: string) => (
    <BoardCell key={`${c.key}|${lane.key}`} browse={browse} by={by} column={c} lane={lane} name={name} count={count} fields={fields} tall={tall} dragged={dragged?.rec} lacking={lacking(c)} onRows={onRows} onMove={object.rights.edit ? (rec, anchor) => setMenu({ rec, anchor }) : undefined} />
  );

  return (
    <DndContext
      sensors={sensors}
      collisionDetection={pointerWithin}
      accessibility={silent}
      onDragStart={(e: DragStartEvent) => setDragged((e.active.data.current as { rec: Rec; from: Column }) ?? null)}
      onDragCancel={() => setDragged(null)}
      onDragEnd={(e: DragEndEvent) => {
        const now = dragged;
        setDragged(null);
        const to = columns.find((c) => c.key === String(e.over?.id ?? '').split('|')[0]);
        if (now && to && object.rights.edit) void move(now.rec, to);
      }}
    >
      {stages.pipelines.length > 1 && (
        <div className="board-bar">
          <MenuButton
            className="chip"
            label={t('board.pipeline')}
            align="start"
            items={stages.pipelines.map((p) => ({ key: p.id, text: p.name, checked: p.id === stages.pipeline, run: () => setOwn(`pipeline.${object.name}`, p.id) }))}
          >
            {t('board.pipeline')} <b>{stages.pipelines.find((p) => p.id === stages.pipeline)?.name}</b><Icon name="down" />
          </MenuButton>
        </div>
      )}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable with the keyboard */}
      <div className={tall ? 'board tall' : 'board'} role="region" aria-label={plural(object, lang)} aria-describedby="board-help" tabIndex={0}>
        <span id="board-help" className="sr">{t('board.dragHelp')}</span>
        <div className="board-grid" style={grid}>
          {running.map((c, i) => {
            const s = sumOf(c.key);
            const strength = running.length < 2 ? 100 : Math.round(38 + (62 * i) / (running.length - 1));
            return (
              <div key={c.key} className="sh" style={{ borderColor: `color-mix(in srgb, var(--c1) ${strength}%, var(--sheet))` }}>
                <div className="row">
                  <h2 className="el">{c.title}</h2>
                  <span className="mut s12 num">{fmt.number(s.count, lang)}</span>
                  <span className="sp" />
                  {money && <span className="sum">{fmt.compact(s.amount, lang)}</span>}
                </div>
                {(c.probability !== null || c.maxDays !== null) && (
                  <span className="s12 mut">{[c.probability !== null ? `${c.probability}%` : '', c.maxDays !== null ? t('board.limit', { count: c.maxDays }) : ''].filter(Boolean).join(' · ')}</span>
                )}
              </div>
            );
          })}
          {ends.length > 0 && (
            <div className="board-ends" style={{ gridRow: `1 / span ${2 + lanes.length * 2}`, gridColumn: running.length + 1 }}>
              {ends.map((c) => <EndTarget key={c.key} column={c} lacking={lacking(c)} text={`${c.title} ${fmt.number(sumOf(c.key).count, lang)}${money ? ` · ${fmt.compact(sumOf(c.key).amount, lang)}` : ''}`} />)}
            </div>
          )}
          {browse.lane ? lanes.map((lane) => (
            <LaneBox key={lane.key} lane={lane} money={money} span={running.length} person={browse.lane?.type === 'user'}>
              {running.map((c) => cell(c, lane, lane.counts.get(c.key) ?? 0, `${lane.title} · ${c.title}`))}
            </LaneBox>
          )) : running.map((c) => cell(c, { key: '', where: null }, sumOf(c.key).count, spoken(c.title, sumOf(c.key).count, sumOf(c.key).amount)))}
        </div>
      </div>
      <DragOverlay dropAnimation={null}>
        {dragged && (
          <div className="dc drag">
            <CardFace {...face} rec={dragged.rec} column={dragged.from} dragged />
          </div>
        )}
      </DragOverlay>
      {menu && (
        <Menu
          anchor={menu.anchor}
          label={t('board.moveTo', { name: titleOf(object, menu.rec) })}
          onClose={() => setMenu(null)}
          items={columns.map((c) => ({ key: c.key, text: c.title, checked: c.key === menu.rec[by], ...(c.probability !== null ? { hint: `${c.probability}%` } : {}), run: () => void move(menu.rec, c) }))}
        />
      )}
      <Suspense>
        {gate && (
          <GateDialog
            object={object}
            rec={gate.rec}
            stage={gate.to.title}
            problem={gate.problem}
            onClose={() => setGate(null)}
            onMove={async (extra) => {
              const from = columnOf(gate.rec);
              await run(gate.rec, gate.to, extra);
              void keepFocus(gate.rec.id);
              if (from) done(gate.rec, from, gate.to);
            }}
          />
        )}
      </Suspense>
    </DndContext>
  );
}

function LaneBox({ lane, money, span, person, children }: { lane: Lane; money: boolean; span: number; person: boolean; children: ReactNode }) {
  const t = useT();
  const lang = useLang();
  const [shut, setShut] = useState(false);
  return (
    <>
      <div className="lane" style={{ gridColumn: `1 / ${span + 1}` }}>
        <button type="button" className="lane-btn" aria-expanded={!shut} onClick={() => setShut(!shut)}>
          <Icon name={shut ? 'right' : 'down'} />
          {person && <Avatar name={lane.title} size="x" />}
          <b className="b">{lane.title}</b>
        </button>
        <span className="mut num">{t('board.count', { count: lane.count, n: fmt.number(lane.count, lang) })}{money ? ` · ${fmt.compact(lane.amount, lang)}` : ''}</span>
      </div>
      {!shut && children}
    </>
  );
}

function EndTarget({ column, text, lacking }: { column: Column; text: string; lacking: string[] }) {
  const t = useT();
  const lang = useLang();
  const { setNodeRef, isOver } = useDroppable({ id: column.key });
  return (
    <div ref={setNodeRef} className={`${column.kind}${isOver ? ' over' : ''}`} role="group" aria-label={text}>
      <b className={column.kind === 'won' ? 'ok' : 'mut'}><Icon name={column.kind === 'won' ? 'check' : 'x'} /></b>
      <span>{text}</span>
      {isOver && lacking.length > 0 && <em className="end-tip">{t('board.gate', { count: lacking.length, fields: lacking.join(lang === 'zh-CN' ? '、' : ', ') })}</em>}
    </div>
  );
}
