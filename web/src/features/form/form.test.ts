import { beforeEach, describe, expect, it } from 'vitest';
import type { ObjectMeta } from '@/api/types';
import { dropForm, keepForm, readForm } from './formDraft';
import { lineTotal, sumOf } from '@/fields/lines/lineSum';
import { valuesOf } from './paste';

describe('line items', () => {
  it('are summed exactly', () => {
    expect(lineTotal('3', '0.1', '')).toBe('0.30');
    expect(lineTotal('1.5', '199.99', '10')).toBe('269.99');
    expect(lineTotal('2', '616400', '12.5')).toBe('1078700.00');
    expect(lineTotal('x', '1', '')).toBeNull();
    expect(sumOf(['0.10', '0.20', null, '9999999999999.99'])).toBe('10000000000000.29');
  });
});

describe('a draft of a form', () => {
  beforeEach(() => localStorage.clear());
  it('keeps what differs from the start, for a week', () => {
    keepForm('account', { name: '北溟', kind: 'company', level: null }, { kind: 'company' }, {}, 1000);
    expect(readForm('account', 2000)?.values).toEqual({ name: '北溟' });
    expect(readForm('account', 1000 + 8 * 86_400_000)).toBeNull();
    keepForm('account', { kind: 'company' }, { kind: 'company' }, {}, 1000);
    expect(readForm('account', 2000)).toBeNull();
  });
  it('is gone when dropped, and never holds files', () => {
    keepForm('note', { files: [new File(['x'], 'x.txt')] }, {}, {}, 1000);
    expect(readForm('note', 1001)).toBeNull();
    keepForm('note', { a: 1 }, {}, {}, 1000);
    dropForm('note');
    expect(readForm('note', 1001)).toBeNull();
  });
});

describe('a pasted text', () => {
  const object = (name: string, fields: string[]) => ({ name, fields: fields.map((f) => ({ name: f, access: 'edit' })) }) as unknown as ObjectMeta;
  it('finds its fields by object', () => {
    const p = { name: '张三', company: '某某公司', mobile: '13800138000' };
    expect(valuesOf(object('contact', ['name', 'mobile']), p)).toEqual({ name: '张三', mobile: '13800138000' });
    expect(valuesOf(object('lead', ['name', 'contact_name', 'company_name', 'mobile']), p)).toEqual({ name: '某某公司', contact_name: '张三', company_name: '某某公司', mobile: '13800138000' });
    expect(valuesOf(object('account', ['name', 'phone']), p)).toEqual({ name: '某某公司', phone: '13800138000' });
  });
});
