import { label, targetOf, valueType, type Model } from '@/api/model';
import type { FieldMeta, Filter, Leaf, Op } from '@/api/types';
import { has, t, tDynamic, type Lang, type TextKey } from '@/shared/i18n';
import { valueText } from '@/fields/display';
import { provinceName } from '../map/provinces';

/** Conditions of a list: the leaves under one `and`; anything deeper stays one unit. */
export function conditions(filter: Filter | undefined): Filter[] {
  if (!filter) return [];
  return 'and' in filter ? filter.and : [filter];
}

export function combine(list: Filter[]): Filter | undefined {
  return list.length === 0 ? undefined : { and: list };
}

export function isLeaf(f: Filter): f is Leaf {
  return 'field' in f;
}

export const periods = [
  'today', 'yesterday', 'tomorrow', 'this_week', 'last_week', 'next_week', 'this_month', 'last_month', 'next_month',
  'this_quarter', 'last_quarter', 'next_quarter', 'this_year', 'last_year', 'overdue',
] as const;

/** Operators that make sense for a field, the likeliest first. */
export function operators(field: FieldMeta): Op[] {
  switch (valueType(field)) {
    case 'text': case 'long': case 'rich': case 'auto': case 'email': case 'url': case 'id': case 'addr':
      return ['contains', 'eq', 'starts', 'is_empty', 'not_empty'];
    case 'phone':
      return ['contains', 'is_empty', 'not_empty'];
    case 'int': case 'dec': case 'money': case 'pct': case 'dur': case 'rating': case 'time':
      return ['gte', 'lte', 'eq', 'between', 'is_empty', 'not_empty'];
    case 'bool':
      return ['eq'];
    case 'date': case 'dt':
      return ['in', 'gte', 'lte', 'between', 'is_empty', 'not_empty'];
    case 'pick': case 'ref': case 'md': case 'user':
      return ['in', 'nin', 'is_empty', 'not_empty'];
    case 'dept':
      return ['in', 'within', 'nin', 'is_empty', 'not_empty'];
    case 'multi': case 'tags': case 'refs': case 'users': case 'depts':
      return ['any', 'all', 'none', 'is_empty', 'not_empty'];
    case 'poly': case 'file': case 'img': case 'geo':
      return ['not_empty', 'is_empty'];
    case 'json': case 'roll': case 'calc':
      return ['is_empty', 'not_empty'];
  }
}

export function needsValue(op: Op): boolean {
  return op !== 'is_empty' && op !== 'not_empty';
}

function relText(v: unknown): string | null {
  if (typeof v !== 'object' || v === null || !('rel' in v)) return null;
  const r = v as { rel: string; n?: number };
  const key = `rel.${r.rel}`;
  return has(key) ? tDynamic(key, { n: r.n ?? 0, count: r.n ?? 0 }) : r.rel;
}

/** The field at the end of a path through related records, and the fields on the way. */
export function fieldAt(model: Model, object: string, path: string): { field: FieldMeta; way: FieldMeta[]; object: string } | undefined {
  const way: FieldMeta[] = [];
  let at = object;
  const names = path.split('.');
  for (const [i, name] of names.entries()) {
    const field = model.field(at, name);
    if (!field) return undefined;
    if (i === names.length - 1) return { field, way, object: at };
    way.push(field);
    at = targetOf(field) ?? '';
  }
  return undefined;
}

/** "Owner is in my department" is asked of the person's department; to people it is still about the owner. */
export function throughPerson(model: Model, object: string, leaf: Leaf): string | null {
  if (!leaf.field.endsWith('.main_dept') || !relText(leaf.value)) return null;
  const person = leaf.field.slice(0, -'.main_dept'.length);
  return fieldAt(model, object, person)?.field.type === 'user' ? person : null;
}

/** What a path is called: "Account › Level". */
export function pathLabel(model: Model, object: string, path: string, lang: Lang): string {
  const found = fieldAt(model, object, path);
  return found ? [...found.way, found.field].map((f) => label(f.label, lang, f.name)).join(' › ') : path;
}

function leaves(f: Filter | undefined): Leaf[] {
  if (!f) return [];
  if (isLeaf(f)) return [f];
  return 'and' in f ? f.and.flatMap(leaves) : 'or' in f ? f.or.flatMap(leaves) : leaves(f.not);
}

