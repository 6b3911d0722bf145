import { addTo, between, dayIn, dayOf, millis } from './days';
import * as fix from './fix';

/** A checked formula as the server tells it: the name of a node, then its parts (`crates/schema/src/formula/tree.rs`). */
export type Tree = readonly unknown[];

export const something: unique symbol = Symbol('not blank');
export type Value = null | bigint | boolean | string | { day: string } | { at: number } | { id: string } | readonly string[] | typeof something;

/** What a formula may know: the record's values in the API's form, and the moment. */
export interface Surroundings {
  /** `undefined` = not known here. */
  value: (field: string) => unknown;
  now: number;
  zone: string;
  currency: string;
  user: string | undefined;
}

/** The page cannot tell: a value is not here, or its form is the server's to find. */
export class Unknown extends Error {}

const MAX_TEXT = 20_000;
const blanks = /^[\s\u0085\u200b]+|[\s\u0085\u200b]+$/g;
const chars = (t: string) => Array.from(t);
const made = (t: string): Value => (t === '' ? null : t.length > MAX_TEXT ? chars(t).slice(0, MAX_TEXT).join('') : t);
const num = (v: Value): bigint | null => (typeof v === 'bigint' ? v : null);
const said = (v: Value): string => (typeof v === 'string' ? v : '');
const day = (v: Value): string | null => (v !== null && typeof v === 'object' && 'day' in v ? (v as { day: string }).day : null);
const instant = (v: Value): number | null => (v !== null && typeof v === 'object' && 'at' in v && !Array.isArray(v) ? (v as { at: number }).at : null);
const whole = (n: number): Value => fix.int(n);
const dated = (d: string | null): Value => (d === null ? null : { day: d });
/** How many characters a number means. */
const count = (v: Value) => Math.min(1_000_000, Math.max(0, fix.trunc(num(v) ?? 0n)));

/** Case folding where it is the same everywhere; of rarer letters the server decides. */
function fold(t: string): string {
  return chars(t).map((c) => {
    if (c < '\u0080') return c.toLowerCase();
    if (c >= 'Ａ' && c <= 'Ｚ') return String.fromCodePoint(c.codePointAt(0)! + 0x20);
    if (c.toLowerCase() !== c || (c.toUpperCase() !== c && !(c >= 'ａ' && c <= 'ｚ'))) throw new Unknown();
    return c;
  }).join('');
}

