import { describe, expect, it } from 'vitest';
import type { Rec } from '@/api/types';
import { lineOps, linesFrom } from './Lines';
import { lineTotal } from './lineSum';

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
