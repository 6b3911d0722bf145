import { describe, expect, it } from 'vitest';
import { dropRule, findField, moveRule, needs, placeOf, putCondition, putField, putLayout, putObject, putRule, read, retireField, retireObject, rulesOf, specials, write, type Custom } from './custom';
import { initial } from '@/shared/pinyin';
import { propose, proposeKey } from './names';

const text = `[[object]]
name = "vehicle__c"
kind = "ownable"
label = { en = "Vehicle", zh = "车辆" }
plural = { en = "Vehicles", zh = "车辆" }
icon = "truck"
title = "plate__c"

[[object.section]]
key = "main"
label = { en = "Main", zh = "基本信息" }
fields = [
  { name = "plate__c", type = "text", max = 20, label = { en = "Plate", zh = "车牌" }, required = true },
]

[[extend]]
name = "account"

[[extend.section]]
key = "custom"
label = { en = "Custom", zh = "自定义" }
fields = [
  { name = "vehicles__c", type = "roll", rollup = { object = "vehicle__c", via = "account_id__c", fn = "count" }, label = { en = "Vehicles", zh = "车辆数" } },
]

[picklist.fuel__c]
label = { en = "Fuel", zh = "燃料" }
values = [
  { key = "petrol", label = { en = "Petrol \\"95\\"", zh = "汽油" }, color = "amber" },
]

[[values.industry]]
key = "aerospace__c"
label = { en = "Aerospace", zh = "航空航天" }

[[layout]]
object = "account"
list = ["name", "vehicles__c"]

[[layout.section]]
key = "identity"
fields = ["name", "level"]
`;

describe('the text of the additions', () => {
  it('reads and writes the form of the model files, unchanged', () => {
    expect(write(read(text))).toBe(text);
    expect(write({})).toBe('');
  });
  it('takes a field into a new or an old section and replaces it there', () => {
    const c: Custom = read(text);
    putField(c, 'account', { key: 'identity' }, { name: 'code__c', type: 'text', label: { en: 'Code', zh: '码' } });
    expect(findField(c, 'account', 'code__c')?.section.key).toBe('identity');
    putField(c, 'account', { key: 'custom' }, { name: 'code__c', type: 'int', label: { en: 'Code', zh: '码' } });
    expect(findField(c, 'account', 'code__c')?.section.key).toBe('custom');
    expect(findField(c, 'account', 'code__c')?.field.type).toBe('int');
    putField(c, 'contact', { key: 'custom', label: { en: 'Custom', zh: '自定义' } }, { name: 'x__c', type: 'bool', label: { en: 'X', zh: '某' } });
    expect(read(write(c)).extend?.map((e) => e.name)).toEqual(['account', 'contact']);
  });
  it('forgets what is taken away, in layouts too, and leaves no empty section behind', () => {
    const c = read(text);
    retireField(c, 'account', 'vehicles__c');
    expect(c.layout?.[0]?.list).toEqual(['name']);
    expect(write({ extend: [{ name: 'account', section: [{ key: 'identity', fields: [] }] }] })).toBe('');
  });
  it('knows which fields another one needs', () => {
    const c = read(text);
    putField(c, 'vehicle__c', { key: 'main' }, { name: 'account_id__c', type: 'ref', target: 'account', label: { en: 'Account', zh: '客户' } });
    putField(c, 'vehicle__c', { key: 'main' }, { name: 'note__c', type: 'calc', formula: 'UPPER(plate__c)', result: 'text', label: { en: 'N', zh: '注' } });
    expect(needs(c, 'vehicle__c', 'account_id__c')).toEqual(['account.vehicles__c']);
    expect(needs(c, 'vehicle__c', 'plate__c')).toEqual(['vehicle__c.note__c']);
  });
  it('keeps layouts for some beside the one for everyone, the most special first', () => {
    const c: Custom = {};
    const role = { object: 'account', role: 'sales_rep' };
    const type = { object: 'account', when: { field: 'level', is: 'a' } };
    const both = { ...type, role: 'sales_rep', device: 'phone' as const };
    putLayout(c, role, 'account', placeOf(role));
    putLayout(c, { object: 'account', facts: ['level'] }, 'account');
    putLayout(c, type, 'account', placeOf(type));
    putLayout(c, both, 'account', placeOf(both));
    expect(c.layout?.map(placeOf)).toEqual(['role=sales_rep', '', 'level=a', 'role=sales_rep,level=a,phone']);
    expect(specials(c, 'account').map(placeOf)).toEqual(['role=sales_rep,level=a,phone', 'level=a', 'role=sales_rep']);
    expect(placeOf({ record_type: 'partner' })).toBe('record_type=partner');
    putLayout(c, { ...role, facts: ['name'] }, 'account', placeOf(role));
    expect(c.layout?.[0]).toEqual({ ...role, facts: ['name'] });
    expect(read(write(c)).layout).toEqual(c.layout);
    retireField(c, 'account', 'level');
    expect(c.layout?.map(placeOf)).toEqual(['role=sales_rep', '']);
    putLayout(c, null, 'account', placeOf(role));
    expect(c.layout?.map(placeOf)).toEqual(['']);
  });
  it('keeps one layout an object and one object a name', () => {
    const c = read(text);
    putLayout(c, { object: 'account', facts: ['level'] }, 'account');
    expect(c.layout).toEqual([{ object: 'account', facts: ['level'] }]);
    putLayout(c, null, 'account');
    expect(c.layout).toEqual([]);
    putObject(c, { ...c.object![0]!, icon: 'box' });
    expect(c.object?.map((o) => o.icon)).toEqual(['box']);
  });
});

