import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluate, something, Unknown, type Surroundings, type Tree, type Value } from './evaluate';
import * as fix from './fix';

interface Vectors {
  now: string;
  user: string;
  zone: string;
  currency: string;
  records: Record<string, unknown>[];
  cases: { formula: string; tree: Tree; gives: unknown[] }[];
}
const vectors = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../../../crates/schema/src/formula/vectors.json'), 'utf8')) as Vectors;

/** As the server's test writes results. */
function told(v: Value): unknown {
  if (v === null || typeof v === 'boolean') return v;
  if (typeof v === 'bigint') return { number: fix.text(v) };
  if (typeof v === 'string') return { text: v };
  if (v === something) return { some: true };
  if (Array.isArray(v)) return { keys: v };
  const o = v as { day?: string; at?: number; id?: string };
  return o.day !== undefined ? { date: o.day } : o.at !== undefined ? { instant: o.at } : { id: o.id };
}

const around = (values: Record<string, unknown>): Surroundings => ({ value: (f) => values[f], now: Date.parse(vectors.now), zone: vectors.zone, currency: vectors.currency, user: vectors.user });

describe('a condition gives what the server gives', () => {
  it('has vectors', () => expect(vectors.cases.length).toBeGreaterThan(60));
  for (const c of vectors.cases) {
    it(c.formula, () => expect(vectors.records.map((r) => told(evaluate(c.tree, around(r))))).toEqual(c.gives));
  }
});

describe('what only the server can tell', () => {
  const unknown = (tree: Tree, values: Record<string, unknown>) => expect(() => evaluate(tree, around(values))).toThrow(Unknown);
  it('is not guessed', () => {
    unknown(['field', 'gone', 'text'], {});
    unknown(['field', 'amount', 'number'], { amount: { amount: '5', currency: 'USD' } });
    unknown(['field', 'phone', 'text'], { phone: { raw: '138 0013 8000' } });
    unknown(['field', 'day', 'date'], { day: 'soon' });
    unknown(['contains', ['field', 'name', 'text'], ['text', 'x']], { name: 'Ünal' });
    unknown(['brandnew', ['text', 'x']], {});
  });
  it('but what is known is told', () => {
    expect(evaluate(['field', 'amount', 'number'], around({ amount: { amount: '5', currency: 'CNY' } }))).toBe(fix.int(5));
    expect(evaluate(['isblank', ['field', 'phone', 'text']], around({ phone: { raw: '138 0013 8000' } }))).toBe(false);
    // The second part is never asked.
    expect(evaluate(['or', ['bool', true], ['field', 'gone', 'boolean']], around({}))).toBe(true);
  });
});
