import { useMemo } from 'react';
import { valueType } from '@/api/model';
import type { FieldMeta } from '@/api/types';
import { own, setOwn, useOwn } from '@/shared/own';

/** How the columns of one view look to one person: widths and what stays in sight. */
export interface Look {
  widths: Record<string, number>;
  pins: string[];
}

/** Views of an object whose looks are kept: the last ones changed. */
const KEPT = 40;

function looksOf(raw: unknown): Record<string, Partial<Look>> {
  return raw && typeof raw === 'object' && !Array.isArray(raw) ? (raw as Record<string, Partial<Look>>) : {};
}

/** Own settings, the same on every device, over those saved with the view. */
export function useLook(object: string, view: { id: string; look?: Partial<Look> | undefined } | undefined): [Look, (next: Partial<Look>) => void] {
  const name = `look.${object}`;
  const id = view?.id ?? '-';
  const mine = useOwn(name, looksOf)[id];
  const saved = view?.look;
  const look = useMemo(() => ({ widths: mine?.widths ?? saved?.widths ?? {}, pins: mine?.pins ?? saved?.pins ?? [] }), [mine, saved]);
  const set = (next: Partial<Look>) => {
    const { [id]: _, ...others } = looksOf(own(name));
    setOwn(name, Object.fromEntries([...Object.entries(others), [id, { ...look, ...next }]].slice(-KEPT)));
  };
  return [look, set];
}

const widths: Partial<Record<FieldMeta['type'], number>> = { bool: 80, date: 136, dt: 160, pick: 120, int: 96, pct: 88, user: 128, dept: 140, money: 136, roll: 128, calc: 128, email: 200, url: 180, phone: 150, auto: 140, long: 260, text: 180, tags: 180, multi: 180, rating: 110 };
export const NARROW = 64;
export const WIDE = 800;

export function widthOf(f: FieldMeta, title: string, look: Look): number {
  return look.widths[f.name] ?? (f.name === title ? 240 : (widths[f.type] ?? widths[valueType(f)] ?? 160));
}

/** The title first, then what is pinned, then the rest, each in its own order. */
export function orderOf(columns: FieldMeta[], title: string, pins: readonly string[]): { fields: FieldMeta[]; pinned: number } {
  const held = columns.filter((f) => f.name === title || pins.includes(f.name));
  const first = [...held.filter((f) => f.name === title), ...held.filter((f) => f.name !== title)];
  return { fields: [...first, ...columns.filter((f) => !held.includes(f))], pinned: first.length };
}
