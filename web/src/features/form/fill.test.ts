import { expect, it } from 'vitest';
import type { FieldMeta, ObjectMeta, Rec } from '@/api/types';
import { whatFills } from './fill';

const f = (name: string, type: FieldMeta['type'] = 'text') => ({ name, type, label: { en: name, zh: name }, access: 'edit', section: 'main' }) as FieldMeta;
const account = { name: 'account', kind: 'ownable', title: 'name', label: { en: 'Account', zh: '客户' }, fields: [f('name'), f('phone', 'phone'), f('level', 'pick'), f('tags', 'tags')] } as unknown as ObjectMeta;

it('fills what a record lacks with what was typed, and names what it leaves', () => {
  const rec = { id: 'a', version: 1, name: '北溟精工', phone: null, level: 'a', tags: ['x'] } as Rec;
  const { data, kept } = whatFills(account, { name: '北溟精工厂', phone: '0573', level: 'a', tags: [] }, rec);
  expect(data).toEqual({ phone: '0573' });
  expect(kept.map((x) => x.name)).toEqual(['name']);
});
