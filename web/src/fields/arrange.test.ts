import { describe, expect, it } from 'vitest';
import type { LayoutMeta, ObjectMeta } from '@/api/types';
import { arrange, layoutFor } from './arrange';

const label = (text: string) => ({ en: text, zh: text });
const field = (name: string, section?: string) => ({ name, type: 'text', label: label(name), access: 'edit', ...(section ? { section } : {}) });
const sections = (...list: [string, string[]][]) => list.map(([key, fields]) => ({ key, label: label(key), fields }));
const typed: LayoutMeta = { when: { field: 'level', is: 'a' }, sections: sections(['two', ['phone', 'name']]), facts: ['phone'] };
const phone: LayoutMeta = { device: 'phone', sections: sections(['one', ['name']]), facts: [] };
const role: LayoutMeta = { sections: sections(['one', ['phone'], ], ['two', ['name']]), facts: ['name'] };
const object = { name: 'account', kind: 'ownable', label: label('Account'), title: 'name', sections: [{ key: 'one', label: label('one') }], facts: ['level'], fields: [field('level', 'one'), field('name', 'one'), field('phone', 'one'), field('owner_id')], layouts: [typed, phone, role], rights: {} } as unknown as ObjectMeta;

describe('arrangements', () => {
  it('take the first that fits the record and the page', () => {
    expect(layoutFor(object, { level: 'a' }, true)).toBe(typed);
    expect(layoutFor(object, { level: 'b' }, true)).toBe(phone);
    expect(layoutFor(object, { level: 'b' }, false)).toBe(role);
    expect(layoutFor({ ...object, layouts: [typed, phone] }, {}, false)).toBeUndefined();
  });
  it('put sections, fields and facts in place, and leave out what they do not name', () => {
    const o = arrange(object, { level: 'a' }, false);
    expect(o.sections).toEqual([{ key: 'two', label: label('two') }]);
    expect(o.facts).toEqual(['phone']);
    expect(o.fields.filter((f) => f.section === 'two').map((f) => f.name)).toEqual(['phone', 'name']);
    expect(o.fields.find((f) => f.name === 'level')?.section).toBeUndefined();
    expect(o.fields).toHaveLength(object.fields.length);
    expect(arrange(object, { level: 'a' }, false)).toBe(o);
    expect(object.fields[0]?.section).toBe('one');
  });
  it('name fields the person does not have without bringing them', () => {
    const odd = { ...object, layouts: [{ sections: sections(['one', ['secret', 'name']]), facts: ['secret'] }] } as ObjectMeta;
    expect(arrange(odd, {}, false).fields.map((f) => f.name)).not.toContain('secret');
  });
  it('leave an object without arrangements as it is', () => {
    const plain = { ...object, layouts: [] };
    expect(arrange(plain, {}, true)).toBe(plain);
  });
});
