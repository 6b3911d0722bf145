import type { Rec } from '@/api/types';
import { addDays, iso } from '@/features/browse/calendar/days';
import * as fmt from '@/shared/format';
import type { Lang } from '@/shared/i18n';
import { shippedName } from '@/shared/i18n/shipped';

/** From one time of a day to a later one: `["09:00", "12:00"]`. */
export type Window = [from: string, to: string];
export const weekKeys = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type WeekKey = (typeof weekKeys)[number];
export type Weekly = Partial<Record<WeekKey, Window[]>>;

/** What a day is: as others of its weekday, a day off, a make-up workday. */
export type Kind = 'plain' | 'holiday' | 'workday';

export interface Day {
  iso: string;
  date: Date;
  kind: Kind;
  name: string;
  /** Work is done on it. */
  works: boolean;
  record?: Rec | undefined;
}

export function weekly(hours: Rec | undefined): Weekly {
  const w = hours?.['weekly'];
  return w && typeof w === 'object' && !Array.isArray(w) ? (w as Weekly) : {};
}

const keyOf = (d: Date): WeekKey => weekKeys[(d.getDay() + 6) % 7]!;

/** Whether a weekday has working time: every day where working time never stops. */
function open(hours: Rec | undefined, d: Date): boolean {
  return hours?.['is_24x7'] === true || (weekly(hours)[keyOf(d)]?.length ?? 0) > 0;
}

/** The days of a year, as the default business hours and a calendar's rows make them. */
export function yearOf(year: number, hours: Rec | undefined, rows: Rec[]): Day[] {
  const special = new Map(rows.map((r) => [String(r['day']), r]));
  const out: Day[] = [];
  for (let d = new Date(year, 0, 1); d.getFullYear() === year; d = addDays(d, 1)) {
    const key = iso(d);
    const record = special.get(key);
    const kind: Kind = record ? (record['kind'] === 'workday' ? 'workday' : 'holiday') : 'plain';
    const always = hours?.['is_24x7'] === true;
    const works = always || (kind === 'plain' ? open(hours, d) : kind === 'workday');
    out.push({ iso: key, date: d, kind, name: String(record?.['name'] ?? ''), works, record });
  }
  return out;
}

export function months(days: Day[]): Day[][] {
  const out: Day[][] = Array.from({ length: 12 }, () => []);
  for (const d of days) out[d.date.getMonth()]!.push(d);
  return out;
}

export function workdays(days: Day[]): number {
  return days.filter((d) => d.works).length;
}

/** The calendar of a year: the one the business hours name, else the oldest of the same country. */
export function calendarOf(year: number, hours: Rec | undefined, calendars: Rec[]): Rec | undefined {
  const named = calendars.find((c) => c.id === hours?.['holiday_calendar_id']);
  if (named?.['year'] === year) return named;
  const country = named ? named['country'] : null;
  return calendars.filter((c) => c['year'] === year && country && c['country'] === country).toSorted((a, b) => a.id.localeCompare(b.id))[0];
}

/** Weekdays with the same windows, side by side: `[[mon … fri], windows]`. */
export function groups(w: Weekly): { from: WeekKey; to: WeekKey; windows: Window[] }[] {
  const out: { from: WeekKey; to: WeekKey; windows: Window[] }[] = [];
  for (const [i, key] of weekKeys.entries()) {
    const windows = w[key] ?? [];
    const before = out.at(-1);
    if (windows.length === 0) continue;
    if (before && before.to === weekKeys[i - 1] && JSON.stringify(before.windows) === JSON.stringify(windows)) before.to = key;
    else out.push({ from: key, to: key, windows });
  }
  return out;
}

/** Where a key of the keyboard leads from a day; nothing for other keys. */
export function step(key: string, at: number, count: number): number | undefined {
  const by: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7, PageUp: -28, PageDown: 28, Home: -count, End: count };
  const n = by[key];
  return n === undefined ? undefined : Math.min(Math.max(at + n, 0), count - 1);
}

/** A time as people type it (`9`, `930`, `9：30`) as `09:30`; what is none stays as it is, for the server to say so. */
export function time(text: string): string {
  const [, h = '', m = '00'] = /^\s*(\d{1,2})(?:\s*[:：.]?\s*(\d{2}))?\s*$/.exec(text) ?? [];
  return h ? `${h.padStart(2, '0')}:${m}` : text.trim();
}

export const tidy = (windows: Window[]): Window[] => windows.map(([from, to]) => [time(from), time(to)]);

/** 周一 / Mon. */
export function dayName(k: WeekKey, lang: Lang): string {
  return fmt.weekday(new Date(2026, 0, 5 + weekKeys.indexOf(k)), lang, 'short');
}

export function nameOfHours(r: Rec, lang: Lang): string {
  return shippedName('business_hours', String(r['name'] ?? ''), lang);
}
