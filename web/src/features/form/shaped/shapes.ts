import type { Model } from '@/api/model';
import type { Filter, ObjectMeta } from '@/api/types';
import { parseFilter } from '@/features/browse/filter/text';

/** What the JSON of a shipped field says. It is drawn as that, not as text. */
export type Shape = 'filter' | 'fields' | 'numbers' | 'divisions' | 'words' | 'members';

const shapes: Record<string, Shape> = {
  'pool.entry_filter': 'filter',
  'pool.hidden_fields': 'fields',
  'pool.remind_days': 'numbers',
  'assignment_rule.condition': 'filter',
  'assignment_rule.members': 'members',
  'territory.division_codes': 'divisions',
  'territory.countries': 'words',
};

export const shapeOf = (object: string, field: string): Shape | undefined => shapes[`${object}.${field}`];

/** The object a record is about (`object` of a pool, of an assignment rule). */
export const aboutOf = (values: Record<string, unknown>, model: Model): ObjectMeta | undefined => (typeof values['object'] === 'string' ? model.object(values['object']) : undefined);

/** A condition as it is kept, JSON or text; none for what cannot be read. */
export function asFilter(value: unknown): Filter | undefined {
  if (typeof value === 'string') {
    const read = parseFilter(value);
    return 'filter' in read ? read.filter : undefined;
  }
  return value && typeof value === 'object' && !Array.isArray(value) ? (value as Filter) : undefined;
}

export type MemberKind = 'user' | 'department' | 'team' | 'territory' | 'pool' | 'field';

/** One of those a rule gives records to; without an id it is not finished yet. */
export interface Member {
  kind: MemberKind;
  id: string | null;
  weight: number;
}

const kinds: MemberKind[] = ['user', 'department', 'team', 'territory', 'pool', 'field'];

/** Whom a rule may name, and how many (R-ASN-05 … 09), by how it chooses. */
export function takes(strategy: unknown): { kinds: MemberKind[]; most: number } {
  switch (strategy) {
    case 'territory': return { kinds: ['territory'], most: 500 };
    case 'fixed_user': return { kinds: ['user'], most: 1 };
    case 'field_user': return { kinds: ['field'], most: 1 };
    case 'to_pool': return { kinds: ['pool'], most: 1 };
    default: return { kinds: ['user', 'department', 'team', 'territory'], most: 500 };
  }
}

/** Nobody need be named where a rule goes by territories or by pools: then all of them are meant. */
export const mayBeEmpty = (object: string, field: string, values: Record<string, unknown>): boolean => shapeOf(object, field) === 'members' && ['territory', 'to_pool'].includes(String(values['strategy']));

export function readMembers(value: unknown): Member[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((v: unknown) => {
    const entry = (v ?? {}) as Record<string, unknown>;
    const kind = kinds.find((k) => typeof entry[k] === 'string');
    return kind ? [{ kind, id: entry[kind] as string, weight: typeof entry['weight'] === 'number' ? entry['weight'] : 1 }] : [];
  });
}

/** As the API takes it: what is not finished is left out, a weight of one is not said. */
export const writeMembers = (all: readonly Member[]): Record<string, unknown>[] =>
  all.filter((m) => m.id).map((m) => ({ [m.kind]: m.id, ...(m.weight === 1 ? {} : { weight: m.weight }) }));

/** By object: the ids whose titles are to be found. */
export function memberIds(all: readonly Member[]): [string, string[]][] {
  const by = new Map<string, string[]>();
  for (const m of all) if (m.id && m.kind !== 'field') by.set(m.kind, [...(by.get(m.kind) ?? []), m.id]);
  return [...by];
}

/** A division's code without the zeros of the levels below: `130000` is the province `13`. */
export const shortCode = (code: string): string => code.replace(/(00)+$/, '');
