import type { Model } from '@/api/model';
import { client, keys } from '@/api/queries';
import type { FieldMeta, ObjectMeta, Rec, Session } from '@/api/types';
import { isBlank } from '../display';
import { evaluate, Unknown, type Surroundings, type Tree } from './evaluate';

/** How a field stands while its record is as it is. What the page cannot judge is shown, not required and open: the server decides. */
export interface Standing {
  shown: boolean;
  required: boolean;
  locked: boolean;
  /** A condition asks for it: it is shown, or required, because of another value. */
  called: boolean;
}

type Condition = FieldMeta['visible_if'];

export function holds(c: Condition, at: Surroundings): boolean | undefined {
  if (!c?.tree) return undefined;
  try {
    return evaluate(c.tree as Tree, at) === true;
  } catch (e) {
    if (e instanceof Unknown) return undefined;
    throw e;
  }
}

export const conditional = (f: FieldMeta): boolean => Boolean(f.visible_if ?? f.required_if ?? f.readonly_if);

export function standing(f: FieldMeta, at: Surroundings): Standing {
  if (!conditional(f)) return { shown: true, required: f.required === true, locked: false, called: false };
  const [visible, wanted] = [holds(f.visible_if, at), holds(f.required_if, at) === true];
  const shown = visible !== false;
  return { shown, required: shown && (f.required === true || wanted), locked: holds(f.readonly_if, at) === true, called: shown && (visible === true || wanted) };
}

/** The fields a condition reads. */
function read(tree: Tree, out: Set<string>): void {
  if (tree[0] === 'field') out.add(tree[1] as string);
  else for (const x of tree) if (Array.isArray(x)) read(x as Tree, out);
}

/** The fields one must know to judge these fields' conditions. */
export function readBy(fields: FieldMeta[]): string[] {
  const out = new Set<string>();
  for (const f of fields) for (const c of [f.visible_if, f.required_if, f.readonly_if]) if (c?.tree) read(c.tree as Tree, out);
  return [...out];
}

const base = (model: Model): Omit<Surroundings, 'value'> => ({ now: Date.now(), zone: model.doc.zone ?? 'Asia/Shanghai', currency: model.doc.currency, user: client.getQueryData<Session | null>(keys.session)?.user.id });

/** A record as it was read: fields it came without, and masked ones, are not known. */
export function ofRecord(rec: Rec, model: Model): Surroundings {
  return { ...base(model), value: (f) => (rec.$masked?.includes(f) ? undefined : rec[f]) };
}

/** May the field be written in this record? */
export function open(f: FieldMeta, rec: Rec, model: Model): boolean {
  if (!conditional(f)) return true;
  const s = standing(f, ofRecord(rec, model));
  return s.shown && !s.locked;
}

/** Is the field to be shown in this record? */
export function shownIn(f: FieldMeta, rec: Rec, model: Model): boolean {
  return !f.visible_if || holds(f.visible_if, ofRecord(rec, model)) !== false;
}

/** A record that is being written down: what is blank gets what the server would put there. */
export function ofForm(object: ObjectMeta, values: Record<string, unknown>, model: Model): Surroundings {
  const value = (name: string): unknown => {
    const f = model.field(object.name, name);
    const v = values[name];
    if (f && !isBlank(v)) {
      if (f.type === 'phone' && typeof v === 'string') return { raw: v };
      if (typeof v === 'string' && f.type === 'long') return v.trimEnd();
      return typeof v === 'string' ? v.trim() : v;
    }
    if (!f || f.type === 'calc' || f.type === 'roll' || f.type === 'auto' || f.default_by_formula) return undefined;
    if (f.default !== undefined && f.default !== null) return f.default;
    if (f.system || f.name === object.status || f.name === object.board || f.name === 'owner_id' || f.name === 'dept_id') return undefined;
    return (f.type === 'pick' && f.picklist ? model.doc.picklists[f.picklist]?.default : null) ?? null;
  };
  return { ...base(model), value };
}

/**
 * A record to which an action is about to be done: what is typed, and of the record what the action is not there to change. Its state, and what
 * the server writes by itself, are not known before it is done.
 */
export function ofAction(object: ObjectMeta, rec: Rec, values: Record<string, unknown>, model: Model): Surroundings {
  const value = (name: string): unknown => {
    if (name in values) return isBlank(values[name]) ? null : values[name];
    const f = model.field(object.name, name);
    if (!f || f.system || name === object.status || name === object.board || rec.$masked?.includes(name)) return undefined;
    return rec[name];
  };
  return { ...base(model), value };
}
