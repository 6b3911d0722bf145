import { describe, expect, it } from 'vitest';
import { Model } from '@/api/model';
import type { FieldMeta, ModelDoc, Rec } from '@/api/types';
import { emptyLine, lineData, lineOps, linesFrom, totalOf, type Line } from './Lines';
import { lineTotal, periodsIn } from './lineSum';
import { lacking, lineStands } from './stands';

const rec = (id: string, more: Record<string, unknown>) => ({ id, version: 3, product_id: 'p', quantity: '2.0000', unit_price: { amount: '100.50', currency: 'CNY' }, discount: null, periods: 1, ...more }) as Rec;

describe('line items', () => {
  it('become rows without idle zeros', () => {
    const [l] = linesFrom([rec('a', { discount: '5.00' })]);
    expect([l?.quantity, l?.unit_price, l?.discount]).toEqual(['2', '100.5', '5']);
  });
  it('are written as what changed: new, changed, gone', () => {
    const before = linesFrom([rec('a', {}), rec('b', {}), rec('c', {})]);
    const now = before.filter((l) => l.saved?.id !== 'b').map((l) => (l.saved?.id === 'a' ? { ...l, quantity: '3', discount: '10' } : l));
    now.push({ key: 9, product_id: 'q', quantity: '1', unit_price: '7', discount: '' });
    expect(lineOps(before, now, 'opportunity_id', 'o')).toEqual([
      { op: 'delete', id: 'b' },
      { op: 'update', id: 'a', version: 3, data: { quantity: '3', discount: '10' } },
      { op: 'create', data: { opportunity_id: 'o', product_id: 'q', quantity: '1', unit_price: '7' } },
    ]);
    expect(lineOps(before, before, 'opportunity_id', 'o')).toEqual([]);
  });
  it('of a recurring charge count every billing period', () => {
    expect(lineTotal('2', '10.005', '', 12)).toBe('240.12');
  });
});

const when = (formula: string, field: string, type: string, value: string) => ({ formula, tree: ['eq', true, ['field', field, type], ['text', value]] });
const f = (name: string, more: Partial<FieldMeta> = {}): FieldMeta => ({ name, type: 'text', label: { en: name, zh: name }, access: 'edit', ...more });
const recurring = when("charge_kind = 'recurring'", 'charge_kind', 'option', 'recurring');
const child = {
  name: 'line', label: { en: 'Line', zh: '明细' }, title: 'product_id',
  fields: [
    f('deal_id', { type: 'md' }), f('product_id', { type: 'ref', target: 'product' }), f('quantity', { type: 'dec' }), f('unit_price', { type: 'money' }),
    f('discount', { type: 'pct', readonly_if: when("note = 'fixed'", 'note', 'text', 'fixed'), required_if: when("note = 'cheap'", 'note', 'text', 'cheap') }),
    f('charge_kind', { type: 'pick', default: 'one_off' }), f('term_months', { type: 'int', visible_if: recurring, required_if: recurring }), f('note'), f('plain'),
  ],
} as unknown as ModelDoc['objects'][number];
const model = new Model({ version: '1', currency: 'CNY', zone: 'Asia/Shanghai', areas: [], objects: [child], picklists: {} } as unknown as ModelDoc);
const line = (more: Partial<Line> = {}): Line => ({ ...emptyLine(1), product_id: 'p', unit_price: '10', ...more });
const below = (l: Line) => lineStands(child, 'deal_id', l, model).below.map((x) => x.name);

describe('conditions of line items', () => {
  it('bring what they call for below the line, with what they read, while one types', () => {
    expect(below(line())).toEqual([]);
    expect(below(line({ more: { charge_kind: 'recurring' } }))).toEqual(['charge_kind', 'term_months']);
    // The answer that hides the rest can be taken back.
    expect(below(line({ more: { charge_kind: 'one_off', term_months: 12 } }))).toEqual(['charge_kind']);
  });
  it('ask before anything is sent', () => {
    const asks = (l: Line) => lacking(child, 'deal_id', [l], model);
    expect(asks(line({ more: { charge_kind: 'recurring' } }))).toBe(true);
    expect(asks(line({ more: { charge_kind: 'recurring', term_months: 12 } }))).toBe(false);
    expect(asks(line({ more: { note: 'cheap' } }))).toBe(true);
    expect(asks(line({ more: { note: 'cheap' }, discount: '5' }))).toBe(false);
    expect(asks(line({ product_id: null, more: { note: 'cheap' } }))).toBe(false);
  });
  it('hold what the record held, and neither that nor what they hide is written', () => {
    const [saved] = linesFrom([{ ...rec('a', { note: 'fixed', discount: '5.00', charge_kind: 'one_off' }) }]);
    const left = (l: Line) => lineStands(child, 'deal_id', l, model).left;
    expect(left(saved!)).toEqual(new Set(['discount', 'term_months']));
    expect(lineOps([saved!], [{ ...saved!, discount: '9', quantity: '3', more: { note: 'open' } }], 'deal_id', 'd', left)).toEqual([{ op: 'update', id: 'a', version: 3, data: { quantity: '3', note: 'open' } }]);
    expect(lineData(line({ more: { charge_kind: 'one_off', term_months: 12 } }), 'deal_id', 'd', left)).toEqual({ deal_id: 'd', product_id: 'p', quantity: '1', unit_price: '10', charge_kind: 'one_off' });
  });
  it('and the sum follows the term', () => {
    expect([periodsIn('recurring', 12, 'quarter'), periodsIn('recurring', 13, 'year'), periodsIn('one_off', 12, 'month')]).toEqual([4, 1, 1]);
    expect(totalOf([line({ more: { charge_kind: 'recurring', term_months: 12, billing_period: 'month' } })])).toBe('120.00');
  });
});
