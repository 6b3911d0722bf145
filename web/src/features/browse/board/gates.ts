import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';
import { label, type Model } from '@/api/model';
import type { Filter, Label, Page, Rec } from '@/api/types';
import { isBlank } from '@/fields/display';
import type { Column } from '@/fields/stages/stages';
import { t, type Lang } from '@/shared/i18n';

interface Item {
  code: string;
  label?: Partial<Label>;
  fields?: string[];
  any_of?: { object: string; via: string; filter?: string; min?: number }[];
}

interface Gate {
  required: string[];
  conditions: Item[];
  related: Item[];
}

export function gateOf(column: Column): Gate {
  const g = (typeof column.gate === 'object' && column.gate !== null ? column.gate : {}) as Partial<Gate>;
  return { required: column.required, conditions: g.conditions ?? [], related: g.related ?? [] };
}

/** The columns whose gates a card meets on its way: those it passes over, and the one it falls on. */
export function way(columns: Column[], from: string, to: Column): Column[] {
  const a = columns.findIndex((c) => c.key === from);
  const b = columns.findIndex((c) => c.key === to.key);
  const passed = to.kind === 'lost' ? [] : columns.slice(a + 1, b).filter((c) => c.kind === 'open');
  return b > a || to.kind !== 'open' ? [...passed, to] : [];
}

/** What a card still lacks for a column, in words, told before it is dropped. `held` names the related items that are there. */
export function lacks(object: string, rec: Rec, columns: Column[], to: Column, board: string, held: ReadonlySet<string> | undefined, model: Model, lang: Lang): string[] {
  const from = String(rec[board] ?? '');
  if (from === to.key) return [];
  const out: string[] = [];
  const name = (f: string) => label(model.field(object, f)?.label, lang, f);
  for (const c of way(columns, from, to)) {
    const g = gateOf(c);
    for (const f of g.required) if (isBlank(rec[f])) out.push(name(f));
    for (const i of g.conditions) if ((i.fields ?? []).some((f) => isBlank(rec[f]) || rec[f] === 'unknown')) out.push(label(i.label, lang, i.code));
    if (held) for (const i of g.related) if (!held.has(i.code)) out.push(label(i.label, lang, i.code));
  }
  const a = columns.findIndex((c) => c.key === from);
  const b = columns.findIndex((c) => c.key === to.key);
  if (to.kind === 'open' && b < a && columns.some((c) => c.gate !== undefined && c.gate !== null)) out.push(t('gate.reason'));
  return [...new Set(out)];
}

/** The related items of all gates that a card already has; asked for while it is in the air. */
export function useHeld(object: string, rec: Rec | undefined, columns: Column[]): ReadonlySet<string> | undefined {
  const items = columns.flatMap((c) => gateOf(c).related);
  const held = useQuery({
    queryKey: ['gate', object, rec?.id, rec?.version],
    enabled: rec !== undefined && items.length > 0,
    staleTime: 30_000,
    queryFn: async () => {
      const out = new Set<string>();
      await Promise.all(items.map(async (i) => {
        for (const a of i.any_of ?? []) if (rec && (await there(object, rec.id, a))) out.add(i.code);
      }));
      return out as ReadonlySet<string>;
    },
  });
  return items.length === 0 ? new Set() : held.data;
}

async function there(object: string, id: string, a: { object: string; via: string; filter?: string; min?: number }): Promise<boolean> {
  const own: Filter = { field: a.via, op: 'eq', value: a.via === 'target' ? { object, id } : id };
  const { parseFilter } = await import('../filter/text');
  const read = a.filter ? parseFilter(a.filter) : { filter: undefined };
  const more = 'filter' in read && read.filter ? [read.filter] : [];
  try {
    const min = a.min ?? 1;
    const page = await api.get<Page>(`/${a.object}`, { filter: JSON.stringify({ and: [own, ...more] }), limit: min, fields: 'id' });
    return page.data.length >= min;
  } catch {
    // What cannot be asked is left to the server, which decides anyhow.
    return true;
  }
}
