import type { Parsed } from '@/fields/parseText';
import type { ObjectMeta } from '@/api/types';

/** Where a found part belongs, by object: the first field of the list that the object has. */
const places: Record<string, Partial<Record<keyof Parsed, string[]>>> = {
  account: { company: ['name'], uscc: ['uscc'], phone: ['phone'], mobile: ['phone'], email: ['email'], website: ['website'], address: ['address'] },
  contact: { name: ['name'], title: ['title'], mobile: ['mobile'], phone: ['phone'], email: ['email'], wechat: ['wechat'], address: ['address'] },
  lead: { name: ['contact_name'], company: ['company_name'], title: ['title'], mobile: ['mobile'], phone: ['phone'], email: ['email'], wechat: ['wechat'], website: ['website'], address: ['address'] },
};

export function pasteable(object: string): boolean {
  return object in places;
}

/** Values for the form out of what was found. The name of a lead is its company, else its person. */
export function valuesOf(object: ObjectMeta, p: Parsed): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  const has = (f: string) => object.fields.some((x) => x.name === f && x.access === 'edit');
  for (const [part, fields] of Object.entries(places[object.name] ?? {}) as [keyof Parsed, string[]][]) {
    const v = p[part];
    const f = fields.find(has);
    if (v && f && out[f] === undefined) out[f] = f === 'address' ? { country: 'CN', detail: v } : v;
  }
  if (object.name === 'lead' && (p.company || p.name)) out['name'] = p.company ?? p.name;
  return out;
}
