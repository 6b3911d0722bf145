import { useMemo, useSyncExternalStore } from 'react';
import { valueType } from '@/api/model';
import type { FieldMeta } from '@/api/types';
import { local } from '@/shared/store';

/** How the columns of one view look to one person: widths and what stays in sight. */
export interface Look {
  widths: Record<string, number>;
  pins: string[];
}

const listeners = new Set<() => void>();
const cache = new Map<string, Look>();

function read(key: string): Look | undefined {
  const known = cache.get(key);
  if (known) return known;
  const text = local.get(key);
  if (!text) return undefined;
  try {
    const raw = JSON.parse(text) as Partial<Look>;
    const made = { widths: raw.widths ?? {}, pins: raw.pins ?? [] };
    cache.set(key, made);
    return made;
  } catch {
    return undefined;
  }
}

/** Own settings over those saved with the view. */
export function useLook(object: string, view: { id: string; look?: Partial<Look> | undefined } | undefined): [Look, (next: Partial<Look>) => void] {
  const key = `rapport.look.${object}.${view?.id ?? '-'}`;
  const own = useSyncExternalStore(
    (l) => {
      listeners.add(l);
      return () => listeners.delete(l);
    },
    () => read(key),
    () => undefined,
  );
  const saved = view?.look;
  const look = useMemo(() => own ?? { widths: saved?.widths ?? {}, pins: saved?.pins ?? [] }, [own, saved]);
  const set = (next: Partial<Look>) => {
    const made = { ...look, ...next };
    cache.set(key, made);
    local.set(key, JSON.stringify(made));
    for (const l of listeners) l();
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
