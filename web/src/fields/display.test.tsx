import { cleanup, render } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { doc } from '../../dev/mock/model';
import { fieldTypes, type FieldMeta, type Rec } from '@/api/types';
import { Model } from '@/api/model';
import { setLang } from '@/shared/i18n';
import { showValue, valueText } from './display';

const model = new Model(doc);
const field = (type: FieldMeta['type'], more: Partial<FieldMeta> = {}): FieldMeta => ({ name: 'f', type, label: { en: 'F', zh: '字段' }, access: 'edit', ...more });
const text = (f: FieldMeta, value: unknown, more: Partial<Rec> = {}, lang: 'zh-CN' | 'en' = 'zh-CN') => {
  const { container } = render(<>{showValue({ field: f, rec: { id: '1', version: 1, f: value, ...more }, model, lang, dense: true })}</>);
  return container.textContent;
};

describe('values', () => {
  beforeEach(() => setLang('zh-CN'));
  afterEach(cleanup);
  it('of every type can be shown, and a blank shows nothing', () => {
    const samples: Partial<Record<FieldMeta['type'], unknown>> = { int: 1, dur: 60, time: 60, bool: true, rating: 3, geo: { lat: 1, lng: 2 }, json: { a: 1 }, multi: ['a'], tags: ['x'], refs: ['1'], users: ['1'], depts: ['1'], file: ['1'], img: ['1'], date: '2026-11-21', dt: '2026-11-21T06:30:00Z', money: { amount: '1', currency: 'CNY' }, addr: { detail: 'x' }, phone: { raw: '1' }, poly: { object: 'account', id: '1' } };
    for (const type of fieldTypes) {
      expect(text(field(type), samples[type] ?? 'x'), type).not.toBe('');
      expect(text(field(type), null), type).toBe('');
      cleanup();
    }
  });
  it('are exact for money, labelled for picklists, titled for references', () => {
    expect(text(field('money'), { amount: '685000.50', currency: 'CNY' })).toBe('¥685,000.50');
    expect(text(field('pick', { picklist: 'account_level' }), 'a')).toBe('A 重点客户');
    expect(text(field('ref', { target: 'account' }), 'x', { $expand: { f: { object: 'account', id: 'x', title: '北溟精工' } } })).toBe('北溟精工');
  });
  it('write an address large to small in Chinese, small to large in English', () => {
    const a = { country: 'CN', province: '浙江省', city: '杭州市', district: '余杭区', detail: '1 号' };
    expect(text(field('addr'), a)).toBe('浙江省杭州市余杭区1 号');
    expect(text(field('addr'), a, {}, 'en')).toContain('余杭区, 杭州市, 浙江省');
  });
  it('never run markup from the server', () => {
    expect(text(field('rich'), '<p>Hi <img src=x onerror="alert(1)">there</p>')).toBe('Hi there');
  });
  it('show a masked value as it came, without a link to call', () => {
    const { container } = render(<>{showValue({ field: field('phone'), rec: { id: '1', version: 1, f: { raw: '138****8000', e164: null }, $masked: ['f'] }, model, lang: 'en', dense: true })}</>);
    expect(container.querySelector('a')).toBeNull();
    expect(container.textContent).toBe('138****8000');
  });
  it('become words for history', () => {
    expect(valueText(field('bool'), true, model, 'zh-CN')).toBe('是');
    expect(valueText(field('date'), '2027-01-02', model, 'zh-CN')).toBe('2027年1月2日');
    expect(valueText(undefined, null, model, 'en')).toBe('–');
  });
});
