import { describe, expect, it } from 'vitest';
import type { FieldMeta, ObjectMeta, Rec } from '@/api/types';
import { differing, keptFrom, unites } from './merge';

const f = (name: string, type: FieldMeta['type'] = 'text', more: Partial<FieldMeta> = {}) => ({ name, type, label: { en: name, zh: name }, access: 'edit', section: 'main', ...more }) as FieldMeta;
const account = { name: 'account', kind: 'ownable', title: 'name', label: { en: 'Account', zh: '客户' }, fields: [f('name'), f('phone', 'phone'), f('level', 'pick'), f('tags', 'tags'), f('do_not_call', 'bool'), f('code', 'auto')] } as unknown as ObjectMeta;
const rec = (id: string, more: Record<string, unknown>) => ({ id, version: 1, ...more }) as Rec;
const a = rec('a', { name: '北溟精工', phone: null, level: 'a', tags: ['x'], code: '1', updated_at: '2026-01-01T00:00:00Z' });
const b = rec('b', { name: '北溟精工有限公司', phone: '0571', level: 'a', tags: ['y'], code: '2', updated_at: '2026-02-01T00:00:00Z' });
const c = rec('c', { name: '北溟', phone: '0572', level: 'a', tags: [], code: '3', updated_at: '2026-03-01T00:00:00Z' });

describe('merging', () => {
  it('asks about what differs and can be written', () => {
    expect(differing(account, [a, b]).map((x) => x.name)).toEqual(['name', 'phone', 'tags']);
    expect(differing(account, [a, { ...b, $masked: ['phone'] }]).map((x) => x.name)).toEqual(['name', 'tags']);
    expect(differing(account, [a, a])).toEqual([]);
  });
  it('keeps the kept record’s values, and fills its blanks from the record changed last (R-MRG-02)', () => {
    expect(keptFrom(f('name'), a, [a, b, c])).toBe('a');
    expect(keptFrom(f('phone', 'phone'), a, [a, b, c])).toBe('c');
    expect(keptFrom(f('do_not_call', 'bool'), a, [a, rec('b', { do_not_call: true })])).toBe('a');
    expect(unites(f('tags', 'tags'))).toBe(true);
    expect(unites(f('name'))).toBe(false);
  });
});
