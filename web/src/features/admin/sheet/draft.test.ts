import { describe, expect, it } from 'vitest';
import type { Model } from '@/api/model';
import { write, type Custom } from '../objects/custom';
import { draftOf, dropSheet, importOf, problems, putSheet, relabel, retitle, titleable, type GuessColumn, type GuessSheet } from './draft';

const col = (part: Partial<GuessColumn> & { column: string; name: string; type: string }): GuessColumn => ({ label: { en: part.column, zh: part.column }, keep: true, required: false, unique: false, distinct: true, samples: ['x'], filled: 3, blank: 0, remarks: [], ...part });
const sheet: GuessSheet = {
  sheet: '设备', rows: 3, name: 'she_bei__c', label: { en: '设备', zh: '设备' }, title: 'ming_cheng__c',
  columns: [
    col({ column: '名称', name: 'ming_cheng__c', type: 'text', required: true }),
    col({ column: '状态', name: 'zhuang_tai__c', type: 'pick', options: [{ key: 'zai_yong', label: '在用', count: 2 }, { key: 'ting_yong', label: '停用', count: 1 }] }),
    col({ column: '负责人', name: 'owner_id', type: 'owner', target: 'user' }),
    col({ column: '客户', name: 'ke_hu__c', type: 'ref', target: 'account', lookup: 'uscc' }),
    col({ column: '启用', name: 'qi_yong__c', type: 'date', date: 'mdy' }),
    col({ column: '旧', name: 'jiu__c', type: 'text', keep: false, filled: 0 }),
  ],
};
const model = { object: (name: string) => (name === 'account' ? {} : undefined) } as unknown as Model;

describe('an object out of a sheet', () => {
  it('becomes an object, its fields and its picklist, and goes again without a trace', () => {
    const c: Custom = {};
    putSheet(c, draftOf(sheet));
    expect(c.object?.[0]).toMatchObject({ name: 'she_bei__c', title: 'ming_cheng__c', area: 'sales' });
    const fields = c.object?.[0]?.section[0]?.fields ?? [];
    expect(fields.map((f) => f.name)).toEqual(['ming_cheng__c', 'zhuang_tai__c', 'ke_hu__c', 'qi_yong__c']);
    expect(fields[0]).toMatchObject({ required: true, searchable: true });
    expect(fields[1]?.picklist).toBe('she_bei_zhuang_tai__c');
    expect(c.picklist?.['she_bei_zhuang_tai__c']?.values.map((v) => v.key)).toEqual(['zai_yong', 'ting_yong']);
    expect(write(c)).toContain('[picklist.she_bei_zhuang_tai__c]');
    dropSheet(c, 'she_bei__c');
    expect(write(c)).toBe('');
  });

  it('maps every kept column, the owner into the owner every record has', () => {
    const d = draftOf(sheet);
    d.columns[1]!.values[0]!.label = { en: 'In use', zh: '使用中' };
    expect(importOf(d)).toEqual({
      sheet: '设备', object: 'she_bei__c', mode: 'create',
      map: [
        { column: '名称', field: 'ming_cheng__c' },
        { column: '状态', field: 'zhuang_tai__c', values: { 在用: 'zai_yong', 停用: 'ting_yong' } },
        { column: '负责人', field: 'owner_id' },
        { column: '客户', field: 'ke_hu__c', lookup: 'uscc' },
        { column: '启用', field: 'qi_yong__c', date: 'mdy' },
      ],
    });
    d.columns[3]!.target = 'contact';
    expect(importOf(d).map[3]).toEqual({ column: '客户', field: 'ke_hu__c' });
  });

  it('is numbered when no column names it', () => {
    const c: Custom = {};
    putSheet(c, { ...draftOf(sheet), title: -1 });
    expect(c.object?.[0]?.title).toBe('number__c');
    expect(c.object?.[0]?.section[0]?.fields?.[0]).toMatchObject({ type: 'auto', pattern: 'S{YYYY}{0000}' });
  });

  it('says what is missing, each where it stands', () => {
    expect(problems(draftOf(sheet), model, {}).size).toBe(0);
    const d = draftOf(sheet);
    d.columns[0]!.label = { en: ' ', zh: '' };
    d.columns[1]!.values = [];
    d.columns[3]!.target = '';
    d.columns[4]!.name = 'ke_hu__c';
    expect([...problems(d, model, {})]).toEqual([
      [0, ['sheet.needLabel']],
      [1, ['sheet.needValues']],
      [3, ['sheet.takenName', 'sheet.needTarget']],
      [4, ['sheet.takenName']],
    ]);
    expect([...problems({ ...draftOf(sheet), name: 'account' }, model, {})]).toEqual([[-1, ['sheet.badName']]]);
    const there = { object: [{ name: 'she_bei__c' }] } as unknown as Custom;
    expect([...problems(draftOf(sheet), model, there)]).toEqual([[-1, ['sheet.takenName']]]);
    const none = draftOf(sheet);
    none.columns = none.columns.map((c) => ({ ...c, keep: c.type === 'owner' }));
    expect([...problems(none, model, {})]).toEqual([[-1, ['sheet.needColumn']]]);
  });

  it('lets both labels follow until they differ, and makes the title a required text', () => {
    expect(relabel({ en: 'x', zh: 'x' }, 'zh', '甲')).toEqual({ en: '甲', zh: '甲' });
    expect(relabel({ en: 'Name', zh: '名称' }, 'zh', '甲')).toEqual({ en: 'Name', zh: '甲' });
    const d = retitle(draftOf(sheet), 1);
    expect(d.columns[1]).toMatchObject({ type: 'text', required: true });
    expect(d.columns.map(titleable)).toEqual([true, true, false, false, false, false]);
  });
});