function order(a: string, b: string): number {
  const [x, y] = [chars(a), chars(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const d = x[i]!.codePointAt(0)! - y[i]!.codePointAt(0)!;
    if (d) return d;
  }
  return x.length - y.length;
}

const cmp = (a: bigint | number | string, b: bigint | number | string) => (a < b ? -1 : a > b ? 1 : 0);

/** Negative, zero, positive; `undefined` = different and without an order. */
function compared(a: Value, b: Value): number | undefined {
  if (typeof a === 'bigint' && typeof b === 'bigint') return cmp(a, b);
  if (typeof a === 'string' && typeof b === 'string') return order(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return cmp(Number(a), Number(b));
  if (a === null && typeof b === 'string') return -1;
  if (typeof a === 'string' && b === null) return 1;
  const [da, db] = [day(a), day(b)];
  if (da !== null && db !== null) return cmp(da, db);
  const [ta, tb] = [instant(a), instant(b)];
  if (ta !== null && tb !== null) return cmp(ta, tb);
  if (a !== null && b !== null && typeof a === 'object' && typeof b === 'object' && 'id' in a && 'id' in b) return cmp(a.id, b.id);
  return undefined;
}

function compare(op: string, a: Value, b: Value): boolean {
  if (a === null && b === null) return op === 'eq';
  const o = compared(a, b);
  if (o === undefined) return op === 'ne';
  return op === 'eq' ? o === 0 : op === 'ne' ? o !== 0 : op === 'lt' ? o < 0 : op === 'lte' ? o <= 0 : op === 'gt' ? o > 0 : o >= 0;
}

const empty = (v: unknown) => v === null || v === '' || (Array.isArray(v) && v.length === 0);

function numeric(v: unknown, at: Surroundings): bigint {
  let text = v;
  if (typeof v === 'object' && v !== null && 'amount' in v) {
    const m = v as { amount?: unknown; currency?: unknown; base?: unknown };
    if (empty(m.amount)) throw new Unknown();
    text = m.base ?? (m.currency === at.currency ? m.amount : undefined);
  }
  const n = typeof text === 'number' || typeof text === 'string' ? fix.parse(String(text)) : null;
  if (n === null) throw new Unknown();
  return n;
}

/** A field's value out of its form in the API. */
function load(name: string, type: string, at: Surroundings): Value {
  const v = at.value(name);
  if (v === undefined) throw new Unknown();
  if (type === 'boolean') return v === true;
  if (empty(v)) return null;
  if (type === 'composite') return something;
  if (type === 'number') return numeric(v, at);
  if (type === 'list') return Array.isArray(v) ? (v as string[]) : null;
  if (typeof v === 'object') {
    const o = v as { e164?: string | null; raw?: string; id?: string };
    if (type === 'reference' && o.id) return { id: o.id };
    // A telephone number as it is typed gets its form from the server.
    if ('e164' in o) return made(o.e164 ?? o.raw ?? '');
    throw new Unknown();
  }
  if (typeof v !== 'string') throw new Unknown();
  if (type === 'reference') return { id: v };
  if (type === 'date') {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(v)) throw new Unknown();
    return { day: v };
  }
  if (type === 'date_time') {
    const t = Date.parse(v);
    if (Number.isNaN(t)) throw new Unknown();
    return { at: t };
  }
  return made(v);
}

const arithmetic = { add: fix.add, sub: fix.sub, mul: fix.mul, div: fix.div, mod: fix.mod };
const comparisons = new Set(['eq', 'ne', 'lt', 'lte', 'gt', 'gte']);

/** Evaluates a tree; throws [`Unknown`] where only the server can tell. */
export function evaluate(tree: Tree, at: Surroundings): Value {
  const [name, ...rest] = tree as [string, ...unknown[]];
  const sub = (i: number): Value => evaluate(rest[i] as Tree, at);
  const each = function* (): Generator<Value> {
    for (const r of rest) yield evaluate(r as Tree, at);
  };
  const list = rest as Tree[];
  if (comparisons.has(name)) {
    const [a, b]: [Value, Value] = [sub(1), sub(2)];
    // Of texts a blank is the empty text and has an order; of the others it has none.
    if (rest[0] === true && a === null && b === null) return name === 'eq' || name === 'lte' || name === 'gte';
    return compare(name, a, b);
  }
  if (name in arithmetic) {
    const [a, b] = [num(sub(0)), num(sub(1))];
    return a === null || b === null ? null : arithmetic[name as keyof typeof arithmetic](a, b);
  }
  switch (name) {
    case 'number': return fix.parse(rest[0] as string);
    case 'text': return rest[0] as string;
    case 'bool': return rest[0] as boolean;
    case 'date': return { day: rest[0] as string };
    case 'blank': return null;
    case 'field': return load(rest[0] as string, rest[1] as string, at);
    case 'zero': return num(sub(0)) ?? 0n;
    case 'neg': {
      const n = num(sub(0));
      return n === null ? null : -n;
    }
    case 'and': return list.every((x) => evaluate(x, at) === true);
    case 'or': return list.some((x) => evaluate(x, at) === true);
    case 'not': return sub(0) !== true;
    case 'if': return sub(0) === true ? sub(1) : sub(2);
    case 'case': {
      const x = sub(0);
      const arm = (rest[1] as [Tree, Tree][]).find(([k]) => compare('eq', x, evaluate(k, at)));
      return arm ? evaluate(arm[1], at) : sub(2);
    }
    case 'coalesce':
      for (const v of each()) if (v !== null) return v;
      return null;
    case 'isblank': {
      const inner = rest[0] as Tree;
      // Whether there is a value is known before its form is.
      if (inner[0] === 'field') {
        const v = at.value(inner[1] as string);
        if (v === undefined) throw new Unknown();
        return empty(v);
      }
      return evaluate(inner, at) === null;
    }
    case 'concat': return made([...each()].map(said).join(''));
    case 'inset': {
      const x = sub(0);
      const keys = (rest[1] as Tree[]).map((k) => evaluate(k, at));
      if (Array.isArray(x)) return keys.some((k) => typeof k === 'string' && x.includes(k));
      // A list without elements has none of them, not even a blank one.
      if (x === null && (rest[0] as Tree)[2] === 'list') return false;
      return keys.some((k) => compare('eq', x, k));
    }
    case 'today': return { day: dayIn(at.now, at.zone) };
    case 'now': return { at: at.now };
    case 'user': return at.user === undefined ? null : { id: at.user };
    case 'dateadd': {
      const [d, n] = [day(sub(1)), num(sub(2))];
      return d === null || n === null ? null : dated(addTo(d, fix.trunc(n), rest[0] as string));
    }
    case 'datediff': {
      const [a, b] = [day(sub(1)), day(sub(2))];
      return a === null || b === null ? null : whole(between(a, b, rest[0] as string));
    }
    case 'timediff': {
      const [a, b] = [instant(sub(1)), instant(sub(2))];
      return a === null || b === null ? null : whole(Math.trunc((b - a) / millis[rest[0] as string]!));
    }
    default: return call(name, [...each()], at);
  }
}

function call(name: string, v: Value[], at: Surroundings): Value {
  const n = num(v[0] ?? null);
  const t = said(v[0] ?? null);
  switch (name) {
    case 'round': {
      const places = num(v[1] ?? null);
      return n === null || places === null ? null : fix.round(n, fix.trunc(places));
    }
    case 'floor': return n === null ? null : fix.floor(n);
    case 'ceil': return n === null ? null : fix.ceil(n);
    case 'abs': return n === null ? null : n < 0n ? -n : n;
    case 'min':
    case 'max': return v.reduce((best, x) => (x === null ? best : best === null || compare(name === 'min' ? 'lt' : 'gt', x, best) ? x : best), null);
    case 'left': return made(chars(t).slice(0, count(v[1] ?? null)).join(''));
    case 'right': {
      const c = count(v[1] ?? null);
      return c === 0 ? null : made(chars(t).slice(-c).join(''));
    }
    case 'mid': {
      const from = Math.max(count(v[1] ?? null), 1) - 1;
      return made(chars(t).slice(from, from + count(v[2] ?? null)).join(''));
    }
    case 'len': return whole(chars(t).length);
    case 'lower': return made(fold(t));
    case 'trim': return made(t.replace(blanks, ''));
    case 'contains': return fold(t).includes(fold(said(v[1] ?? null)));
    case 'starts': return fold(t).startsWith(fold(said(v[1] ?? null)));
    case 'numbertext': return n === null ? null : fix.text(n);
    case 'fixedtext': return n === null ? null : fix.fixed(n, count(v[1] ?? null));
    case 'value': return fix.parse(t.replace(blanks, ''));
    case 'datefrom': {
      const [y, m, d] = v.map(num);
      return y === null || m === null || d === null || y === undefined || m === undefined || d === undefined ? null : dated(dayOf(fix.trunc(y), fix.trunc(m), fix.trunc(d)));
    }
    case 'dateof': {
      const i = instant(v[0] ?? null);
      return i === null ? null : { day: dayIn(i, at.zone) };
    }
    case 'year':
    case 'month':
    case 'day': {
      const d = day(v[0] ?? null);
      return d === null ? null : whole(Number(name === 'year' ? d.slice(0, 4) : name === 'month' ? d.slice(5, 7) : d.slice(8, 10)));
    }
    // A newer server may know more than this page.
    default: throw new Unknown();
  }
}
