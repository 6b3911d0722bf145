import type { FieldMeta, Filter, Rec } from '@/api/types';
import * as fmt from '@/shared/format';

/** Days of calendars: local dates as YYYY-MM-DD. */
export function iso(d: Date): string {
  return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, '0')}-${String(d.getDate()).padStart(2, '0')}`;
}

export function addDays(d: Date, n: number): Date {
  return new Date(d.getFullYear(), d.getMonth(), d.getDate() + n);
}

export function monday(d: Date): Date {
  return addDays(d, -((d.getDay() + 6) % 7));
}

/** The days a month or week shows: whole weeks from Monday. */
export function daysOf(at: Date, span: 'month' | 'week'): Date[] {
  const first = monday(span === 'week' ? at : new Date(at.getFullYear(), at.getMonth(), 1));
  const last = span === 'week' ? addDays(first, 6) : addDays(monday(new Date(at.getFullYear(), at.getMonth() + 1, 0)), 6);
  const out: Date[] = [];
  for (let d = first; d <= last; d = addDays(d, 1)) out.push(d);
  return out;
}

/** The local day of a date or moment. */
export function dayOf(v: unknown): string | null {
  if (typeof v !== 'string' || !v) return null;
  return /^\d{4}-\d{2}-\d{2}$/.test(v) ? v : iso(new Date(v));
}

/** From the start of one day to the start of another. */
export function between(f: FieldMeta, from: Date, to: Date): Filter[] {
  const at = (d: Date) => (f.type === 'date' ? iso(d) : d.toISOString());
  return [{ field: f.name, op: 'gte', value: at(from) }, { field: f.name, op: 'lt', value: at(to) }];
}

/** The value of a date field moved to another day; a moment keeps its time. */
export function moved(f: FieldMeta, rec: Rec, day: string): string {
  const to = fmt.parseDate(day);
  if (f.type === 'date') return day;
  const old = typeof rec[f.name] === 'string' ? new Date(String(rec[f.name])) : to;
  to.setHours(old.getHours(), old.getMinutes(), 0, 0);
  return to.toISOString();
}

const starts = ['start_at', 'started_at', 'started_on', 'valid_from', 'from_on', 'away_from', 'created_at'];

/** Start and end of the bars of a timeline: the pair that belongs together, else from creation to the date. */
export function spanFields(fields: FieldMeta[], end: FieldMeta): { start: FieldMeta | undefined; end: FieldMeta } {
  const named = (n: string) => fields.find((f) => f.name === n && (f.type === 'date' || f.type === 'dt'));
  const pairs: Record<string, string> = { start_at: 'end_at', started_on: 'ended_on', started_at: 'ended_at', valid_from: 'valid_to', away_from: 'away_to' };
  for (const [a, b] of Object.entries(pairs)) {
    const [from, to] = [named(a), named(b)];
    if (from && to && (end.name === a || end.name === b)) return { start: from, end: to };
  }
  const start = end.access === 'edit' && !end.system ? starts.map(named).find((f) => f !== undefined && f.name !== end.name) : undefined;
  return { start: ['close_on', 'due_at', 'expected_on'].includes(end.name) ? start : undefined, end };
}
