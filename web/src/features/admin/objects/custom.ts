import type { Label } from '@/api/types';
import { parse, print, type Table, type Toml } from './toml';

/** What administrators added to the model: the text behind `/meta/custom`, typed (docs/model-format.md). */
export interface CField {
  name: string;
  type: string;
  label: Label;
  help?: Label;
  required?: boolean;
  unique?: boolean;
  indexed?: boolean;
  searchable?: boolean;
  mask?: string;
  default?: Toml;
  default_formula?: string;
  required_if?: string;
  visible_if?: string;
  readonly_if?: string;
  max?: number;
  min?: number;
  scale?: number;
  regex?: string;
  picklist?: string;
  target?: string;
  on_delete?: string;
  targets?: string[];
  pattern?: string;
  formula?: string;
  result?: string;
  rollup?: { object: string; via: string; fn: string; field?: string; filter?: string };
}

export interface CSection {
  key: string;
  label?: Label;
  fields?: CField[];
}

export interface CObject {
  name: string;
  kind: string;
  label: Label;
  plural: Label;
  icon: string;
  area?: string;
  position?: number;
  title: string;
  list?: string[];
  section: CSection[];
  [more: string]: unknown;
}

export interface CValue {
  key: string;
  label: Label;
  color?: string;
}

export interface CPicklist {
  label: Label;
  default?: string;
  values: CValue[];
}

/** Whom an arrangement is for: nothing said is everyone. `record_type` is short for `when` on that field. */
export interface CFor {
  role?: string;
  record_type?: string;
  when?: { field: string; is: string };
  device?: 'phone';
}

export interface CLayout extends CFor {
  object: string;
  list?: string[];
  card?: string[];
  facts?: string[];
  subtitle?: string[];
  hidden?: string[];
  section?: { key: string; label?: Label; fields: string[] }[];
}

/** A rule about an object's records: what has to hold, or must not, before a change is kept. */
export interface CRule {
  object: string;
  code: string;
  must?: string;
  refuse_if?: string;
  message: Label;
  field?: string;
  enabled?: boolean;
}

/** Conditions of a field that is there; an empty formula lifts one, what is left out stays as shipped. */
export interface CCondition {
  object: string;
  field: string;
  visible_if?: string;
  required_if?: string;
  readonly_if?: string;
}

export interface Custom {
  object?: CObject[];
  extend?: { name: string; section: CSection[] }[];
  picklist?: Record<string, CPicklist>;
  values?: Record<string, CValue[]>;
  layout?: CLayout[];
  condition?: CCondition[];
  validation?: CRule[];
}

export function read(text: string): Custom {
  return parse(text) as unknown as Custom;
}

/** The text of the additions, in the same order every time, so that two texts can be compared by line. */
export function write(c: Custom): string {
  const { picklist, values, object, extend, layout, condition, validation, ...rest } = c as Custom & Table;
  const doc: Record<string, unknown> = { ...rest };
  if (object?.length) doc['object'] = object;
  const kept = extend?.map((e) => ({ ...e, section: e.section.filter((s) => s.fields?.length || s.label) })).filter((e) => e.section.length);
  if (kept?.length) doc['extend'] = kept;
  if (picklist && Object.keys(picklist).length) doc['picklist'] = picklist;
  const said = Object.fromEntries(Object.entries(values ?? {}).filter(([, v]) => v.length));
  if (Object.keys(said).length) doc['values'] = said;
  if (layout?.length) doc['layout'] = layout;
  if (condition?.length) doc['condition'] = condition;
  if (validation?.length) doc['validation'] = validation;
  return print(JSON.parse(JSON.stringify(doc)) as Table);
}

function sectionsOf(c: Custom, object: string, make: boolean): CSection[] | undefined {
  const own = c.object?.find((o) => o.name === object);
  if (own) return own.section;
  const there = c.extend?.find((e) => e.name === object);
  if (there) return there.section;
  if (!make) return undefined;
  const made = { name: object, section: [] as CSection[] };
  c.extend = [...(c.extend ?? []), made];
  return made.section;
}

export function findField(c: Custom, object: string, name: string): { field: CField; section: CSection } | undefined {
  for (const section of sectionsOf(c, object, false) ?? []) {
    const field = section.fields?.find((f) => f.name === name);
    if (field) return { field, section };
  }
  return undefined;
}

/** Puts a field into a section (made when it is new), in the place of one with the same name. */
export function putField(c: Custom, object: string, section: { key: string; label?: Label }, field: CField): void {
  const sections = sectionsOf(c, object, true) ?? [];
  const was = findField(c, object, field.name);
  let into = sections.find((s) => s.key === section.key);
  if (!into) {
    into = { key: section.key, ...(section.label ? { label: section.label } : {}) };
    sections.push(into);
  }
  if (was && was.section === into) {
    into.fields = (into.fields ?? []).map((f) => (f.name === field.name ? field : f));
    return;
  }
  if (was) was.section.fields = (was.section.fields ?? []).filter((f) => f.name !== field.name);
  into.fields = [...(into.fields ?? []), field];
}

