import type { FieldMeta, ObjectMeta, Rec } from '@/api/types';
import { isBlank } from '@/fields/display';
import { editable } from '@/fields/editable';

/** Of what was typed, what an existing record lacks, and the fields where it says something else. */
export function whatFills(object: ObjectMeta, typed: Record<string, unknown>, rec: Rec): { data: Record<string, unknown>; kept: FieldMeta[] } {
  const data: Record<string, unknown> = {};
  const kept: FieldMeta[] = [];
  for (const f of object.fields) {
    const value = typed[f.name];
    if (!editable(f) || isBlank(value) || !f.section || f.type === 'bool' || rec.$masked?.includes(f.name)) continue;
    if (isBlank(rec[f.name])) data[f.name] = value;
    else if (JSON.stringify(rec[f.name]) !== JSON.stringify(value)) kept.push(f);
  }
  return { data, kept };
}
