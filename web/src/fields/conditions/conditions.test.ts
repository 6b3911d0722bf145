import { describe, expect, it } from 'vitest';
import { Model } from '@/api/model';
import type { FieldMeta, ModelDoc, Rec } from '@/api/types';
import { ofAction, ofForm, ofRecord, open, readBy, shownIn, standing } from './conditions';

const is = (field: string, type: string, value: string) => ['eq', true, ['field', field, type], ['text', value]];
const f = (name: string, more: Partial<FieldMeta> = {}): FieldMeta => ({ name, type: 'text', label: { en: name, zh: name }, access: 'edit', ...more });
const fields = [
  f('kind', { type: 'pick', picklist: 'kinds' }),
  f('reason', { visible_if: { formula: "kind = 'b'", tree: is('kind', 'option', 'b') }, required_if: { formula: 'hot', tree: ['field', 'hot', 'boolean'] } }),
  f('price', { readonly_if: { formula: 'NOT ISBLANK(phone)', tree: ['not', ['isblank', ['field', 'phone', 'text']]] } }),
  f('server', { required: true, visible_if: { formula: "account_id.level = 'a'" }, required_if: { formula: 'REGEX(kind, "x")' }, readonly_if: { formula: 'x.y' } }),
  f('hot', { type: 'bool' }),
  f('phone', { type: 'phone' }),
  f('made', { default_by_formula: true }),
  f('late', { visible_if: { formula: 'ISBLANK(made)', tree: ['isblank', ['field', 'made', 'text']] } }),
];
const object = { name: 'thing', kind: 'ownable', label: { en: 'Thing', zh: '物' }, title: 'kind', fields, rights: { create: true, read: true, edit: true, delete: true, export: true, import: true } } as unknown as ModelDoc['objects'][number];
const model = new Model({ version: '1', currency: 'CNY', zone: 'Asia/Shanghai', areas: [], objects: [object], picklists: { kinds: { default: 'b', values: [] } } } as unknown as ModelDoc);
const at = (name: string, values: Record<string, unknown>) => standing(model.field('thing', name)!, ofForm(object, values, model));

describe('how fields stand while a form is filled', () => {
  it('a picklist left blank has the value the server gives it', () => {
    expect(at('reason', {})).toEqual({ shown: true, required: false, locked: false, called: true });
    expect(at('reason', { kind: 'a' }).shown).toBe(false);
  });
  it('what is not shown is not required', () => {
    expect(at('reason', { kind: 'a', hot: true }).required).toBe(false);
    expect(at('reason', { kind: 'b', hot: true }).required).toBe(true);
  });
  it('a number that is being typed locks as one that is kept', () => {
    expect(at('price', { phone: '138' }).locked).toBe(true);
    expect(at('price', {}).locked).toBe(false);
  });
  it('what only the server can judge is shown, open, and required as always', () => {
    expect(at('server', { kind: 'x' })).toEqual({ shown: true, required: true, locked: false, called: false });
    expect(at('late', {})).toEqual({ shown: true, required: false, locked: false, called: false });
  });
});

describe('how fields stand in a record', () => {
  const rec = (more: Record<string, unknown>): Rec => ({ id: '1', version: 1, ...more }) as Rec;
  const reason = model.field('thing', 'reason')!;
  const price = model.field('thing', 'price')!;
  it('by its values', () => {
    expect(shownIn(reason, rec({ kind: 'a', hot: false }), model)).toBe(false);
    expect(open(reason, rec({ kind: 'b', hot: false }), model)).toBe(true);
    expect(open(price, rec({ phone: { raw: '1', e164: null } }), model)).toBe(false);
  });
  it('not by values that did not come, nor by masked ones', () => {
    expect(shownIn(reason, rec({}), model)).toBe(true);
    expect(open(price, rec({ phone: '138****0000', $masked: ['phone'] }), model)).toBe(true);
    expect(standing(reason, ofRecord(rec({ kind: 'b' }), model)).required).toBe(false);
  });
  it('and one knows what has to be read for it', () => expect(readBy([reason, price])).toEqual(['kind', 'hot', 'phone']));
});

describe('how fields stand while an action is filled in', () => {
  const state = { ...object, status: 'kind' };
  const rec = { id: '1', version: 1, kind: 'a', hot: false, phone: { raw: '1', e164: null } } as Rec;
  const on = (name: string, values: Record<string, unknown>, o = object) => standing(model.field('thing', name)!, ofAction(o, rec, values, model));
  it('by what is typed, and of the record by what the action leaves alone', () => {
    expect(on('reason', {}).shown).toBe(false);
    expect(on('reason', { kind: 'b', hot: true })).toMatchObject({ shown: true, required: true });
    expect(on('price', {}).locked).toBe(true);
    expect(on('price', { phone: '' }).locked).toBe(false);
  });
  it('a state the action is about to change hides nothing', () => expect(on('reason', {}, state).shown).toBe(true));
});
