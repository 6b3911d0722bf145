import type { Model } from '@/api/model';
import type { FieldMeta, ObjectMeta } from '@/api/types';
import { conditional, ofForm, ofRecord, readBy, standing, type Standing } from '../conditions/conditions';
import { isBlank } from '../display';
import { editable } from '../editable';
import type { Line } from './Lines';

/** Fields with a column of their own. */
const columns = new Set(['product_id', 'quantity', 'unit_price', 'discount']);

/** How the fields of one line stand while it is as it is typed. */
export interface LineStands {
  of: (f: FieldMeta) => Standing;
  /** What conditions call for beyond the columns, and what those conditions read: stands below the line. */
  below: FieldMeta[];
  value: (f: FieldMeta) => unknown;
  /** Names of what conditions ask for and nobody has filled in. */
  missing: ReadonlySet<string>;
  /** Names of what is not written: hidden, or held as it is. */
  left: ReadonlySet<string>;
}

export function lineStands(child: ObjectMeta, link: string, l: Line, model: Model): LineStands {
  const rec = l.saved?.rec;
  const currency = (rec?.['unit_price'] as { currency?: string } | null | undefined)?.currency ?? model.doc.currency;
  const typed: Record<string, unknown> = { ...l.more, product_id: l.product_id, quantity: l.quantity || '1', unit_price: l.unit_price ? { amount: l.unit_price, currency } : null, discount: l.discount || null };
  const at = rec ? ofRecord({ ...rec, ...typed }, model) : ofForm(child, typed, model);
  // What is locked is judged on the record as it was, as the server does.
  const was = rec ? ofRecord(rec, model) : at;
  const fields = child.fields.filter((f) => editable(f) && f.name !== link);
  const all = new Map(fields.map((f) => [f.name, { ...standing(f, at), locked: standing(f, was).locked }]));
  const of = (f: FieldMeta): Standing => all.get(f.name) ?? standing(f, at);
  const value = (f: FieldMeta): unknown => at.value(f.name) ?? null;
  const called = fields.filter((f) => !columns.has(f.name) && of(f).called);
  const [reads, read] = [new Set(readBy(called)), new Set(readBy(fields))];
  const below = fields.filter((f) => !columns.has(f.name) && of(f).shown && (called.includes(f) || reads.has(f.name) || (read.has(f.name) && f.name in (l.more ?? {}))));
  const missing = fields.filter((f) => conditional(f) && of(f).required && !of(f).locked && isBlank(value(f)));
  const left = fields.filter((f) => !of(f).shown || of(f).locked);
  return { of, below, value, missing: new Set(missing.map((f) => f.name)), left: new Set(left.map((f) => f.name)) };
}

/** Whether a line that would be written lacks what a condition asks for. */
export function lacking(child: ObjectMeta, link: string, lines: Line[], model: Model): boolean {
  return lines.some((l) => l.product_id !== null && lineStands(child, link, l, model).missing.size > 0);
}
