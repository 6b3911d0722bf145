import { describe, expect, it } from 'vitest';
import * as fmt from './format';

// design.md §7: dates and money as people say them, in both languages.
const now = new Date(2026, 10, 19, 9, 5); // Thursday

describe('money', () => {
  it('writes full sums with the cents where there are any', () => {
    expect(fmt.money('685000.00', 'CNY', 'zh-CN')).toBe('¥685,000');
    expect(fmt.money('685000', 'CNY', 'zh-CN', 'always')).toBe('¥685,000.00');
    expect(fmt.money('685000.5', 'CNY', 'en')).toBe('¥ 685,000.50');
    expect(fmt.money('-0.01', 'USD', 'en')).toBe('$ −0.01');
    expect(fmt.money('1200', 'JPY', 'en', 'always')).toBe('¥ 1,200');
    expect(fmt.money('12', 'CHF', 'en')).toBe('12 CHF');
  });
  it('never goes through a binary float', () => {
    expect(fmt.decimal('9007199254740993.12')).toBe('9,007,199,254,740,993.12');
  });
  it('shortens by 万 and 亿, by K and M', () => {
    expect(fmt.compactMoney(685_000, 'CNY', 'zh-CN')).toBe('¥68.5万');
    expect(fmt.compactMoney(320_000_000, 'CNY', 'zh-CN')).toBe('¥3.2亿');
    expect(fmt.compactMoney(10_246_000, 'CNY', 'zh-CN')).toBe('¥1,024.6万');
    expect(fmt.compactMoney(685_000, 'CNY', 'en')).toBe('¥ 685K');
    expect(fmt.compactMoney(3_240_000, 'CNY', 'en')).toBe('¥ 3.24M');
    expect(fmt.compactMoney(0, 'CNY', 'zh-CN')).toBe('¥0');
  });
});

describe('dates', () => {
  const at = (m: number, d: number, h = 0, min = 0, y = 2026) => new Date(y, m - 1, d, h, min);
  it('says near days by name', () => {
    expect(fmt.dateTimeWords(at(11, 19, 14), 'zh-CN', now)).toBe('今天 14:00');
    expect(fmt.dateWords(at(11, 20), 'en', now)).toBe('Tomorrow');
    expect(fmt.dateWords(at(11, 18), 'zh-CN', now)).toBe('昨天');
    expect(fmt.dateWords(at(11, 22), 'zh-CN', now)).toBe('周日');
    expect(fmt.dateWords(at(11, 23), 'zh-CN', now)).toBe('11月23日');
    expect(fmt.dateWords(at(11, 16), 'en', now)).toBe('Mon');
    expect(fmt.dateWords(at(11, 15), 'en', now)).toBe('15 Nov');
  });
  it('names the year only when it is another one', () => {
    expect(fmt.date(at(11, 25), 'en', now)).toBe('25 Nov');
    expect(fmt.date(at(1, 2, 0, 0, 2027), 'zh-CN', now)).toBe('2027年1月2日');
  });
  it('counts days by the calendar, not by hours', () => {
    expect(fmt.daysBetween(at(11, 18, 23, 59), at(11, 19, 0, 1))).toBe(1);
    expect(fmt.daysBetween(at(11, 19, 0, 1), at(11, 19, 23, 59))).toBe(0);
  });
  it('groups a timeline by week and month', () => {
    expect(fmt.periodOf(at(11, 16), 'zh-CN', now)).toBe('本周');
    expect(fmt.periodOf(at(11, 12), 'en', now)).toBe('Last week');
    expect(fmt.periodOf(at(10, 22), 'zh-CN', now)).toBe('10月');
    expect(fmt.periodOf(at(10, 22, 0, 0, 2025), 'en', now)).toBe('Oct 2025');
  });
});

describe('people and numbers', () => {
  it('takes one character of a Chinese name and two initials of a Latin one', () => {
    expect(fmt.initials('陈屿')).toBe('陈');
    expect(fmt.initials('Mara Ridley')).toBe('MR');
    expect(fmt.initials('  ')).toBe('?');
  });
  it('shows mobile numbers of the country in their groups', () => {
    expect(fmt.phone('+8613800138000', '13800138000')).toBe('138 0013 8000');
    expect(fmt.phone('+4915112345678', '0151 12345678')).toBe('+4915112345678');
    expect(fmt.phone(null, '138****8000')).toBe('138****8000');
  });
  it('says durations shortly', () => {
    expect(fmt.duration(7500, 'zh-CN')).toBe('2小时5分');
    expect(fmt.duration(7500, 'en')).toBe('2h 5m');
  });
  it('says weekdays as Intl does', () => {
    for (let day = 15; day < 22; day++) {
      for (const style of ['long', 'short', 'narrow'] as const) {
        expect(fmt.weekday(new Date(2026, 10, day), 'en', style)).toBe(new Intl.DateTimeFormat('en', { weekday: style }).format(new Date(2026, 10, day)));
        // Chinese short form in all widths but the narrow one: 星期五 is longer than any heading needs.
        expect(fmt.weekday(new Date(2026, 10, day), 'zh-CN', style)).toBe(new Intl.DateTimeFormat('zh-CN', { weekday: style === 'long' ? 'short' : style }).format(new Date(2026, 10, day)));
      }
    }
  });
});
