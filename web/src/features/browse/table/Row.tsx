import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { titleOf, type Model } from '@/api/model';
import type { FieldMeta, ObjectMeta, Rec } from '@/api/types';
import { isNumeric } from '@/fields/display';
import { open as openFor } from '@/fields/conditions/conditions';
import { FieldValue } from '@/fields/FieldValue';
import { t, type Lang } from '@/shared/i18n';
import { CellEditor } from '../CellEditor';
import { inCell } from './useBlocks';

interface Props {
  rec: Rec;
  /** Which row of the whole table this is, the heads being the first. */
  place: number;
  object: ObjectMeta;
  fields: FieldMeta[];
  pinned: number;
  lefts: number[];
  model: Model;
  lang: Lang;
  chosen: boolean;
  /** Field of the cell one stands on in this row. */
  at: string | null;
  /** Columns of the marked block that cross this row. */
  from: number;
  to: number;
  editing: string | null;
  /** Shown in the panel beside the list. */
  open: boolean;
  split: boolean;
  onStop: () => void;
  onTab: (field: string, back: boolean) => void;
}

export const cellId = (id: string, field: string): string => `c-${id}-${field}`;

/** One record. Its handlers live at the table, so that a row renders again only when it changes. */
export const Row = memo(function Row({ rec, place, object, fields, pinned, lefts, model, lang, chosen, at, from, to, editing, open, split, onStop, onTab }: Props) {
  return (
    <tr data-id={rec.id} className={`${chosen ? 'on' : ''}${open ? ' open' : ''}${at ? ' cursor' : ''}`} aria-rowindex={place} aria-selected={chosen}>
      <td className="pin" style={{ left: 0 }}><input type="checkbox" tabIndex={-1} aria-label={t('bulk.choose', { name: titleOf(object, rec) })} checked={chosen} readOnly /></td>
      {fields.map((f, i) => {
        const pin = i < pinned;
        const can = object.rights.edit && inCell(f) && openFor(f, rec, model);
        if (editing === f.name) {
          return (
            <td key={f.name} className={pin ? 'editing pin' : 'editing'} style={pin ? { left: lefts[i] } : undefined}>
              <CellEditor object={object.name} field={f} rec={rec} onStop={onStop} onTab={(back) => onTab(f.name, back)} />
            </td>
          );
        }
        const cls = `${isNumeric(f) ? 'n' : ''}${can ? ' editable' : ''}${pin ? ' pin' : ''}${i === pinned - 1 ? ' pin-end' : ''}${at === f.name ? ' at' : ''}${i >= from && i <= to ? ' marked' : ''}`;
        const value = <FieldValue object={object.name} field={f} rec={rec} model={model} lang={lang} dense {...(f.name === object.title ? { blank: t('value.untitled') } : {})} />;
        return (
          <td key={f.name} id={cellId(rec.id, f.name)} role={f.name === object.title ? 'rowheader' : undefined} data-field={f.name} className={f.name === object.title ? `cell-title ${cls}` : cls || undefined} style={pin ? { left: lefts[i] } : undefined} aria-readonly={!can}>
            {f.name === object.title ? (
              <Link to="/o/$object/$id" params={{ object: object.name, id: rec.id }} tabIndex={-1} draggable={false} onClick={(e) => { if (split && !e.ctrlKey && !e.metaKey && !e.shiftKey) e.preventDefault(); }}>
                {value}
              </Link>
            ) : value}
          </td>
        );
      })}
    </tr>
  );
});
