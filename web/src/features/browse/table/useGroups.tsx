import { useEffect, useMemo, useState } from 'react';
import { label, targetOf, type Model } from '@/api/model';
import { useAggregate, useList, useModel, useRows, useTitlesOf } from '@/api/queries';
import type { FieldMeta, Filter, Rec } from '@/api/types';
import * as fmt from '@/shared/format';
import { t, useLang, type Lang } from '@/shared/i18n';
import { expandOf, type Browse } from '../useBrowse';
import { conditions } from '../filter/filters';
import { numericColumns } from './sums';

export interface Group {
  key: string;
  /** Conditions that hold for the rows of this group. */
  where: Filter;
  title: string;
  count: number;
  /** By the numeric columns shown, in their order. */
  sums: (string | null)[];
}

export interface Part {
  rows: Rec[];
  pending: boolean;
  more: (() => void) | undefined;
}

/** Fields whose values make groups worth reading. */
export function groupFields(fields: FieldMeta[]): FieldMeta[] {
  return fields.filter((f) => f.groupable && ['pick', 'user', 'dept', 'ref', 'md', 'bool', 'date', 'dt'].includes(f.type));
}

const dated = (f: FieldMeta) => f.type === 'date' || f.type === 'dt';
export const groupBy = (f: FieldMeta): string => (dated(f) ? `${f.name}:month` : f.name);

/** The condition that one group's rows meet. */
export function groupWhere(f: FieldMeta, key: unknown): Filter {
  if (key === null || key === undefined) return { field: f.name, op: 'is_empty' };
  if (!dated(f)) return { field: f.name, op: 'eq', value: key };
  const first = fmt.parseDate(String(key));
  const next = new Date(first.getFullYear(), first.getMonth() + 1, 1);
  const iso = (d: Date) => (f.type === 'date' ? `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, '0')}-01` : d.toISOString());
  return { and: [{ field: f.name, op: 'gte', value: iso(first) }, { field: f.name, op: 'lt', value: iso(next) }] };
}

export function groupTitle(f: FieldMeta, key: unknown, model: Model, lang: Lang, titles: Map<string, string>): string {
  if (key === null || key === undefined) return t('group.blank', { field: label(f.label, lang, f.name) });
  if (f.type === 'bool') return key === true || key === 'true' ? t('value.yes') : t('value.no');
  if (f.type === 'pick') return label(model.pick(f.picklist, key)?.label, lang, String(key));
  if (dated(f)) {
    const d = fmt.parseDate(String(key));
    return fmt.dateAs(d, lang, { year: 'numeric', month: 'long' });
  }
  return titles.get(String(key)) ?? '…';
}

/** The groups of the table with counts and sums; the rows of the open ones are loaded apart, each as far as one has looked. */
export function useGroups(browse: Browse, field: FieldMeta | undefined) {
  const lang = useLang();
  const model = useModel();
  const numeric = useMemo(() => numericColumns(browse.columns), [browse.columns]);
  const by = field ? groupBy(field) : '';
  const answer = useAggregate(
    browse.object.name,
    { ...(browse.filter ? { filter: browse.filter } : {}), ...(browse.q ? { q: browse.q } : {}), group: [by], measures: [{ fn: 'count' }, ...numeric.map((f) => ({ fn: 'sum' as const, field: f.name }))], limit: 500 },
    field !== undefined,
  );
  const target = field ? targetOf(field) : undefined;
  const ids = useMemo(() => (answer.data?.groups ?? []).map((g) => g.key[by]).filter((k): k is string => typeof k === 'string'), [answer.data, by]);
  const titles = useTitlesOf(useMemo(() => (target && ids.length ? chunks(ids, 200).map((c): [string, string[]] => [target, c]) : []), [target, ids]));
  const groups = useMemo((): Group[] => {
    if (!field) return [];
    const made = (answer.data?.groups ?? []).map((g): Group => {
      const key = g.key[by] as unknown;
      return { key: key === null || key === undefined ? '' : String(key), where: groupWhere(field, key), title: groupTitle(field, key, model, lang, titles), count: Number(g.values[0] ?? 0), sums: g.values.slice(1) };
    });
    // Choices in their own order, months newest first, names as they sort; the blank group last.
    const order = field.type === 'pick' ? model.picks(field.picklist).map((p) => p.key) : null;
    return made.sort((a, b) => Number(a.key === '') - Number(b.key === '') || (order ? order.indexOf(a.key) - order.indexOf(b.key) : dated(field) ? b.key.localeCompare(a.key) : a.title.localeCompare(b.title, lang)));
  }, [answer.data, by, field, lang, model, titles]);
  const [flipped, setFlipped] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => setFlipped(new Set()), [by]);
  // The first groups are open, as many as fill a screen; one flips any of them.
  const open = useMemo(() => {
    const made = new Set<string>();
    let rows = 0;
    for (const g of groups) {
      const start = rows < 40;
      rows += g.count;
      if (start !== flipped.has(g.key)) made.add(g.key);
    }
    return made;
  }, [groups, flipped]);
  const flip = (key: string) => setFlipped((now) => {
    const next = new Set(now);
    if (!next.delete(key)) next.add(key);
    return next;
  });
  const all = (to: boolean) => setFlipped(() => {
    const next = new Set<string>();
    let rows = 0;
    for (const g of groups) {
      if (rows < 40 !== to) next.add(g.key);
      rows += g.count;
    }
    return next;
  });
  return { groups, open, flip, all, pending: answer.isPending && field !== undefined, error: answer.error, refetch: answer.refetch };
}

function chunks<T>(list: T[], size: number): T[][] {
  const out: T[][] = [];
  for (let i = 0; i < list.length; i += size) out.push(list.slice(i, i + size));
  return out;
}

/** Loads the rows of one open group and hands them up; shows nothing itself. */
export function GroupRows({ browse, group, onPart }: { browse: Browse; group: Group; onPart: (key: string, part: Part | null) => void }) {
  const filter = useMemo((): Filter => ({ and: [...conditions(browse.filter), group.where] }), [browse.filter, group.where]);
  const list = useList(browse.object.name, { filter, sort: browse.sort, q: browse.q, expand: expandOf(browse.columns), limit: 100 });
  const rows = useRows(list.data);
  const { hasNextPage, isFetchingNextPage, fetchNextPage, isPending } = list;
  const { key } = group;
  useEffect(() => {
    onPart(key, { rows, pending: isPending || isFetchingNextPage, more: hasNextPage && !isFetchingNextPage ? () => void fetchNextPage() : undefined });
  }, [key, rows, isPending, isFetchingNextPage, hasNextPage, fetchNextPage, onPart]);
  useEffect(() => () => onPart(key, null), [key, onPart]);
  return null;
}
