import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '@/api/client';
import { targetOf } from '@/api/model';
import { keys, useHistory, useList, useModel, useRows, useTitlesOf } from '@/api/queries';
import type { Filter, HistoryEntry, ObjectMeta, Page, Rec } from '@/api/types';
import { itemOf, sortItems, sourcesOf, tellChanges, threads, type Item, type Source } from './items';

const PAGE = 40;

/** Which rows of a part belong to the record: those that name it, for a customer or a person also those of its deals. */
function belongs(s: Source, object: ObjectMeta, id: string, family: string[]): Filter {
  const own = { object: object.name, id };
  if (s.object === 'follow_up' && object.name === 'account') return { or: [{ field: 'target', op: 'eq', value: own }, { field: 'opportunity_id.account_id', op: 'eq', value: id }] };
  if (s.object === 'follow_up' && object.name === 'contact') return { or: [{ field: 'target', op: 'eq', value: own }, { field: 'contacts', op: 'any', value: [id] }] };
  if (s.object === 'follow_up' && object.name === 'opportunity') return { or: [{ field: 'target', op: 'eq', value: own }, { field: 'opportunity_id', op: 'eq', value: id }] };
  if (s.link === 'related') return { field: 'related', op: 'in', value: [own, ...family.map((f) => ({ object: 'opportunity', id: f }))] };
  return { field: s.link, op: 'eq', value: s.link === 'record' ? own : id };
}

/** Everything that happened to a record, from all the objects that keep a part of it. */
export function useTimeline(object: ObjectMeta, rec: Rec, more: number) {
  const model = useModel();
  const sources = useMemo(() => sourcesOf(object.name, model), [object.name, model]);
  // A customer's timeline holds what happened on its deals.
  const wantsDeals = object.name === 'account' && model.object('opportunity')?.rights.read === true;
  const deals = useList('opportunity', { filter: { field: 'account_id', op: 'eq', value: rec.id }, fields: 'name', limit: 100, sort: '-created_at' }, wantsDeals);
  const dealRows = useRows(deals.data);
  const family = useMemo(() => dealRows.map((r) => r.id), [dealRows]);
  const ready = !wantsDeals || !deals.isPending;
  const limit = PAGE * more;
  const parts = useQueries({
    queries: sources.map((s) => ({
      queryKey: [...keys.lists(s.object), { timeline: rec.id, family: s.link === 'related' ? family : [], limit, expand: s.expand.join(',') }],
      queryFn: async ({ signal }: { signal: AbortSignal }) => ({
        pages: [await api.get<Page>(`/${s.object}`, { filter: JSON.stringify(belongs(s, object, rec.id, family)), sort: `-${s.at.at(-1)}`, limit: Math.min(200, limit), expand: s.expand.filter((f) => model.field(s.object, f)).join(','), count: 'capped' }, signal)],
      }),
      enabled: ready,
      placeholderData: (before: { pages: Page[] } | undefined) => before,
    })),
  });
  const history = useHistory(object.name, rec.id);
  const entries = useMemo(() => history.data?.pages.flatMap((p) => p.data) ?? [], [history.data]);
  const staged = sources.some((s) => s.object === 'stage_history');
  const changes: HistoryEntry[] = useMemo(() => tellChanges(entries, object.name, model, staged), [entries, object.name, model, staged]);
  const stamp = parts.map((p) => p.dataUpdatedAt).join();
  const items = useMemo(() => {
    const list: Item[] = parts.flatMap((p, i) => (p.data?.pages ?? []).flatMap((page) => sources[i]!.object === 'comment' ? threads(page.data, sources[i]!) : page.data.filter((r) => sources[i]!.object !== 'stage_history' || r['from_stage_id'] !== null).map((r) => itemOf(sources[i]!, r))));
    for (const e of changes) list.push({ key: `change/${e.seq}`, at: new Date(e.at), kind: 'change', entry: e });
    return sortItems(list);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- `parts` is new on every render; its stamp tells when it changed
  }, [stamp, changes, sources]);
  const wanted = useMemo(() => {
    const by = new Map<string, Set<string>>();
    for (const e of changes) for (const c of e.changes) {
      const f = model.field(object.name, c.field);
      const target = f && ['ref', 'md', 'user', 'dept', 'refs', 'users', 'depts'].includes(f.type) ? targetOf(f) : undefined;
      if (!target) continue;
      for (const v of [c.before, c.after].flat()) if (typeof v === 'string') by.set(target, (by.get(target) ?? new Set()).add(v));
    }
    return [...by].map(([o, ids]): [string, string[]] => [o, [...ids].slice(0, 200)]);
  }, [changes, model, object.name]);
  const titles = useTitlesOf(wanted);
  const cut = parts.some((p) => p.data?.pages[0]?.next !== null && p.data?.pages[0]?.next !== undefined);
  return { items, titles, pending: history.isPending || parts.some((p) => p.isPending), missing: history.isLoadingError || parts.some((p) => p.isLoadingError), hasMore: history.hasNextPage || cut, nextHistory: () => void (history.hasNextPage && history.fetchNextPage()) };
}
