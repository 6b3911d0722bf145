import { infiniteQueryOptions, QueryClient, queryOptions, useInfiniteQuery, useMutation, useQueries, useQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { useMemo } from 'react';
import { lang } from '@/shared/i18n';
import { shippedName } from '@/shared/i18n/shipped';
import { local } from '@/shared/store';
import { ask, Problem } from './client';
import { forgetAsks } from './early';
import { asOf, keepFor, offline } from './kept/port';
import { Model } from './model';
import { rest } from './rest';
import { noteViewAs } from './viewAs';
import type { AggregateAnswer, AggregateBody, Expanded, Filter, ModelDoc, Page, Rec, Session } from './types';

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: false,
      // Without a network a question is asked all the same: what was kept answers it.
      networkMode: 'always',
      refetchOnReconnect: true,
      retry: (count, error) => count < 2 && error instanceof Problem && ((error.status === 0 && !offline()) || error.status === 503),
    },
    // A change that cannot reach the server is refused at once, not held back unseen.
    mutations: { networkMode: 'always' },
  },
});

// What came from the device is as old as it was kept.
asOf.subscribe(() => { if (asOf.get().size === 0) void client.invalidateQueries(); });

export const keys = {
  session: ['session'] as const,
  model: ['model'] as const,
  lists: (object: string) => ['list', object] as const,
  list: (object: string, params: ListParams) => ['list', object, params] as const,
  aggregates: (object: string) => ['aggregate', object] as const,
  record: (object: string, id: string) => ['record', object, id] as const,
  history: (object: string, id: string) => ['history', object, id] as const,
  readers: (object: string, id: string) => ['readers', object, id] as const,
  columns: (object: string) => ['columns', object] as const,
  views: (object: string) => ['views', object] as const,
  /** What one was told of, and how much of it is unread. */
  notices: ['notices'] as const,
  /** One's bulk work that the server runs. */
  bulk: ['bulk'] as const,
  titles: (object: string, q: string) => ['titles', object, q] as const,
};

export interface ListParams {
  filter?: Filter | undefined;
  sort?: string | undefined;
  q?: string | undefined;
  expand?: string | undefined;
  count?: 'none' | 'capped' | 'exact';
  limit?: number;
  deleted?: boolean;
  /** Only these fields (comma-separated); the rows of such a list are partial. */
  fields?: string | undefined;
}

function query(p: ListParams, cursor?: string) {
  return {
    filter: p.filter ? JSON.stringify(p.filter) : undefined,
    sort: p.sort,
    q: p.q,
    expand: p.expand,
    count: cursor ? undefined : p.count,
    limit: p.limit,
    deleted: p.deleted ? true : undefined,
    fields: p.fields,
    cursor,
  };
}

/** Set when somebody signed out without a network: the server is told before anything else. */
export const leaving = 'rapport.leaving';

/** Who is signed in; null when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: keys.session,
  queryFn: async (): Promise<Session | null> => {
    try {
      if (local.get(leaving)) {
        await rest.delete('/session', { anonymous: true }).catch((e: unknown) => { if (!(e instanceof Problem) || e.status !== 401) throw e; });
        local.set(leaving, null);
      }
      const session = await rest.get('/session', { anonymous: true });
      // Remembered for the next time: what is needed first is then asked for before the scripts are there.
      local.set('rapport.in', '1');
      noteViewAs(session.view_as ?? null);
      keepFor(session);
      return session;
    } catch (e) {
      if (e instanceof Problem && (e.status === 401 || e.status === 404)) {
        local.set('rapport.in', '0');
        forgetAsks();
        keepFor(null);
        return null;
      }
      throw e;
    }
  },
  staleTime: Infinity,
});

export function useSession() {
  return useQuery(sessionQuery);
}

export const modelQuery = queryOptions({ queryKey: keys.model, queryFn: () => rest.get('/meta/model'), staleTime: Infinity });

export function useModelQuery(enabled = true) {
  return useQuery({ ...modelQuery, enabled });
}

const models = new WeakMap<ModelDoc, Model>();

/** The model out of its document; made once. */
export function modelOf(doc: ModelDoc): Model {
  let made = models.get(doc);
  if (!made) {
    made = new Model(doc);
    models.set(doc, made);
  }
  return made;
}

/** The model; only used below the shell, which waits until it is there. */
export function useModel(): Model {
  const { data } = useModelQuery();
  if (!data) throw new Error('the shell renders pages only after the model has come');
  return modelOf(data);
}

/** What `listQuery` asks first. */
export function listAsk(object: string, params: ListParams): string {
  return ask(`/${object}`, query(params));
}