/** Ids in a filter whose titles are needed to say it in words: by object. */
export function idsIn(filter: Filter | undefined, object: string, model: Model): Map<string, string[]> {
  const out = new Map<string, string[]>();
  for (const c of leaves(filter)) {
    const f = fieldAt(model, object, c.field)?.field;
    const target = f && ['ref', 'md', 'user', 'dept', 'refs', 'users', 'depts'].includes(f.type) ? targetOf(f) : undefined;
    if (!target) continue;
    const values = (Array.isArray(c.value) ? c.value : [c.value]).filter((v): v is string => typeof v === 'string');
    if (values.length) out.set(target, [...(out.get(target) ?? []), ...values]);
  }
  return out;
}

/** Does the operator need saying when the value already carries it ("this month")? */
function opText(op: Op, field: FieldMeta, value: unknown): string {
  const relative = relText(value) !== null || (Array.isArray(value) && value.every((v) => relText(v) !== null));
  const type = valueType(field);
  const dated = type === 'date' || type === 'dt';
  let name: string = op;
  if (op === 'in' || op === 'eq') name = dated && relative ? 'dated' : 'eq';
  else if (op === 'nin') name = 'ne';
  else if (dated && (op === 'gte' || op === 'lte')) name = op === 'gte' ? 'from' : 'until';
  return t(`op.${name}` as TextKey);
}

/** A condition as a sentence: what comes before the value, and the value (bold in the chip). Groups become one sentence. */
export function sentence(filter: Filter, object: string, model: Model, lang: Lang, titles: Map<string, string>): { before: string; value: string } {
  if (!isLeaf(filter)) {
    const text = groupText(filter, object, model, lang, titles, false);
    return text.length > 90 ? { before: '', value: t('filter.complex', { count: countLeaves(filter) }) } : { before: text, value: '' };
  }
  const zh = lang === 'zh-CN';
  const gap = zh ? '' : ' ';
  const person = throughPerson(model, object, filter);
  const path = person ?? filter.field;
  const field = fieldAt(model, object, path)?.field;
  if (!field) return { before: `${filter.field}${gap}`, value: String(filter.value ?? '') };
  const name = pathLabel(model, object, path, lang);
  if (!needsValue(filter.op)) return { before: `${name}${gap}`, value: t(`op.${filter.op}` as TextKey) };
  const say = (v: unknown): string => (field.type === 'addr' && filter.op === 'within' ? provinceName(String(v), lang) : null) ?? relText(v) ?? (typeof v === 'string' ? titles.get(v) : undefined) ?? valueText(field, v, model, lang);
  const values = Array.isArray(filter.value) ? filter.value : [filter.value];
  const value = filter.op === 'between' ? values.map(say).join(zh ? ' 到 ' : ' to ') : values.map(say).join(zh ? ' 或 ' : ' or ');
  const how = person ? t(filter.op === 'nin' || filter.op === 'ne' ? 'op.notInDept' : 'op.inDept') : opText(filter.op, field, filter.value);
  return { before: `${name}${gap}${how} `, value };
}

/** A group in words: "Level is A or Amount is at least 5万". */
export function groupText(filter: Filter, object: string, model: Model, lang: Lang, titles: Map<string, string>, inside: boolean): string {
  if (isLeaf(filter)) {
    const s = sentence(filter, object, model, lang, titles);
    return s.before + s.value;
  }
  const zh = lang === 'zh-CN';
  if ('not' in filter) return `${t('filter.not')}${zh ? '' : ' '}${groupText(filter.not, object, model, lang, titles, true)}`;
  const parts = 'and' in filter ? filter.and : filter.or;
  const text = parts.map((p) => groupText(p, object, model, lang, titles, parts.length > 1)).join(` ${'and' in filter ? t('filter.and') : t('filter.or')} `);
  return inside && parts.length > 1 ? (zh ? `（${text}）` : `(${text})`) : text;
}

function countLeaves(f: Filter): number {
  if (isLeaf(f)) return 1;
  if ('and' in f) return f.and.reduce((n, x) => n + countLeaves(x), 0);
  if ('or' in f) return f.or.reduce((n, x) => n + countLeaves(x), 0);
  return countLeaves(f.not);
}
