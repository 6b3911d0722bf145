import { useMemo } from 'react';
import { targetOf } from '@/api/model';
import { useAggregate, useModel, useTitlesOf } from '@/api/queries';
import type { AggregateBody, Filter } from '@/api/types';
import { useLang } from '@/shared/i18n';
import { groupTitle, groupWhere } from '../table/useGroups';
import type { Browse } from '../useBrowse';

/** A swim lane: the cards with one value of a field, over all columns. */
export interface Lane {
  key: string;
  title: string;
  where: Filter;
  count: number;
  amount: number;
  counts: Map<string, number>;
}

/** The lanes with their sums, the largest first; told by the server, so that none is missing that has no card in sight. */
export function useLanes(browse: Browse, by: string, columns: string[], within: Omit<AggregateBody, 'group'>): Lane[] {
  const lang = useLang();
  const model = useModel();
  const field = browse.lane;
  const answer = useAggregate(browse.object.name, { ...within, group: [field?.name ?? by, by] }, field !== undefined);
  const target = field ? targetOf(field) : undefined;
  const ids = useMemo(() => (field && target ? [...new Set((answer.data?.groups ?? []).map((g) => g.key[field.name]).filter((k): k is string => typeof k === 'string'))] : []), [answer.data, field, target]);
  const titles = useTitlesOf(useMemo(() => (target && ids.length ? [[target, ids.slice(0, 200)] as [string, string[]]] : []), [target, ids]));
  const shown = columns.join();
  return useMemo(() => {
    if (!field) return [];
    const open = new Set(shown.split(','));
    const lanes = new Map<string, Lane>();
    for (const g of answer.data?.groups ?? []) {
      const column = String(g.key[by] ?? '');
      if (!open.has(column)) continue;
      const raw = g.key[field.name] as unknown;
      const key = raw === null || raw === undefined ? '' : String(raw);
      const lane = lanes.get(key) ?? { key, title: groupTitle(field, raw, model, lang, titles), where: groupWhere(field, raw), count: 0, amount: 0, counts: new Map<string, number>() };
      const n = Number(g.values[0] ?? 0);
      lane.count += n;
      lane.amount += Number(g.values[1] ?? 0);
      lane.counts.set(column, n);
      lanes.set(key, lane);
    }
    return [...lanes.values()].sort((a, b) => Number(a.key === '') - Number(b.key === '') || b.amount - a.amount || b.count - a.count).slice(0, 60);
  }, [answer.data, by, field, lang, model, shown, titles]);
}
