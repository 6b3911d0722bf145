import { describe, expect, it } from 'vitest';
import { doc } from '../../dev/mock/model';
import { inner, label, Model, plural, titleOf, valueType } from './model';
import { codeWords, fieldErrors, words } from './problem';
import { Problem } from './client';
import { setLang } from '@/shared/i18n';

const model = new Model(doc);

describe('the model', () => {
  it('makes the navigation by area, and leaves out what one may not read', () => {
    expect(model.navigation().map((a) => a.area)).toEqual(['sales', 'catalogue']);
    const blind = new Model({ ...doc, objects: doc.objects.map((o) => ({ ...o, rights: { ...o.rights, read: o.name !== 'product' } })) });
    expect(blind.navigation().map((a) => a.area)).toEqual(['sales']);
    expect(blind.administration().map((o) => o.name)).toEqual(['user', 'department']);
  });
  it('lands on the deals', () => {
    expect(model.home()?.name).toBe('opportunity');
  });
  it('always lists the title, once', () => {
    const account = model.object('account')!;
    expect(model.listFields(account, ['level', 'level', 'gone']).map((f) => f.name)).toEqual(['name', 'level']);
  });
  it('has labels in both languages', () => {
    const account = model.object('account')!;
    expect(label(account.label, 'zh-CN')).toBe('客户');
    expect(plural(account, 'en')).toBe('Accounts');
    expect(label(undefined, 'en', 'x')).toBe('x');
  });
  it('writes names in sentence case inside a sentence', () => {
    expect(inner('Price Book', 'en')).toBe('price book');
    expect(inner('VAT Rate', 'en')).toBe('VAT rate');
    expect(inner('客户', 'zh-CN')).toBe('客户');
  });
  it('takes a rollup for what it yields', () => {
    expect(valueType(model.field('account', 'open_opp_amount')!)).toBe('money');
  });
  it('calls a record by its title, also when that is a reference', () => {
    const account = model.object('account')!;
    expect(titleOf(account, { id: '1', version: 1, name: '北溟精工' })).toBe('北溟精工');
    expect(titleOf({ ...account, title: 'owner_id' }, { id: '1', version: 1, owner_id: 'u', $expand: { owner_id: { object: 'user', id: 'u', title: '陈屿' } } })).toBe('陈屿');
  });
});

describe('refusals in words', () => {
  const problem = new Problem({ status: 422, code: 'value.required', title: 'value.required', trace_id: '7f3a', errors: [{ field: 'name', code: 'value.required' }, { field: 'level', code: 'some.new_code', message: 'Server words' }] });
  it('name the field in the reader’s language and keep the trace', () => {
    setLang('zh-CN');
    const zh = words(problem, 'zh-CN', 'account', model);
    expect(zh.lines[0]).toBe('客户名称：此项必填。');
    expect(zh.trace).toBe('7f3a');
    setLang('en');
    expect(words(problem, 'en', 'account', model).lines[0]).toBe('Account name: Fill this in.');
    setLang('zh-CN');
  });
  it('tell every faulty field at once', () => {
    expect(Object.keys(fieldErrors(problem.body))).toEqual(['name', 'level']);
  });
  it('fall back to the server’s words for a code this page does not know', () => {
    expect(codeWords('some.new_code', undefined, 'Server words')).toBe('Server words');
    expect(codeWords('some.new_code')).toContain('some.new_code');
  });
});
