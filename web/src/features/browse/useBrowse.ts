import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { expandParam, type Model } from '@/api/model';
import type { FieldMeta, Filter, ObjectMeta } from '@/api/types';
import type { BrowseSearch, Layout } from '@/shared/search';
import { useLook, type Look } from './table/look';
import { differs, type Shown, type View } from './views/views';

export type { View } from './views/views';

export interface Browse {
  object: ObjectMeta;
  search: BrowseSearch;
  view: View | undefined;
  layout: Layout;
  /** Layouts that make sense for this object. */
  layouts: Layout[];
  filter: Filter | undefined;
  sort: string | undefined;
  q: string | undefined;
  columns: FieldMeta[];
  group: FieldMeta | undefined;
  lane: FieldMeta | undefined;
  /** Field whose values make the columns of the board. */
  by: FieldMeta | undefined;
  /** Date field of calendar and timeline. */
  date: FieldMeta | undefined;
  look: Look;
  setLook: (next: Partial<Look>) => void;
  /** Something differs from the view as saved. */
  changed: boolean;
  shown: Shown;
  set: (next: Partial<BrowseSearch>) => void;
  /** Lifts all conditions, also those of the view. */
  clear: () => void;
}

/** Date fields a calendar can be made of: what people plan first, what the system keeps last. */
export function dateFields(object: ObjectMeta): FieldMeta[] {
  const all = object.fields.filter((f) => (f.type === 'date' || f.type === 'dt') && f.name !== 'deleted_at');
  const rank = (f: FieldMeta) => (f.name === 'close_on' || f.name === 'due_at' || f.name === 'start_at' || f.name === 'planned_at' ? 0 : f.name === 'next_follow_at' ? 1 : f.system || f.access !== 'edit' ? 3 : 2);
  return all.map((f, i) => ({ f, i })).sort((a, b) => rank(a.f) - rank(b.f) || a.i - b.i).map((x) => x.f);
}

/** Where records have a place: an address of their own, or that of their customer. */
export function addressPath(object: ObjectMeta, model: Model): string | undefined {
  const own = object.fields.find((f) => f.type === 'addr' && f.section);
  if (own) return own.name;
  return model.field(object.name, 'account_id') && model.field('account', 'address') ? 'account_id.address' : undefined;
}

/** What the list shows: the address over the saved view over the model's defaults. */
export function useBrowse(object: ObjectMeta, model: Model, views: View[] | undefined): Browse {
  const search = useSearch({ strict: false }) as BrowseSearch;
  const navigate = useNavigate();
  const view = views?.find((v) => v.id === search.view);
  const [look, setLook] = useLook(object.name, view);
  const columns = useMemo(() => model.listFields(object, search.columns ?? view?.columns), [model, object, search.columns, view]);
  const raw = (search.filter as Filter | undefined) ?? view?.filter;
  const filter = raw && 'and' in raw && raw.and.length === 0 ? undefined : raw;
  const named = (own: string | undefined, saved: string | undefined) => {
    const name = own === '-' ? undefined : (own ?? saved);
    return name ? model.field(object.name, name) : undefined;
  };
  const by = named(search.by, view?.by) ?? named(object.board ?? undefined, undefined) ?? object.fields.find((f) => f.type === 'pick' && f.groupable && !f.system);
  const date = named(search.date, view?.date) ?? dateFields(object)[0];
  const addressed = addressPath(object, model) !== undefined;
  const layouts: Layout[] = ['table', 'split', ...(by ? (['board'] as const) : []), ...(date ? (['calendar', 'timeline'] as const) : []), ...(addressed ? (['map'] as const) : [])];
  const wanted = search.layout ?? view?.layout ?? (object.name === 'opportunity' ? 'board' : 'table');
  const layout = layouts.includes(wanted) ? wanted : 'table';
  const sort = search.sort ?? view?.sort ?? object.default_sort ?? undefined;
  const group = named(search.group, view?.group);
  const lane = named(search.lane, view?.lane);
  const shown: Shown = {
    layout, filter, sort, look, columns: columns.map((f) => f.name), group: group?.name, lane: lane?.name,
    by: by?.name === object.board ? undefined : by?.name, date: search.date ?? view?.date,
  };
  const set = (next: Partial<BrowseSearch>) => void navigate({ to: '.', search: (old: BrowseSearch) => clean({ ...old, ...next }), replace: true });
  return {
    object, search, view, layout, layouts, filter, sort, q: search.q, columns, group, lane, by, date, look, setLook, changed: differs(search, view), shown, set,
    clear: () => set({ filter: view?.filter ? { and: [] } : undefined, q: undefined }),
  };
}

function clean(s: BrowseSearch): BrowseSearch {
  return Object.fromEntries(Object.entries(s).filter(([, v]) => v !== undefined && v !== '')) as BrowseSearch;
}

export function expandOf(fields: FieldMeta[]): string | undefined {
  return expandParam(fields);
}
