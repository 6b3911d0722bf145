import { useDraggable } from '@dnd-kit/core';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { flashes } from '@/api/live';
import { titleOf, type Model } from '@/api/model';
import type { Rec } from '@/api/types';
import { FieldValue } from '@/fields/FieldValue';
import { showValue } from '@/fields/display';
import { open } from '@/shared/commands';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { useT, type Lang } from '@/shared/i18n';
import { useStore } from '@/shared/store';
import { DayTicks } from '@/shared/ui';
import { NextStep } from '@/fields/NextStep';
import { daysIn, type Column } from '@/fields/stages/stages';
import { amountOf, type CardFields } from './cards';
import type { Browse } from '../useBrowse';

interface Props {
  browse: Browse;
  rec: Rec;
  column: Column;
  fields: CardFields;
  model: Model;
  lang: Lang;
  onMove?: (rec: Rec, anchor: HTMLElement) => void;
  dragged?: boolean;
}

/** A card of four lines: name and sum, customer and day ticks, next step and date. */
export const CardFace = memo(function CardFace({ browse, rec, column, fields, model, lang, onMove, dragged }: Props) {
  const t = useT();
  const { object } = browse;
  const amount = amountOf(rec, fields.money);
  const days = fields.entered && column.kind === 'open' ? daysIn(rec) : null;
  const over = days !== null && column.maxDays !== null ? days - column.maxDays : 0;
  const soon = days !== null && column.maxDays !== null && days >= column.maxDays * 0.8;
  const title = titleOf(object, rec) || t('value.untitled');
  const spoken = [title, ...(amount !== null ? [fmt.compactMoney(amount, model.doc.currency, lang)] : []), column.title].join(lang === 'zh-CN' ? '，' : ', ');
  const who = fields.who ? showValue({ field: fields.who, rec, model, lang, dense: true }) : null;
  return (
    <>
      <div className="row">
        {dragged ? <span className="t el">{title}</span> : (
          <Link className="t el" to="/o/$object/$id" params={{ object: object.name, id: rec.id }} draggable={false} title={title} aria-label={spoken} aria-describedby={[who || days !== null ? `${rec.id}-who` : '', fields.next ? `${rec.id}-next` : ''].filter(Boolean).join(' ') || undefined}>
            {title}
          </Link>
        )}
        {amount !== null && <span className="am">{fmt.compact(amount, lang)}</span>}
      </div>
      {(who || days !== null) && (
        <div className="f" id={dragged ? undefined : `${rec.id}-who`}>
          <span className="el">{who}</span>
          <span className="sp" />
          {days !== null && column.maxDays !== null && <DayTicks days={days} limit={column.maxDays} />}
          {days !== null && (
            <span className={over > 0 ? 'late' : soon ? 'warn' : 'num'} title={column.maxDays !== null ? t('board.daysOf', { days, limit: column.maxDays }) : undefined}>
              {over > 0 ? t('board.stalled', { count: over }) : t('board.days', { count: days })}
            </span>
          )}
        </div>
      )}
      {fields.rest.slice(0, 2).map((f) => (
        <div key={f.name} className="f">
          <FieldValue object={object.name} field={f} rec={rec} model={model} lang={lang} dense />
        </div>
      ))}
      {fields.next && <NextStep id={dragged ? undefined : `${rec.id}-next`} text={typeof rec['next_step'] === 'string' ? rec['next_step'] : null} at={typeof rec['next_follow_at'] === 'string' ? rec['next_follow_at'] : null} lang={lang} />}
      {onMove && (
        <button
          type="button"
          className="tap dc-move"
          aria-label={t('board.moveTo', { name: title })}
          title={t('board.move')}
          onPointerDown={(e) => e.stopPropagation()}
          onClick={(e) => onMove(rec, e.currentTarget)}
        >
          <Icon name="arrow" size={14} />
        </button>
      )}
    </>
  );
});

export function Card(p: Props) {
  const { setNodeRef, listeners, isDragging } = useDraggable({ id: p.rec.id, data: { rec: p.rec, from: p.column } });
  const flash = useStore(flashes).has(`${p.browse.object.name}/${p.rec.id}`);
  return (
    <div
      ref={setNodeRef}
      className={`dc${isDragging ? ' ghost' : ''}${flash ? ' flash' : ''}`}
      data-card={p.rec.id}
      {...listeners}
      onContextMenu={(e) => {
        if (e.shiftKey) return;
        e.preventDefault();
        p.onMove?.(p.rec, e.currentTarget);
      }}
    >
      <CardFace {...p} />
    </div>
  );
}

export function followUpOn(browse: Browse, rec: Rec): void {
  open({ kind: 'followUp', object: browse.object.name, id: rec.id, title: titleOf(browse.object, rec) });
}
