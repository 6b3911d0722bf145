import type { LayoutMeta, ObjectMeta } from '@/api/types';

/** Each arrangement's object, made once: what is drawn from it stays the same until the model changes. */
const made = new WeakMap<LayoutMeta, ObjectMeta>();

/** The first arrangement that fits: the server tells the most special first (docs/model-format.md). */
export function layoutFor(object: ObjectMeta, values: Record<string, unknown>, small: boolean): LayoutMeta | undefined {
  return object.layouts?.find((l) => (l.device !== 'phone' || small) && (!l.when || values[l.when.field] === l.when.is));
}

/** The object as it is arranged for a record (or what a form holds) on this page: sections, their fields in order, key facts. */
export function arrange(object: ObjectMeta, values: Record<string, unknown>, small: boolean): ObjectMeta {
  const layout = layoutFor(object, values, small);
  if (!layout) return object;
  const known = made.get(layout);
  if (known) return known;
  const home = new Map(layout.sections.flatMap((s) => s.fields.map((f) => [f, s.key] as const)));
  const place = new Map([...home.keys()].map((f, i) => [f, i]));
  const at = (name: string) => place.get(name) ?? place.size;
  const fields = object.fields
    .map((f) => {
      const { section: _was, ...rest } = f;
      const section = home.get(f.name);
      return section === undefined ? rest : { ...rest, section };
    })
    .sort((x, y) => at(x.name) - at(y.name));
  const next: ObjectMeta = { ...object, fields, sections: layout.sections.map(({ key, label }) => ({ key, label })), facts: layout.facts };
  made.set(layout, next);
  return next;
}