/** Records of an object, page by page. */
export function listQuery(object: string, params: ListParams) {
  return infiniteQueryOptions({
    queryKey: keys.list(object, params),
    queryFn: ({ pageParam, signal }) => rest.get('/{object}', { path: { object }, query: query(params, pageParam), signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
}

export function useList(object: string, params: ListParams, enabled = true) {
  return useInfiniteQuery({
    ...listQuery(object, params),
    placeholderData: (before, asked) => (asked?.queryKey[1] === object ? before : undefined),
    enabled,
  });
}

export function useRows(data: InfiniteData<Page> | undefined): Rec[] {
  return useMemo(() => data?.pages.flatMap((p) => p.data) ?? [], [data]);
}

export function useAggregate(object: string, body: AggregateBody, enabled = true) {
  return useQuery({
    queryKey: [...keys.aggregates(object), body],
    queryFn: () => rest.post('/{object}/aggregate', { path: { object }, body }) as Promise<AggregateAnswer>,
    placeholderData: (before, asked) => (asked?.queryKey[1] === object ? before : undefined),
    enabled,
  });
}

/** One record. */
export function recordQuery(object: string, id: string, expand?: string) {
  return queryOptions({ queryKey: keys.record(object, id), queryFn: ({ signal }) => rest.get('/{object}/{id}', { path: { object, id }, query: { expand }, signal }) });
}

export function useRecord(object: string, id: string, expand?: string) {
  return useQuery({ ...recordQuery(object, id, expand), enabled: id !== '' });
}

/** Who sees a record and why, page by page; with `user` what is true of one person. */
export function useReaders(object: string, id: string, user?: string, enabled = true) {
  return useInfiniteQuery({
    queryKey: [...keys.readers(object, id), user ?? ''],
    queryFn: ({ pageParam, signal }) => rest.get('/{object}/{id}/readers', { path: { object, id }, query: { user_id: user, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    enabled,
    staleTime: 0,
  });
}

export function useHistory(object: string, id: string, enabled = true) {
  return useInfiniteQuery({
    queryKey: keys.history(object, id),
    queryFn: ({ pageParam, signal }) => rest.get('/{object}/{id}/history', { path: { object, id }, query: { cursor: pageParam }, signal }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    enabled,
  });
}

/** Records of an object by what one types, for look-ups. */
export function useTitles(object: string, title: string, q: string, enabled: boolean, filter?: Filter) {
  return useQuery({
    queryKey: [...keys.titles(object, q), filter ?? null, lang.get()],
    queryFn: async ({ signal }): Promise<Expanded[]> => {
      const page = await rest.get('/{object}', { path: { object }, query: { q, limit: 20, fields: title, filter: filter ? JSON.stringify(filter) : undefined }, signal });
      return page.data.map((r) => ({ object, id: r.id, title: shippedName(object, String(r[title] ?? ''), lang.get()) }));
    },
    enabled,
    placeholderData: (before) => before,
  });
}

/** What records are called that are known by id only (conditions, history): id → title. */
export function useTitlesOf(wanted: [object: string, ids: string[]][]): Map<string, string> {
  const model = useModel();
  return useQueries({
    queries: wanted.map(([object, ids]) => ({
      queryKey: ['titlesOf', object, ids, lang.get()],
      queryFn: async () => {
        const title = model.object(object)?.title ?? 'name';
        const page = await rest.get('/{object}', { path: { object }, query: { filter: JSON.stringify({ field: 'id', op: 'in', value: ids }), limit: 200, fields: title } });
        return page.data.map((r) => [r.id, shippedName(object, String(r[title] ?? ''), lang.get())] as const);
      },
      staleTime: 300_000,
    })),
    combine: joinTitles,
  });
}

function joinTitles(all: { data?: (readonly [string, string])[] | undefined }[]): Map<string, string> {
  return new Map(all.flatMap((r) => r.data ?? []));
}

export function useSearch(q: string) {
  return useQuery({
    queryKey: ['search', q],
    queryFn: ({ signal }) => rest.get('/search', { query: { q, limit: 20 }, signal }),
    enabled: q.trim().length > 0,
    placeholderData: (before) => before,
  });
}

/** Versions this page wrote itself, so that its own changes are not shown as somebody else's. */
const mine = new Set<string>();

export function wroteMyself(object: string, id: string, version: number | undefined): void {
  if (version === undefined) return;
  mine.add(`${object}/${id}/${version}`);
  if (mine.size > 500) mine.delete(mine.values().next().value ?? '');
}

export function isMine(object: string, id: string, version: number | undefined): boolean {
  return version !== undefined && mine.has(`${object}/${id}/${version}`);
}

/** Puts a fresher record into every cached list and record view, keeping expansions it does not carry. */
export function patchCaches(qc: QueryClient, object: string, fresh: Rec): void {
  const join = (old: Rec): Rec => (old.version > fresh.version ? old : { ...old, ...fresh, $expand: { ...old.$expand, ...fresh.$expand } });
  qc.setQueryData<Rec>(keys.record(object, fresh.id), (old) => (old ? join(old) : old));
  qc.setQueriesData<InfiniteData<Page>>({ queryKey: keys.lists(object) }, (data) => {
    if (!data || !data.pages.some((p) => p.data.some((r) => r.id === fresh.id))) return data;
    return { ...data, pages: data.pages.map((p) => ({ ...p, data: p.data.map((r) => (r.id === fresh.id ? join(r) : r)) })) };
  });
}

/** Takes a record out of every cached list at once; the server's word follows. */
export function dropFromCaches(qc: QueryClient, object: string, id: string): void {
  qc.setQueriesData<InfiniteData<Page>>({ queryKey: keys.lists(object) }, (data) => {
    if (!data) return data;
    return { ...data, pages: data.pages.map((p) => ({ ...p, data: p.data.filter((r) => r.id !== id) })) };
  });
}

export interface Update {
  id: string;
  version?: number | undefined;
  data: Record<string, unknown>;
  /** Titles of newly chosen references, shown until the server's own come. */
  expand?: Record<string, Expanded | Expanded[]>;
}

/** Changes fields of a record: shown at once, put back when refused. */
export function useUpdate(object: string) {
  const qc = useQueryClient();
  return useMutation({
    mutationFn: (u: Update) => rest.patch('/{object}/{id}', { path: { object, id: u.id }, body: u.data, ...(u.version === undefined ? {} : { headers: { 'If-Match': `"${u.version}"` } }) }),
    onMutate: (u) => {
      const before = {
        lists: qc.getQueriesData<InfiniteData<Page>>({ queryKey: keys.lists(object) }),
        record: qc.getQueryData<Rec>(keys.record(object, u.id)),
      };
      const version = before.record?.version ?? u.version ?? 0;
      patchCaches(qc, object, { id: u.id, version, ...u.data, $expand: u.expand ?? {} });
      return before;
    },
    onError: (_error, u, before) => {
      for (const [key, data] of before?.lists ?? []) qc.setQueryData(key, data);
      if (before?.record) qc.setQueryData(keys.record(object, u.id), before.record);
    },
    onSuccess: (fresh, u) => {
      if (!fresh) return;
      wroteMyself(object, fresh.id, fresh.version);
      patchCaches(qc, object, { ...fresh, $expand: { ...u.expand, ...fresh.$expand } });
      void qc.invalidateQueries({ queryKey: keys.history(object, u.id) });
      void qc.invalidateQueries({ queryKey: keys.aggregates(object) });
      void qc.invalidateQueries({ queryKey: keys.record(object, u.id) });
    },
  });
}

export function useCreate(object: string) {
  const qc = useQueryClient();
  return useMutation({
    mutationFn: (data: Record<string, unknown>) => rest.post('/{object}', { path: { object }, body: data }),
    onSuccess: (rec) => {
      wroteMyself(object, rec.id, rec.version);
      void qc.invalidateQueries({ queryKey: keys.lists(object) });
      void qc.invalidateQueries({ queryKey: keys.aggregates(object) });
    },
  });
}

export function useRemove(object: string) {
  const qc = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => rest.delete('/{object}/{id}', { path: { object, id } }),
    onSuccess: (_nothing, id) => {
      dropFromCaches(qc, object, id);
      void qc.invalidateQueries({ queryKey: keys.lists(object) });
      void qc.invalidateQueries({ queryKey: keys.aggregates(object) });
    },
  });
}

/** Runs an action of the registry on a record. */
export async function act(object: string, id: string, action: string, input: Record<string, unknown> = {}): Promise<Rec | undefined> {
  const answer = (await rest.post('/{object}/{id}/actions/{action}', { path: { object, id, action }, body: input })) as Rec | { data?: Rec } | undefined;
  const rec = answer && 'data' in answer && answer.data && typeof answer.data === 'object' ? (answer.data as Rec) : (answer as Rec | undefined);
  if (rec && typeof rec.version === 'number' && rec.id) wroteMyself(object, rec.id, rec.version);
  return rec;
}
