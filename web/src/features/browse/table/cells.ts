/** The cell one stands on and, when a block is marked, its opposite corner. By id and name, so that others' changes do not move it. */
export interface Cursor {
  id: string;
  field: string;
  to?: { id: string; field: string } | undefined;
}

export interface Block {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

/** The marked block in places of the rows and columns shown; nothing when the cursor's row is gone. */
export function blockOf(cursor: Cursor | null, rowAt: Map<string, number>, columnAt: Map<string, number>): Block | null {
  if (!cursor) return null;
  const r = rowAt.get(cursor.id);
  const c = columnAt.get(cursor.field);
  if (r === undefined || c === undefined) return null;
  const r2 = cursor.to ? (rowAt.get(cursor.to.id) ?? r) : r;
  const c2 = cursor.to ? (columnAt.get(cursor.to.field) ?? c) : c;
  return { top: Math.min(r, r2), bottom: Math.max(r, r2), left: Math.min(c, c2), right: Math.max(c, c2) };
}

export const clamp = (n: number, most: number): number => Math.max(0, Math.min(most, n));

/** Several records chosen one by one, or all that the conditions let through but a few. */
export interface Choice {
  all: boolean;
  /** Chosen, or with `all` left out. */
  ids: ReadonlySet<string>;
}

export const nothing: Choice = { all: false, ids: new Set() };

export function isChosen(c: Choice, id: string): boolean {
  return c.ids.has(id) !== c.all;
}

export function chosenCount(c: Choice, total: number): number {
  return c.all ? Math.max(0, total - c.ids.size) : c.ids.size;
}

export function toggle(c: Choice, id: string): Choice {
  const ids = new Set(c.ids);
  if (!ids.delete(id)) ids.add(id);
  return { all: c.all, ids };
}

/** Chooses (or leaves out) everything between two rows, both included. */
export function range(c: Choice, order: readonly string[], from: string, to: string, on: boolean): Choice {
  const a = order.indexOf(from);
  const b = order.indexOf(to);
  if (a < 0 || b < 0) return toggle(c, to);
  const ids = new Set(c.ids);
  for (const id of order.slice(Math.min(a, b), Math.max(a, b) + 1)) {
    if (on !== c.all) ids.add(id);
    else ids.delete(id);
  }
  return { all: c.all, ids };
}
