import { describe, expect, it } from 'vitest';
import { applied, changes, moveSection, place, removeFrom, step, toLayout, toSpecial, whom, type Arranged } from './layout';

const a: Arranged = {
  facts: ['owner'],
  list: ['name', 'level'],
  hidden: ['fax'],
  sections: [
    { key: 'one', label: { en: 'One', zh: '一' }, fields: ['name', 'level', 'size'] },
    { key: 'two', label: { en: 'Two', zh: '二' }, fields: ['phone'] },
  ],
};

describe('the designer', () => {
  it('moves a field within and between sections, and holds it once', () => {
    expect(place(a, 'name', 's:one', 's:one', 3).sections[0]?.fields).toEqual(['level', 'size', 'name']);
    const b = place(a, 'level', 's:one', 's:two', 0);
    expect(b.sections.map((s) => s.fields)).toEqual([['name', 'size'], ['level', 'phone']]);
    expect(place(a, 'fax', 'hidden', 's:two', 9).sections[1]?.fields).toEqual(['phone', 'fax']);
    expect(place(a, 'fax', 'hidden', 's:two', 9).hidden).toEqual([]);
  });
  it('shows a field in the key facts a second time and takes it out of them alone', () => {
    const b = place(a, 'level', 's:one', 'facts', 0);
    expect(b.facts).toEqual(['level', 'owner']);
    expect(b.sections[0]?.fields).toContain('level');
    expect(place(b, 'level', 's:one', 'facts', 0)).toBe(b);
    expect(removeFrom(b, 'level', 'facts').facts).toEqual(['owner']);
    expect(place(b, 'level', 'facts', 's:two', 0).facts).toEqual(['owner']);
    expect(removeFrom(a, 'phone', 's:two').hidden).toEqual(['phone', 'fax']);
  });
  it('goes on to the next section by keyboard, and no further than the last', () => {
    const b = step(a, 'size', 's:one', 1);
    expect(b.zone).toBe('s:two');
    expect(b.next.sections[1]?.fields).toEqual(['size', 'phone']);
    expect(step(b.next, 'size', 's:two', -1).next.sections[0]?.fields).toEqual(['name', 'level', 'size']);
    expect(step(a, 'phone', 's:two', 1).next).toBe(a);
    expect(step(a, 'level', 's:one', -1).next.sections[0]?.fields).toEqual(['level', 'name', 'size']);
  });
  it('counts what changed and says it in the text', () => {
    expect(changes(a, a)).toBe(0);
    expect(changes(a, place(a, 'level', 's:one', 's:two', 0))).toBe(1);
    const b = moveSection(removeFrom(a, 'size', 's:one'), 'two', -1);
    expect(changes(a, b)).toBe(2);
    expect(toLayout('account', a, b, undefined)).toEqual({ object: 'account', list: ['name', 'level'], facts: ['owner'], hidden: ['size'], section: [{ key: 'two', fields: ['phone'] }, { key: 'one', fields: ['name', 'level'] }] });
    const c: Arranged = { ...a, sections: [...a.sections, { key: 'new', label: { en: 'New', zh: '新' }, fields: [] }] };
    expect(toLayout('account', a, c, undefined).section?.[2]).toEqual({ key: 'new', label: { en: 'New', zh: '新' }, fields: [] });
  });
});

describe('an arrangement for some', () => {
  it('starts from the one for everyone and says only what it needs', () => {
    const l = { object: 'account', role: 'sales_rep', facts: ['phone'], hidden: ['size'], section: [{ key: 'two', fields: ['level', 'phone', 'gone'] }, { key: 'new', label: { en: 'New', zh: '新' }, fields: ['fax'] }] };
    const now = applied(a, l);
    expect(now.sections.map((s) => [s.key, s.fields])).toEqual([['two', ['level', 'phone']], ['new', ['fax']], ['one', ['name']]]);
    expect(now.hidden).toEqual(['size']);
    expect([now.facts, now.list]).toEqual([['phone'], a.list]);
    const text = toSpecial('account', whom(l), a, now);
    expect(text).toEqual({ object: 'account', role: 'sales_rep', facts: ['phone'], hidden: ['size'], section: [{ key: 'two', fields: ['level', 'phone'] }, { key: 'new', label: { en: 'New', zh: '新' }, fields: ['fax'] }, { key: 'one', fields: ['name'] }] });
    // What was written is read as what it was written from.
    expect(changes(now, applied(a, text))).toBe(0);
    expect(applied(a, { object: 'account' })).toEqual(a);
  });
});
