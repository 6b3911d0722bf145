import { useDroppable } from '@dnd-kit/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, type ReactNode } from 'react';
import { keys, useList, useModel, useRows } from '@/api/queries';
import type { Filter, Rec } from '@/api/types';
import type { Column } from '@/fields/stages/stages';
import { useLang, useT } from '@/shared/i18n';
import { Card } from './Card';
import { cellParams, type CardFields } from './cards';
import type { Browse } from '../useBrowse';

/** Where the cards of a cell stand in the cache, so that a moved card can be shown at once. */
export interface CellPlace {
  column: string;
  lane: string;
  key: readonly unknown[];
}

interface Props {
  browse: Browse;
  by: string;
  column: Column;
  lane: { key: string; where: Filter | null };
  /** What a screen reader calls the list: stage, number, sum. */
  name: string;
  count: number;
  fields: CardFields;
  /** Scrolls by itself and draws only the cards in sight. */
  tall: boolean;
  dragged: Rec | undefined;
  lacking: string[];
  onMove: ((rec: Rec, anchor: HTMLElement) => void) | undefined;
  onRows: (place: CellPlace, rows: Rec[] | null) => void;
}

/** The cards of one column (in one lane): loaded as one scrolls, drawn as they come into sight. */
export function BoardCell({ browse, by, column, lane, name, count, fields, tall, dragged, lacking, onMove, onRows }: Props) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const params = useMemo(() => cellParams(browse, model, by, column.key, lane.where), [browse.object, browse.filter, browse.q, browse.sort, browse.lane, model, by, column.key, lane.where]); // eslint-disable-line react/exhaustive-deps
  const list = useList(browse.object.name, params);
  const rows = useRows(list.data);
  const { hasNextPage, isFetchingNextPage, fetchNextPage, isPending } = list;
  const id = `${column.key}|${lane.key}`;
  const { setNodeRef, isOver } = useDroppable({ id });
  useEffect(() => {
    const place = { column: column.key, lane: lane.key, key: keys.list(browse.object.name, params) };
    onRows(place, rows);
    return () => onRows(place, null);
  }, [browse.object.name, column.key, lane.key, params, rows, onRows]);

  const box = useRef<HTMLUListElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => 92, overscan: 6, gap: 6, getItemKey: (i) => rows[i]?.id ?? i, enabled: tall });
  const shown = virtual.getVirtualItems();
  const last = shown[shown.length - 1]?.index ?? 0;
  useEffect(() => {
    if (tall && hasNextPage && !isFetchingNextPage && last >= rows.length - 8) void fetchNextPage();
  }, [tall, hasNextPage, isFetchingNextPage, fetchNextPage, last, rows.length]);

  const card = (r: Rec): ReactNode => <Card browse={browse} rec={r} column={column} fields={fields} model={model} lang={lang} {...(onMove ? { onMove } : {})} />;
  const rest = count - rows.length;
  return (
    <ul
      ref={(el) => { setNodeRef(el); box.current = el; }}
      className={`cell${isOver ? ' over' : ''}${tall ? ' tall' : ''}`}
      aria-label={name}
      data-column={column.key}
    >
      {isOver && dragged && (
        <li className="drop">
          <b className="b">{t('board.dropOn', { stage: column.title })}</b>
          {lacking.length > 0 && <><br />{t('board.gate', { count: lacking.length, fields: lacking.join(lang === 'zh-CN' ? '、' : ', ') })}</>}
        </li>
      )}
      {tall ? (
        <>
          {(shown[0]?.start ?? 0) > 0 && <li aria-hidden="true" className="gap" style={{ height: (shown[0]?.start ?? 6) - 6 }} />}
          {shown.map((v) => {
            const r = rows[v.index];
            return r ? <li key={r.id} ref={virtual.measureElement} data-index={v.index} className="slot" aria-posinset={v.index + 1} aria-setsize={count || rows.length}>{card(r)}</li> : null;
          })}
          {shown.length > 0 && virtual.getTotalSize() - (shown[shown.length - 1]?.end ?? 0) > 6 && <li aria-hidden="true" className="gap" style={{ height: virtual.getTotalSize() - (shown[shown.length - 1]?.end ?? 0) - 6 }} />}
        </>
      ) : rows.map((r) => <li key={r.id} className="slot">{card(r)}</li>)}
      {(isPending || isFetchingNextPage) && <li className="dc" style={{ height: 88 }} aria-hidden="true"><span className="skel" style={{ width: '70%' }} /></li>}
      {!tall && hasNextPage && !isFetchingNextPage && <li><button type="button" className="more-cards" onClick={() => void fetchNextPage()}>{rest > 0 ? t('board.more', { count: rest }) : t('board.moreAny')}</button></li>}
    </ul>
  );
}
