import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Rec } from '@/api/types';
import { equals } from '@/shared/i18n/parity';
import en from './text.en.json';
import zh from './text.zh-CN.json';
import { calendarOf, groups, months, step, tidy, workdays, yearOf, type Weekly } from './worktime';
import { YearGrid } from './YearGrid';

const day = [['09:00', '12:00'], ['13:30', '18:00']] as [string, string][];
const office: Weekly = { mon: day, tue: day, wed: day, thu: day, fri: day };
const rec = (id: string, more: Record<string, unknown>): Rec => ({ id, version: 1, ...more }) as Rec;
const hours = rec('h', { weekly: office, is_24x7: false, holiday_calendar_id: 'cn26' });
const days = (from: number, to: number, month: string, kind = 'holiday') => Array.from({ length: to - from + 1 }, (_, i) => rec(`${month}-${from + i}`, { day: `2026-${month}-${String(from + i).padStart(2, '0')}`, kind, name: '国庆节' }));
const october = [...days(1, 7, '10'), ...days(10, 10, '10', 'workday')];

afterEach(cleanup);

describe('the year', () => {
  it('has the workdays of October 2026 (R-QTA-03)', () => {
    const month = months(yearOf(2026, hours, october))[9]!;
    expect(workdays(month)).toBe(18);
    expect(workdays(month.slice(0, 16))).toBe(8);
    expect(month[9]).toMatchObject({ iso: '2026-10-10', kind: 'workday', works: true });
  });
  it('has every day once, in a leap year too, and works every day where work never stops', () => {
    expect(yearOf(2028, hours, [])).toHaveLength(366);
    expect(workdays(yearOf(2026, rec('a', { is_24x7: true, weekly: {} }), october))).toBe(365);
    expect(workdays(yearOf(2026, undefined, []))).toBe(0);
  });
  it('belongs to the calendar the hours name, else to one of the same country', () => {
    const all = [rec('cn26', { year: 2026, country: 'CN' }), rec('jp27', { year: 2027, country: 'JP' }), rec('cn27', { year: 2027, country: 'CN' }), rec('cn27b', { year: 2027, country: 'CN' })];
    expect(calendarOf(2026, hours, all)?.id).toBe('cn26');
    expect(calendarOf(2027, hours, all)?.id).toBe('cn27');
    expect(calendarOf(2028, hours, all)).toBeUndefined();
    expect(calendarOf(2026, rec('x', {}), all)).toBeUndefined();
  });
  it('says equal weekdays together', () => {
    expect(groups(office)).toEqual([{ from: 'mon', to: 'fri', windows: day }]);
    expect(groups({ ...office, wed: [], sat: [['10:00', '12:00']] }).map((g) => [g.from, g.to])).toEqual([['mon', 'tue'], ['thu', 'fri'], ['sat', 'sat']]);
  });
  it('reads times as people type them', () => {
    expect(tidy([['9', '1230'], ['13：30', '24:00']])).toEqual([['09:00', '12:30'], ['13:30', '24:00']]);
    expect(tidy([['noon', ' 7.15 ']])).toEqual([['noon', '07:15']]);
  });
  it('is walked by the keyboard and not left', () => {
    expect(step('ArrowDown', 0, 365)).toBe(7);
    expect(step('ArrowUp', 3, 365)).toBe(0);
    expect(step('End', 3, 365)).toBe(364);
    expect(step('a', 3, 365)).toBeUndefined();
  });
});

describe('the grid', () => {
  it('tells each day, moves with the arrows and opens the day that is clicked', () => {
    const pick = vi.fn();
    render(<YearGrid days={yearOf(2026, hours, october)} onPick={pick} />);
    const buttons = screen.getAllByRole('button');
    expect(buttons).toHaveLength(365);
    expect(buttons.filter((b) => b.tabIndex === 0)).toHaveLength(1);
    const national = document.querySelector<HTMLElement>('[data-day="2026-10-01"]')!;
    expect(national.getAttribute('aria-label')).toContain('国庆节');
    expect(national.className).toContain('holiday');
    national.focus();
    fireEvent.keyDown(national, { key: 'ArrowDown' });
    expect(document.activeElement?.getAttribute('data-day')).toBe('2026-10-08');
    fireEvent.click(document.activeElement!);
    expect(pick.mock.calls[0]![0]).toMatchObject({ iso: '2026-10-08', kind: 'plain', works: true });
  });
  it('opens nothing for who may only look', () => {
    render(<YearGrid days={yearOf(2026, hours, [])} />);
    expect(screen.getAllByRole('button')[0]!.getAttribute('aria-disabled')).toBe('true');
  });
});

describe('texts of working time', () => {
  it('are equals in both languages', () => equals(en, zh));
});
