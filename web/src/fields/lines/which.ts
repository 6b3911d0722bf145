import type { ObjectMeta } from '@/api/types';

/** The child object that holds priced lines of this one, and the field that points back. */
export function linesOf(object: ObjectMeta, child: (name: string) => ObjectMeta | undefined): { child: ObjectMeta; link: string } | null {
  for (const r of object.related ?? []) {
    const c = child(r.object);
    if (!c?.rights.create) continue;
    const named = new Map(c.fields.map((f) => [f.name, f]));
    if (named.get(r.field)?.type === 'md' && named.has('product_id') && named.has('unit_price') && named.has('quantity')) return { child: c, link: r.field };
  }
  return null;
}
