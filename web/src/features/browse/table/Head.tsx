import { memo, type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { label } from '@/api/model';
import type { FieldMeta } from '@/api/types';
import { isNumeric } from '@/fields/display';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { Menu, type MenuItem } from '@/shared/Pop';
import type { Browse } from '../useBrowse';
import { NARROW, WIDE, widthOf } from './look';
import { groupFields } from './useGroups';

interface Props {
  browse: Browse;
  fields: FieldMeta[];
  pinned: number;
  lefts: number[];
  all: boolean;
  some: boolean;
  onAll: () => void;
}

/** The heads of the columns: sort, width, order, what stays in sight, grouping. */
export const Head = memo(function Head({ browse, fields, pinned, lefts, all, some, onAll }: Props) {
  const t = useT();
  const lang = useLang();
  const { object } = browse;
  const [menu, setMenu] = useState<{ field: FieldMeta; anchor: HTMLElement } | null>(null);
  const [drop, setDrop] = useState<{ name: string; after: boolean } | null>(null);
  const drag = useRef<string | null>(null);
  const sortNow = browse.sort?.split(',')[0] ?? '';
  const names = fields.map((f) => f.name);

  const sortBy = (f: FieldMeta) => browse.set({ sort: sortNow === f.name ? `-${f.name}` : sortNow === `-${f.name}` ? undefined : f.name });
  const place = (name: string, index: number) => {
    const rest = names.filter((n) => n !== name);
    rest.splice(Math.max(1, Math.min(rest.length, index)), 0, name);
    browse.set({ columns: rest });
  };
  const shift = (name: string, by: number) => place(name, names.indexOf(name) + by);
  const pin = (name: string) => browse.setLook({ pins: browse.look.pins.includes(name) ? browse.look.pins.filter((n) => n !== name) : [...browse.look.pins, name] });
  const width = (f: FieldMeta, px: number) => browse.setLook({ widths: { ...browse.look.widths, [f.name]: Math.round(Math.max(NARROW, Math.min(WIDE, px))) } });

  const resize = (f: FieldMeta, e: PointerEvent<HTMLElement>) => {
    e.preventDefault();
    e.stopPropagation();
    const start = e.clientX;
    const before = widthOf(f, object.title, browse.look);
    const handle = e.currentTarget;
    handle.setPointerCapture(e.pointerId);
    const move = (m: globalThis.PointerEvent) => width(f, before + m.clientX - start);
    const end = () => {
      handle.removeEventListener('pointermove', move);
      handle.removeEventListener('pointerup', end);
      handle.removeEventListener('pointercancel', end);
    };
    handle.addEventListener('pointermove', move);
    handle.addEventListener('pointerup', end);
    handle.addEventListener('pointercancel', end);
  };

  const onKey = (f: FieldMeta, e: KeyboardEvent<HTMLElement>) => {
    if (!e.altKey || f.name === object.title) return;
    if (e.key === 'ArrowLeft' || e.key === 'ArrowRight') {
      e.preventDefault();
      e.stopPropagation();
      shift(f.name, e.key === 'ArrowLeft' ? -1 : 1);
    }
  };

  const items = (f: FieldMeta): (MenuItem | 'line')[] => {
    const title = f.name === object.title;
    const at = names.indexOf(f.name);
    return [
      ...(f.sortable === false ? [] : [
        { key: 'asc', text: t('col.asc'), icon: 'sortUp' as const, run: () => browse.set({ sort: f.name }) },
        { key: 'desc', text: t('col.desc'), icon: 'sortDown' as const, run: () => browse.set({ sort: `-${f.name}` }) },
        ...(sortNow.replace('-', '') === f.name ? [{ key: 'unsort', text: t('col.unsort'), icon: 'x' as const, run: () => browse.set({ sort: undefined }) }] : []),
        'line' as const,
      ]),
      ...(groupFields([f]).length ? [{ key: 'group', text: browse.group?.name === f.name ? t('group.none') : t('group.by'), icon: 'lanes' as const, run: () => browse.set({ group: browse.group?.name === f.name ? '-' : f.name }) }] : []),
      ...(title ? [] : [
        { key: 'pin', text: browse.look.pins.includes(f.name) ? t('col.unpin') : t('col.pin'), icon: 'keep' as const, run: () => pin(f.name) },
        ...(at > 1 ? [{ key: 'left', text: t('col.left'), icon: 'left' as const, hint: 'Alt ←', run: () => shift(f.name, -1) }] : []),
        ...(at < names.length - 1 ? [{ key: 'right', text: t('col.right'), icon: 'right' as const, hint: 'Alt →', run: () => shift(f.name, 1) }] : []),
      ]),
      ...(browse.look.widths[f.name] ? [{ key: 'reset', text: t('col.reset'), icon: 'undo' as const, run: () => browse.setLook({ widths: Object.fromEntries(Object.entries(browse.look.widths).filter(([n]) => n !== f.name)) }) }] : []),
      ...(title ? [] : ['line' as const, { key: 'hide', text: t('col.hide'), icon: 'eye' as const, run: () => browse.set({ columns: names.filter((n) => n !== f.name) }) }]),
    ];
  };

  return (
    <thead>
      <tr aria-rowindex={1}>
        <th scope="col" className="pin" style={{ left: 0 }} aria-label={t('bulk.all')}>
          <input type="checkbox" aria-label={t('bulk.all')} checked={all} ref={(el) => { if (el) el.indeterminate = some && !all; }} onChange={onAll} />
        </th>
        {fields.map((f, i) => {
          const name = label(f.label, lang, f.name);
          const dir = sortNow === f.name ? 'ascending' : sortNow === `-${f.name}` ? 'descending' : undefined;
          const movable = f.name !== object.title;
          const cls = [isNumeric(f) ? 'n' : '', i < pinned ? 'pin' : '', i === pinned - 1 ? 'pin-end' : '', drop?.name === f.name ? (drop.after ? 'drop-after' : 'drop-before') : ''].filter(Boolean).join(' ');
          return (
            <th
              key={f.name}
              scope="col"
              data-col={f.name}
              aria-label={name}
              className={cls || undefined}
              style={i < pinned ? { left: lefts[i] } : undefined}
              aria-sort={dir}
              onContextMenu={(e) => { e.preventDefault(); setMenu({ field: f, anchor: e.currentTarget }); }}
              onDragOver={(e) => {
                if (!drag.current || drag.current === f.name) return;
                e.preventDefault();
                const box = e.currentTarget.getBoundingClientRect();
                setDrop({ name: f.name, after: !movable || e.clientX > box.left + box.width / 2 });
              }}
              onDragLeave={() => setDrop((d) => (d?.name === f.name ? null : d))}
              onDrop={(e) => {
                e.preventDefault();
                const moved = drag.current;
                const after = drop?.after ?? false;
                drag.current = null;
                setDrop(null);
                if (!moved || moved === f.name) return;
                const rest = names.filter((n) => n !== moved);
                place(moved, rest.indexOf(f.name) + (after ? 1 : 0));
              }}
            >
              <span className="th">
                <button
                  type="button"
                  className="th-name"
                  title={name}
                  draggable={movable}
                  onDragStart={(e) => { drag.current = f.name; e.dataTransfer.effectAllowed = 'move'; e.dataTransfer.setData('text/plain', name); }}
                  onDragEnd={() => { drag.current = null; setDrop(null); }}
                  onKeyDown={(e) => onKey(f, e)}
                  onClick={(e) => (f.sortable === false ? setMenu({ field: f, anchor: e.currentTarget }) : sortBy(f))}
                >
                  <span className="el">{name}</span>
                  {dir && <Icon name={dir === 'ascending' ? 'sortUp' : 'sortDown'} />}
                </button>
                <button type="button" className="th-more" aria-haspopup="menu" aria-label={t('col.menu', { name })} onClick={(e) => setMenu({ field: f, anchor: e.currentTarget })}>
                  <Icon name="down" />
                </button>
              </span>
              {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- a separator that can be moved is a widget */}
              <span
                className="th-size"
                role="separator"
                aria-orientation="vertical"
                aria-label={t('col.width', { name })}
                aria-valuenow={widthOf(f, object.title, browse.look)}
                aria-valuemin={NARROW}
                aria-valuemax={WIDE}
                tabIndex={-1}
                onPointerDown={(e) => resize(f, e)}
                onDoubleClick={() => browse.setLook({ widths: Object.fromEntries(Object.entries(browse.look.widths).filter(([n]) => n !== f.name)) })}
                onKeyDown={(e) => {
                  if (e.key !== 'ArrowLeft' && e.key !== 'ArrowRight') return;
                  e.preventDefault();
                  width(f, widthOf(f, object.title, browse.look) + (e.key === 'ArrowLeft' ? -16 : 16));
                }}
              />
            </th>
          );
        })}
      </tr>
      {menu && (
        <tr className="sr-row">
          <td>
            <Menu anchor={menu.anchor} onClose={() => setMenu(null)} label={t('col.menu', { name: label(menu.field.label, lang, menu.field.name) })} items={items(menu.field)} />
          </td>
        </tr>
      )}
    </thead>
  );
});
