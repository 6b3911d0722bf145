import { describe, expect, it } from 'vitest';
import { Model } from '@/api/model';
import type { ModelDoc } from '@/api/types';
import { read, write, type Custom } from './custom';
import { fresh, missing, ofField, putDraft, tidy } from './fieldDraft';

const doc: ModelDoc = {
  version: '1', currency: 'CNY', picklists: {}, areas: [],
  objects: [{ name: 'account', kind: 'ownable', label: { en: 'Account', zh: '客户' }, title: 'name', sections: [{ key: 'identity', label: { en: 'Identity', zh: '基本信息' } }], rights: { create: true, read: true, edit: true, delete: true, export: true, import: true }, fields: [{ name: 'name', type: 'text', label: { en: 'Name', zh: '名称' }, access: 'edit' }, { name: 'region__c', type: 'text', label: { en: 'Region', zh: '区域' }, access: 'edit' }] }],
};
const model = new Model(doc);

describe('a field while it is made', () => {
  it('asks for what it needs before the server is asked', () => {
    const d = fresh('pick', 'identity');
    expect(missing(d)).toBe('label');
    d.field.label.zh = '燃料';
    expect(missing(d)).toBe('values');
    d.values![0]!.label.zh = '汽油';
    expect(missing(d)).toBeUndefined();
    expect(missing({ ...fresh('roll', 'x'), field: { ...fresh('roll', 'x').field, label: { en: 'N', zh: '' } } })).toBe('rollup');
  });
  it('becomes a picklist and a field with names nobody uses yet', () => {
    const c: Custom = {};
    const d = fresh('pick', 'identity');
    d.field.label = { en: 'Region', zh: '' };
    d.values![0]!.label = { en: '', zh: '华东' };
    expect(putDraft(c, model, 'account', d)).toBe('region_2__c');
    expect(c.picklist).toEqual({ account_region_2__c: { label: { en: 'Region', zh: 'Region' }, values: [expect.objectContaining({ key: 'hd', label: { en: '华东', zh: '华东' } })] } });
    expect(c.extend?.[0]?.section).toEqual([{ key: 'identity', fields: [{ name: 'region_2__c', type: 'pick', label: { en: 'Region', zh: 'Region' }, picklist: 'account_region_2__c' }] }]);
    const again = ofField(read(write(c)), 'account', 'region_2__c');
    expect(again?.values?.map((v) => v.key)).toEqual(['hd']);
  });
  it('says only what was said', () => {
    const d = fresh('int', 'identity');
    d.field = { ...d.field, label: { en: 'Seats', zh: '座位' }, required: false, min: 1, max: NaN, default: 0, help: { en: '', zh: ' ' } };
    expect(tidy(d, 'seats__c', undefined)).toEqual({ name: 'seats__c', type: 'int', label: { en: 'Seats', zh: '座位' }, min: 1, default: 0 });
    const made: Custom = {};
    putDraft(made, model, 'account', { ...d, section: 'custom' });
    expect(write(made)).toContain('key = "custom"\nlabel = { en = "More", zh = "更多" }');
  });
});
