import type { FieldMeta, ObjectMeta, Rec } from '@/api/types';
import { isBlank } from '@/fields/display';
import { editable } from '@/fields/editable';

/** Most records of one merge (R-MRG-01). */
export const MOST = 10;

/** Fields that stay the kept record's own unless somebody chooses otherwise. */
const own = new Set(['owner_id', 'dept_id', 'status', 'record_type']);

const same = (a: unknown, b: unknown) => (isBlank(a) && isBlank(b)) || JSON.stringify(a) === JSON.stringify(b);

/** Fields a person has to look at: in the layout, hers to write, shown plainly, and not the same in all records. */
export function differing(object: ObjectMeta, recs: Rec[]): FieldMeta[] {
  return object.fields.filter((f) => editable(f) && (f.section || f.name === 'owner_id') && !['file', 'img', 'json'].includes(f.type)
    && !recs.some((r) => r.$masked?.includes(f.name)) && recs.some((r) => !same(r[f.name], recs[0]?.[f.name])));
}

/** Whether the values of all are kept together instead of one chosen (tags, several choices, several records). */
export function unites(f: FieldMeta): boolean {
  return ['multi', 'tags', 'refs', 'users', 'depts'].includes(f.type);
}

/** Whose value is kept when nobody chooses (R-MRG-02): the kept record's, else that of the record changed last which has one. */
export function keptFrom(f: FieldMeta, master: Rec, recs: Rec[]): string {
  if (own.has(f.name) || f.type === 'bool' || !isBlank(master[f.name])) return master.id;
  const rest = recs.filter((r) => r.id !== master.id && !isBlank(r[f.name])).sort((a, b) => String(b.updated_at ?? '').localeCompare(String(a.updated_at ?? '')));
  return rest[0]?.id ?? master.id;
}