describe('names', () => {
  it('come from the English label, else from pinyin initials, and are never twice the same', () => {
    expect(propose('Region Code', '区域码', new Set())).toBe('region_code__c');
    expect(propose('Région / Code!', '', new Set(['region_code__c']))).toBe('region_code_2__c');
    expect(propose('', '区域码', new Set())).toBe('qym__c');
    expect(propose('2nd phone', '', new Set())).toBe('f_2nd_phone__c');
    expect(proposeKey('', '汽油', new Set(['qy']))).toBe('qy_2');
    expect(['客', '户', '张', '三', 'A'].map(initial).join('')).toBe('khzsa');
  });
});

describe('rules and conditions', () => {
  const rule = (object: string, code: string) => ({ object, code, must: 'name <> ""', message: { en: code, zh: code } });
  const start = (): Custom => ({ validation: [rule('account', 'a'), rule('lead', 'x'), rule('account', 'b')] });
  it('keep their order, move among their own, and go with their object', () => {
    const c = start();
    moveRule(c, 'account', 'b', -1);
    expect(c.validation?.map((r) => r.code)).toEqual(['b', 'x', 'a']);
    moveRule(c, 'account', 'b', -1);
    expect(c.validation?.map((r) => r.code)).toEqual(['b', 'x', 'a']);
    putRule(c, { ...rule('account', 'a'), enabled: false });
    putRule(c, rule('account', 'c'));
    expect(rulesOf(c, 'account').map((r) => `${r.code}${r.enabled === false ? '-' : ''}`)).toEqual(['b', 'a-', 'c']);
    expect(read(write(c)).validation).toEqual(c.validation);
    dropRule(c, 'account', 'b');
    retireObject(c, 'lead');
    expect(c.validation?.map((r) => r.code)).toEqual(['a', 'c']);
  });
  it('stand in the way of a field they need', () => {
    const c: Custom = { validation: [{ ...rule('account', 'a'), field: 'colour__c' }], condition: [{ object: 'account', field: 'fax', visible_if: "colour__c = 'x'" }] };
    expect(needs(c, 'account', 'colour__c')).toEqual(['account.fax', 'account · a']);
    expect(needs(c, 'account', 'size__c')).toEqual([]);
  });
  it('of a field are one entry, and none when nothing is said', () => {
    const c: Custom = {};
    putCondition(c, { object: 'account', field: 'fax', visible_if: 'TRUE' });
    putCondition(c, { object: 'account', field: 'fax', required_if: 'TRUE' });
    expect(read(write(c)).condition).toEqual([{ object: 'account', field: 'fax', required_if: 'TRUE' }]);
    putCondition(c, { object: 'account', field: 'fax' });
    expect(write(c)).toBe('');
  });
});
