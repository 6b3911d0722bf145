/** A department with its place among the others. */
export interface Node {
  id: string;
  name: string;
  parent: string | null;
  position: number;
}

export interface Line extends Node {
  depth: number;
  /** Its own id and those below, which it cannot be moved into. */
  below: ReadonlySet<string>;
}

const order = (a: Node, b: Node) => a.position - b.position || a.name.localeCompare(b.name, 'zh-CN');

export function children(all: readonly Node[], parent: string | null): Node[] {
  return all.filter((n) => n.parent === parent).sort(order);
}

/** The tree as lines, each after the one above it. A parent that is not there (not visible) counts as none. */
export function lines(all: readonly Node[]): Line[] {
  const known = new Set(all.map((n) => n.id));
  const fixed = all.map((n) => (n.parent && !known.has(n.parent) ? { ...n, parent: null } : n));
  const out: Line[] = [];
  const walk = (parent: string | null, depth: number): Set<string> => {
    const made = new Set<string>();
    for (const n of children(fixed, parent)) {
      const at = out.length;
      out.push({ ...n, depth, below: new Set() });
      const below = walk(n.id, depth + 1);
      below.add(n.id);
      out[at] = { ...out[at]!, below };
      for (const id of below) made.add(id);
    }
    return made;
  };
  walk(null, 0);
  return out;
}

/** Moves a department under a parent, before position `index` among its children. Nothing into itself. */
export function move(all: readonly Node[], id: string, parent: string | null, index: number): Node[] {
  const line = lines(all).find((l) => l.id === id);
  if (!line || (parent && line.below.has(parent))) return [...all];
  const siblings = children(all, parent).filter((n) => n.id !== id);
  siblings.splice(Math.max(0, Math.min(index, siblings.length)), 0, { ...line, parent });
  const place = new Map(siblings.map((n, i) => [n.id, i]));
  return all.map((n) => (place.has(n.id) ? { id: n.id, name: n.name, parent, position: place.get(n.id)! } : n));
}

/** One step by keyboard: up and down among brothers, right into the one above, left out of the parent. */
export function step(all: readonly Node[], id: string, key: 'up' | 'down' | 'in' | 'out'): Node[] {
  const n = all.find((x) => x.id === id);
  if (!n) return [...all];
  const brothers = children(all, n.parent);
  const at = brothers.findIndex((x) => x.id === id);
  if (key === 'up' && at > 0) return move(all, id, n.parent, at - 1);
  if (key === 'down' && at < brothers.length - 1) return move(all, id, n.parent, at + 1);
  if (key === 'in' && at > 0) return move(all, id, brothers[at - 1]!.id, 999);
  if (key === 'out' && n.parent) {
    const parent = all.find((x) => x.id === n.parent);
    if (parent?.parent) return move(all, id, parent.parent, children(all, parent.parent).findIndex((x) => x.id === parent.id) + 1);
  }
  return [...all];
}

/** What has to be written: those whose parent or position differ. */
export function changed(before: readonly Node[], after: readonly Node[]): Node[] {
  const old = new Map(before.map((n) => [n.id, n]));
  return after.filter((n) => old.get(n.id)?.parent !== n.parent || old.get(n.id)?.position !== n.position);
}
