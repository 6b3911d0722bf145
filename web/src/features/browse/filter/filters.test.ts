import { beforeEach, describe, expect, it } from 'vitest';
import { doc } from '../../../../dev/mock/model';
import { fieldTypes, type Filter } from '@/api/types';
import { Model } from '@/api/model';
import { setLang } from '@/shared/i18n';
import { combine, conditions, groupText, idsIn, operators, sentence } from './filters';
import { parseFilter, printFilter } from './text';

const model = new Model(doc);
const none = new Map<string, string>();
const say = (f: Filter, object = 'opportunity', titles = none) => {
  const s = sentence(f, object, model, 'zh-CN', titles);
  return s.before + s.value;
};

describe('conditions as sentences', () => {
  beforeEach(() => setLang('zh-CN'));
  it('read as people say them', () => {
    expect(say({ field: 'owner_id', op: 'eq', value: { rel: 'me' } })).toBe('负责人是 我');
    expect(say({ field: 'dept_id', op: 'within', value: { rel: 'my_dept_tree' } })).toBe('归属部门属于或下级是 我的部门及下级');
    expect(say({ field: 'close_on', op: 'in', value: { rel: 'this_quarter' } })).toBe('预计成交日期在 本季度内');
    expect(say({ field: 'amount', op: 'gte', value: '50000' })).toBe('商机金额不少于 ¥50,000');
    expect(say({ field: 'next_step', op: 'is_empty' })).toBe('下一步计划为空');
    expect(say({ field: 'level', op: 'in', value: ['a', 'b'] }, 'account')).toBe('客户级别是 A 重点客户 或 B 普通客户');
  });
  it('say the same in English', () => {
    setLang('en');
    const s = sentence({ field: 'close_on', op: 'in', value: { rel: 'last_days', n: 7 } }, 'opportunity', model, 'en', none);
    expect(s.before + s.value).toBe('Expected close is the last 7 days');
  });
  it('name records, not ids', () => {
    const f: Filter = { field: 'owner_id', op: 'in', value: ['u1'] };
    expect([...idsIn(f, 'opportunity', model)]).toEqual([['user', ['u1']]]);
    expect(say(f, 'opportunity', new Map([['u1', '陈屿']]))).toBe('负责人是 陈屿');
  });
  it('read a nested group as one sentence, and count one that is too long', () => {
    expect(say({ or: [{ field: 'amount', op: 'gt', value: '1' }, { field: 'name', op: 'contains', value: 'x' }] })).toBe('商机金额大于 ¥1 或 商机名称包含 x');
    expect(say({ or: Array.from({ length: 9 }, () => ({ field: 'name', op: 'contains' as const, value: 'a long word' })) })).toBe('9 个条件组合');
  });
  it('take a filter apart and put it together', () => {
    const f: Filter = { and: [{ field: 'name', op: 'contains', value: 'x' }] };
    expect(combine(conditions(f))).toEqual(f);
    expect(conditions(undefined)).toEqual([]);
    expect(combine([])).toBeUndefined();
  });
  it('offer operators for every field type', () => {
    for (const type of fieldTypes) expect(operators({ name: 'x', type, label: { en: '', zh: '' }, access: 'edit' }).length, type).toBeGreaterThan(0);
  });
});

describe('the text form', () => {
  const both = (text: string) => {
    const read = parseFilter(text);
    return 'filter' in read ? printFilter(read.filter) : `fault ${read.fault.at}+${read.fault.len}: ${read.fault.expected}`;
  };
  it('is read and written alike', () => {
    for (const text of [
      'amount >= 50000 and close_on in this_month and owner_id = me',
      '(amount >= 50000 or account_id.level in (a, b)) and stage_id.kind = open',
      'not (level = a or hot = true)',
      'name contains "a ""b"" c" and tags any (VIP, "with space")',
      'close_on in last_days(7) or close_on is empty',
      'amount between 5 and 10 and phone is not empty and dept_id within 0193',
      'level not in (a) and name starts 北京 and amount > @mrr',
      '',
    ]) expect(both(text)).toBe(text);
  });
  it('takes Chinese signs and words', () => {
    expect(both('（amount ＝ 7 且 hot = true） 或 level = 「a b」')).toBe('amount = 7 and hot = true or level = "a b"');
    expect(both('amount ≥ 7、')).toBe('fault 10+1: end');
  });
  it('says where it stops making sense', () => {
    expect(both('amount >= and')).toBe('fault 10+3: value');
    expect(both('amount 5')).toBe('fault 7+1: operator');
    expect(both('(amount = 5')).toBe('fault 11+1: )');
    expect(both('名称 contains "x')).toBe('fault 12+2: quote');
  });
});

describe('groups', () => {
  it('read as a sentence', () => {
    setLang('en');
    const f: Filter = { and: [{ or: [{ field: 'level', op: 'in', value: ['a'] }, { field: 'name', op: 'contains', value: 'X' }] }, { field: 'owner_id.main_dept', op: 'in', value: { rel: 'my_dept_tree' } }] };
    expect(groupText(f, 'account', model, 'en', new Map(), false)).toMatch(/^\(.* is A.* or .* contains X\) and Owner is in my department and below$/);
  });
});
