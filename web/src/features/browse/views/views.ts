import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { Model } from '@/api/model';
import { keys } from '@/api/queries';
import type { Filter, Page, Rec } from '@/api/types';
import { setOwn, useOwn } from '@/shared/own';
import type { BrowseSearch, Layout } from '@/shared/search';
import type { Look } from '../table/look';

/** A saved view: what is shown, how, and for whom. */
export interface View {
  id: string;
  version: number;
  name: string;
  owner: string | undefined;
  isPublic: boolean;
  pinned: boolean;
  layout: Layout;
  filter?: Filter | undefined;
  sort?: string | undefined;
  columns?: string[] | undefined;
  group?: string | undefined;
  lane?: string | undefined;
  by?: string | undefined;
  date?: string | undefined;
  look?: Partial<Look> | undefined;
}

/** Names of the layouts in the model's picklist. */
const stored: Record<Layout, string> = { table: 'list', split: 'list', board: 'kanban', calendar: 'calendar', timeline: 'gantt', map: 'map' };

function parsed(v: unknown): unknown {
  if (typeof v !== 'string') return v;
  try {
    return JSON.parse(v);
  } catch {
    return v;
  }
}

const text = (v: unknown): string | undefined => (typeof v === 'string' && v ? v : undefined);
const names = (v: unknown): string[] | undefined => (Array.isArray(v) && v.every((x) => typeof x === 'string') ? v : undefined);

/** Reads a record of `saved_view`. Its `columns` are a list of fields, or an object with the fields and how they look. */
export function viewOf(r: Rec): View {
  const raw = parsed(r['columns']);
  const more = (raw && typeof raw === 'object' && !Array.isArray(raw) ? raw : {}) as Record<string, unknown>;
  const sort = parsed(r['sort']);
  const filter = parsed(r['filter']);
  const layout = (Object.keys(stored) as Layout[]).find((k) => stored[k] === r['layout']) ?? (r['layout'] === 'board' ? 'board' : 'table');
  return {
    id: r.id,
    version: r.version,
    name: String(r['name']),
    owner: text(r['owner_id']),
    isPublic: r['is_public'] === true,
    pinned: r['pinned'] === true,
    layout: layout === 'table' && more['split'] === true ? 'split' : layout,
    filter: filter && typeof filter === 'object' && Object.keys(filter).length ? (filter as Filter) : undefined,
    sort: Array.isArray(sort) ? sort.join(',') || undefined : text(sort),
    columns: names(raw) ?? names(more['fields']),
    group: text(more['group']),
    lane: text(more['lane']),
    by: text(more['by']),
    date: text(more['date']),
    look: more['look'] && typeof more['look'] === 'object' ? (more['look'] as Partial<Look>) : undefined,
  };
}

export interface Shown {
  layout: Layout;
  filter: Filter | undefined;
  sort: string | undefined;
  columns: string[];
  group: string | undefined;
  lane: string | undefined;
  by: string | undefined;
  date: string | undefined;
  look: Look;
}

/** What is written to `saved_view` for what is shown. */
export function viewData(object: string, s: Shown): Record<string, unknown> {
  const more = Object.fromEntries(Object.entries({ group: s.group, lane: s.lane, by: s.by, date: s.date, split: s.layout === 'split' || undefined }).filter(([, v]) => v !== undefined));
  const look = Object.keys(s.look.widths).length || s.look.pins.length ? { look: s.look } : {};
  return { object, layout: stored[s.layout], filter: s.filter ?? { and: [] }, sort: s.sort ? s.sort.split(',') : [], columns: { fields: s.columns, ...more, ...look } };
}

/** What of the address stands against the view as saved. */
export function differs(search: BrowseSearch, view: View | undefined): boolean {
  if (!view) return search.filter !== undefined || search.sort !== undefined || search.columns !== undefined || search.group !== undefined;
  const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
  const none = (v: string | undefined) => (v === '-' ? undefined : v);
  return (
    (search.filter !== undefined && !same(search.filter, view.filter ?? { and: [] })) ||
    (search.sort !== undefined && search.sort !== view.sort) ||
    (search.columns !== undefined && !same(search.columns, view.columns)) ||
    (search.layout !== undefined && search.layout !== view.layout) ||
    (search.group !== undefined && none(search.group) !== view.group) ||
    (search.lane !== undefined && none(search.lane) !== view.lane) ||
    (search.by !== undefined && search.by !== view.by) ||
    (search.date !== undefined && search.date !== view.date)
  );
}

/** Saved views of an object that this person may see. */
export function useViews(object: string, model: Model) {
  return useQuery({
    queryKey: keys.views(object),
    queryFn: async (): Promise<View[]> => {
      const page = await api.get<Page>('/saved_view', { filter: JSON.stringify({ field: 'object', op: 'eq', value: object }), limit: 200 });
      return page.data.map(viewOf);
    },
    enabled: model.object('saved_view') !== undefined,
    staleTime: 60_000,
  });
}

/** The person's own order of the tabs of an object. */
export function useOwnOrder(object: string): [string[], (ids: string[]) => void] {
  const name = `views.${object}`;
  return [useOwn(name, namesOf), (ids) => setOwn(name, ids)];
}

const namesOf = (raw: unknown): string[] => names(raw) ?? [];

/** Pinned views first, then in the person's own order, then by name. */
export function inOrder(views: View[], own: readonly string[]): View[] {
  const place = (v: View) => (own.includes(v.id) ? own.indexOf(v.id) : own.length);
  return [...views].sort((a, b) => Number(b.pinned) - Number(a.pinned) || place(a) - place(b) || a.name.localeCompare(b.name));
}
