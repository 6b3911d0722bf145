import { describe, expect, it } from 'vitest';
import { doc } from '../../../../dev/mock/model';
import { Model } from '@/api/model';
import type { FieldMeta } from '@/api/types';
import { blockOf, chosenCount, isChosen, nothing, range, toggle } from './cells';
import { parseCell, parseDay, parseNumber } from './cellText';
import { orderOf } from './look';
import { parseTsv, toCsv, toTsv } from './tsv';

const model = new Model(doc);
const field = (type: FieldMeta['type'], more: Partial<FieldMeta> = {}): FieldMeta => ({ name: 'f', type, label: { en: 'F', zh: '字段' }, access: 'edit', ...more });
const none = () => [];

describe('a block from a spreadsheet', () => {
  it('is read with quotes, tabs and line ends inside cells', () => {
    expect(parseTsv('a\tb\r\n"x\ty"\t"say ""hi""\nthere"\n')).toEqual([['a', 'b'], ['x\ty', 'say "hi"\nthere']]);
    expect(parseTsv('')).toEqual([]);
    expect(parseTsv('a\t\n\tb')).toEqual([['a', ''], ['', 'b']]);
    expect(parseTsv(toTsv([['a"b', 'c\td'], ['', 'e']]))).toEqual([['a"b', 'c\td'], ['', 'e']]);
    expect(toCsv([['a,b', 'c']])).toBe('"a,b",c');
  });
  it('has numbers as people write them, exactly', () => {
    const all: [string, string | null][] = [['¥ 12,300.50', '12300.5'], ['68.5万', '685000'], ['3.2亿', '320000000'], ['1.25K', '1250'], ['45%', '45'], ['-0', '0'], ['０１２', '12'], ['.5', '0.5'], ['约20', null], ['1.2.3', null], ['', null]];
    for (const [text, want] of all) expect(parseNumber(text), text).toBe(want);
  });
  it('has dates in several forms but never guesses day and month', () => {
    const now = new Date(2026, 10, 21);
    const all: [string, string | null][] = [['2026-11-25', '2026-11-25'], ['2026/1/5', '2026-01-05'], ['2026年11月25日', '2026-11-25'], ['11月25日', '2026-11-25'], ['25 Nov', '2026-11-25'], ['25 November 2027', '2027-11-25'], ['明天', '2026-11-22'], ['Today', '2026-11-21'], ['03/04/2026', null], ['2026-02-30', null], ['soon', null]];
    for (const [text, want] of all) expect(parseDay(text, now), text).toBe(want);
  });
  it('is checked cell by cell before anything is written', () => {
    expect(parseCell(field('money'), '约20', model, none)).toEqual({ ok: false, why: 'number' });
    expect(parseCell(field('int'), '1.5', model, none)).toEqual({ ok: false, why: 'whole' });
    expect(parseCell(field('pick', { picklist: 'account_level' }), 'A 重点客户', model, none)).toMatchObject({ ok: true, value: 'a' });
    expect(parseCell(field('pick', { picklist: 'account_level' }), 'Z', model, none)).toEqual({ ok: false, why: 'option' });
    expect(parseCell(field('text', { required: true }), ' ', model, none)).toEqual({ ok: false, why: 'required' });
    expect(parseCell(field('text'), ' ', model, none)).toMatchObject({ ok: true, value: null });
    expect(parseCell(field('bool'), '是', model, none)).toMatchObject({ ok: true, value: true });
    expect(parseCell(field('time'), '25:00', model, none)).toEqual({ ok: false, why: 'time' });
    expect(parseCell(field('tags'), 'VIP、展会, VIP', model, none)).toMatchObject({ value: ['VIP', '展会'] });
    const two = (object: string, title: string) => [{ object, id: '1', title }, { object, id: '2', title }];
    expect(parseCell(field('user'), '陈屿', model, two)).toEqual({ ok: false, why: 'several' });
    expect(parseCell(field('user'), '陈屿', model, (o, t) => two(o, t).slice(0, 1))).toMatchObject({ ok: true, value: '1' });
    expect(parseCell(field('roll'), '5', model, none)).toEqual({ ok: false, why: 'readonly' });
  });
});

describe('the cursor', () => {
  const rows = new Map([['a', 0], ['b', 1], ['c', 2]]);
  const cols = new Map([['x', 0], ['y', 1]]);
  it('marks a block whichever corner came first, and loses it with its row', () => {
    expect(blockOf({ id: 'c', field: 'y', to: { id: 'a', field: 'x' } }, rows, cols)).toEqual({ top: 0, bottom: 2, left: 0, right: 1 });
    expect(blockOf({ id: 'b', field: 'y', to: { id: 'gone', field: 'x' } }, rows, cols)).toEqual({ top: 1, bottom: 1, left: 0, right: 1 });
    expect(blockOf({ id: 'gone', field: 'y' }, rows, cols)).toBeNull();
  });
});

describe('the selection', () => {
  const order = ['a', 'b', 'c', 'd'];
  it('grows by a range and may be all but a few', () => {
    const some = range(toggle(nothing, 'a'), order, 'b', 'd', true);
    expect([...some.ids]).toEqual(['a', 'b', 'c', 'd']);
    expect([...range(some, order, 'c', 'b', false).ids]).toEqual(['a', 'd']);
    const all = toggle({ all: true, ids: new Set() }, 'b');
    expect(isChosen(all, 'a')).toBe(true);
    expect(isChosen(all, 'b')).toBe(false);
    expect(chosenCount(all, 128)).toBe(127);
    expect(isChosen(range(all, order, 'a', 'c', true), 'b')).toBe(true);
  });
});

describe('columns', () => {
  it('hold the title and the pinned ones first', () => {
    const fs = ['a', 'title', 'b', 'c'].map((name) => field('text', { name }));
    const o = orderOf(fs, 'title', ['c']);
    expect(o.fields.map((f) => f.name)).toEqual(['title', 'c', 'a', 'b']);
    expect(o.pinned).toBe(2);
  });
});