/** Takes a field away: unseen, its data kept, back with its data when it is named again. Layouts forget it. */
export function retireField(c: Custom, object: string, name: string): void {
  const was = findField(c, object, name);
  if (was) was.section.fields = (was.section.fields ?? []).filter((f) => f.name !== name);
  for (const l of c.layout ?? []) {
    if (l.object !== object) continue;
    // What told the kind of record is gone, and with it what was arranged for it.
    if (l.when?.field === name) c.layout = (c.layout ?? []).filter((x) => x !== l);
    for (const key of ['list', 'card', 'facts', 'subtitle', 'hidden'] as const) if (l[key]) l[key] = l[key].filter((n) => n !== name);
    for (const s of l.section ?? []) s.fields = s.fields.filter((n) => n !== name);
  }
}

export function putObject(c: Custom, object: CObject): void {
  const rest = (c.object ?? []).filter((o) => o.name !== object.name);
  c.object = [...rest, object];
}

export function retireObject(c: Custom, name: string): void {
  c.object = (c.object ?? []).filter((o) => o.name !== name);
  c.layout = (c.layout ?? []).filter((l) => l.object !== name);
  c.validation = (c.validation ?? []).filter((r) => r.object !== name);
}

/** The same people, records and device as one word; empty for everyone. */
export function placeOf(l: CFor): string {
  const type = l.when ? `${l.when.field}=${l.when.is}` : l.record_type ? `record_type=${l.record_type}` : '';
  return [l.role ? `role=${l.role}` : '', type, l.device ?? ''].filter(Boolean).join(',');
}

/** Arrangements of an object beside the one for everyone, the most special first: type before role before phone. */
export function specials(c: Custom, object: string): CLayout[] {
  const rank = (l: CLayout) => (l.when || l.record_type ? 4 : 0) + (l.role ? 2 : 0) + (l.device ? 1 : 0);
  return (c.layout ?? []).filter((l) => l.object === object && placeOf(l) !== '').sort((x, y) => rank(y) - rank(x));
}

/** Puts an arrangement in the place of the one for the same, or behind the others; `null` takes it away. */
export function putLayout(c: Custom, layout: CLayout | null, object: string, place = ''): void {
  const same = (l: CLayout) => l.object === object && placeOf(l) === place;
  const all = c.layout ?? [];
  c.layout = layout && all.some(same) ? all.map((l) => (same(l) ? layout : l)) : [...all.filter((l) => !same(l)), ...(layout ? [layout] : [])];
}

/** Puts the conditions of a field, or takes them away when nothing is said. */
export function putCondition(c: Custom, next: CCondition): void {
  const rest = (c.condition ?? []).filter((x) => x.object !== next.object || x.field !== next.field);
  c.condition = Object.keys(next).length > 2 ? [...rest, next] : rest;
}

export const rulesOf = (c: Custom, object: string): CRule[] => (c.validation ?? []).filter((r) => r.object === object);

/** Puts a rule in the place of the one with its code, or behind the others. */
export function putRule(c: Custom, rule: CRule): void {
  const same = (r: CRule) => r.object === rule.object && r.code === rule.code;
  const all = c.validation ?? [];
  c.validation = all.some(same) ? all.map((r) => (same(r) ? rule : r)) : [...all, rule];
}

export function dropRule(c: Custom, object: string, code: string): void {
  c.validation = (c.validation ?? []).filter((r) => r.object !== object || r.code !== code);
}

/** Moves a rule up (-1) or down (1) among those of its object; the rules of other objects keep their places. */
export function moveRule(c: Custom, object: string, code: string, by: -1 | 1): void {
  const all = c.validation ?? [];
  const places = all.flatMap((r, i) => (r.object === object ? [i] : []));
  const at = places.findIndex((i) => all[i]!.code === code);
  const [from, to] = [places[at], places[at + by]];
  if (from === undefined || to === undefined) return;
  c.validation = all.map((r, i) => (i === from ? all[to]! : i === to ? all[from]! : r));
}

/** Fields of other objects that need this one: a lookup here, a rollup there. They would stand in the way of taking it away. */
export function needs(c: Custom, object: string, name: string): string[] {
  const out: string[] = [];
  const all = [...(c.object ?? []).map((o) => [o.name, o.section] as const), ...(c.extend ?? []).map((e) => [e.name, e.section] as const)];
  const word = new RegExp(`\\b${name}\\b`);
  for (const [owner, sections] of all) {
    for (const f of sections.flatMap((s) => s.fields ?? [])) {
      if (owner === object && f.name === name) continue;
      const rolled = f.rollup?.object === object && (f.rollup.via === name || f.rollup.field === name || word.test(f.rollup.filter ?? ''));
      const said = owner === object && [f.formula, f.required_if, f.visible_if, f.readonly_if, f.default_formula].some((x) => x !== undefined && word.test(x));
      if (rolled || said) out.push(`${owner}.${f.name}`);
    }
  }
  for (const x of c.condition ?? []) if (x.object === object && [x.visible_if, x.required_if, x.readonly_if].some((f) => f !== undefined && word.test(f))) out.push(`${x.object}.${x.field}`);
  for (const r of c.validation ?? []) if (r.object === object && (r.field === name || word.test(r.must ?? r.refuse_if ?? ''))) out.push(`${r.object} · ${r.code}`);
  return out;
}
