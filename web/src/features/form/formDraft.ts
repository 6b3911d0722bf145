import { local } from '@/shared/store';

/** A form that was not finished: kept in this browser until it is saved or thrown away, for a week at most. */
interface Kept {
  at: number;
  values: Record<string, unknown>;
  titles: Record<string, string>;
}

const WEEK = 7 * 86_400_000;
const key = (object: string) => `rapport.form.${object}`;

export function readForm(object: string, now = Date.now()): Kept | null {
  const raw = local.get(key(object));
  if (!raw) return null;
  try {
    const d = JSON.parse(raw) as Kept;
    return now - d.at < WEEK && Object.keys(d.values ?? {}).length > 0 ? { at: d.at, values: d.values, titles: d.titles ?? {} } : null;
  } catch {
    return null;
  }
}

/** Keeps what a person changed against how the form began; nothing changed keeps nothing. */
export function keepForm(object: string, values: Record<string, unknown>, begun: Record<string, unknown>, titles: Record<string, string>, now = Date.now()): void {
  const changed = Object.fromEntries(Object.entries(values).filter(([k, v]) => !(Array.isArray(v) && v.some((x) => x instanceof File)) && JSON.stringify(v ?? null) !== JSON.stringify(begun[k] ?? null)));
  local.set(key(object), Object.keys(changed).length ? JSON.stringify({ at: now, values: changed, titles }) : null);
}

export function dropForm(object: string): void {
  local.set(key(object), null);
}
