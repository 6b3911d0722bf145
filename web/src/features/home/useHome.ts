import { useEffect, useMemo } from 'react';
import { askEarlier } from '@/api/early';
import type { Model } from '@/api/model';
import { client, listAsk, listQuery, modelOf, modelQuery, recordQuery, sessionQuery, useAggregate, useList, useModel, useRows, useSession, type ListParams } from '@/api/queries';
import type { Filter, Rec, Session } from '@/api/types';
import { createStore, local } from '@/shared/store';
import { backgroundOf, doneStep, eventStep, planDay, recordStep, taskStep, type Day, type Step } from './agenda';

/** Whose work the page shows. */
export type Scope = 'mine' | 'team' | 'all';
export const chosenScope = createStore<Scope | null>((local.get('rapport.home') as Scope | null) ?? null);

export function chooseScope(s: Scope): void {
  local.set('rapport.home', s);
  chosenScope.set(s);
}

export function ownerIs(scope: Scope): Filter[] {
  return scope === 'all' ? [] : [{ field: 'owner_id', op: 'eq', value: { rel: scope === 'mine' ? 'me' : 'my_reports' } }];
}

/** Which variants this person has, and the one that fits the job: administrators see the workspace, those with reports the team. */
export function useScopes(): { scopes: Scope[]; fits: Scope } {
  return scopesOf(useSession().data?.user);
}

function scopesOf(user: Session['user'] | undefined): { scopes: Scope[]; fits: Scope } {
  const [leads, admin] = [user?.leads === true, user?.is_admin === true];
  const scopes: Scope[] = ['mine', ...(leads ? (['team'] as const) : []), ...(admin ? (['all'] as const) : [])];
  return { scopes, fits: admin ? 'all' : leads ? 'team' : 'mine' };
}

const HORIZON = 7;

/** Bounds of today and of the week ahead in the reader's own zone. */
export function bounds(now: Date): { start: string; end: string; horizon: string } {
  const at = (days: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days).toISOString();
  return { start: at(0), end: at(1), horizon: at(HORIZON + 1) };
}

const followed = ['opportunity', 'account', 'contact', 'lead'] as const;

/** A list a page asks for, and whether the person may read it at all. */
interface Asked {
  object: string;
  params: ListParams;
  may: boolean;
}

/** What a day is made of: planned follow-ups of four objects, tasks, appointments, what is done. */
type DayLists = [Asked, Asked, Asked, Asked, Asked, Asked, Asked];

function dayLists(model: Model, scope: Scope, now: Date): DayLists {
  const { start, end, horizon } = bounds(now);
  const mine = ownerIs(scope);
  const may = (o: string, f: string) => model.object(o)?.rights.read === true && model.field(o, f) !== undefined;
  const those = (o: string, names: string[]) => names.filter((n) => model.field(o, n)).join(',');
  const planned = (o: string): Asked => ({
    object: o,
    params: {
      filter: { and: [...mine, { field: 'next_follow_at', op: 'lt', value: horizon }, ...(model.field(o, 'outcome') ? [{ field: 'outcome', op: 'is_empty' as const }] : [])] },
      sort: 'next_follow_at', limit: 50,
      fields: those(o, ['name', 'owner_id', 'next_follow_at', 'account_id', 'primary_contact_id', 'next_step', 'company_name', 'last_follow_note', 'amount', 'mobile', 'phone']),
      expand: those(o, ['owner_id', 'account_id', 'primary_contact_id']),
    },
    may: may(o, 'next_follow_at'),
  });
  return [
    planned(followed[0]), planned(followed[1]), planned(followed[2]), planned(followed[3]),
    { object: 'task', params: { filter: { and: [...mine, { field: 'due_at', op: 'lt', value: horizon }, { field: 'status', op: 'nin', value: ['done', 'cancelled'] }] }, sort: 'due_at', limit: 50, expand: 'owner_id,related' }, may: may('task', 'due_at') },
    { object: 'event', params: { filter: { and: [...mine, { field: 'start_at', op: 'gte', value: start }, { field: 'start_at', op: 'lt', value: horizon }, { field: 'status', op: 'eq', value: 'planned' }] }, sort: 'start_at', limit: 50, expand: 'owner_id,related,contacts' }, may: may('event', 'start_at') },
    { object: 'follow_up', params: { filter: { and: [...mine, { field: 'occurred_at', op: 'gte', value: start }, { field: 'occurred_at', op: 'lt', value: end }] }, sort: '-occurred_at', limit: 20, fields: 'content,follow_type,target,occurred_at,owner_id', expand: 'owner_id,target' }, may: may('follow_up', 'occurred_at') },
  ];
}

/** The day out of the rows of `dayLists`, in its order. */
function dayOf(rows: Rec[][], model: Model, now: Date): Day {
  const read = [...followed.map((o) => (r: Rec) => recordStep(o, r, model)), taskStep, eventStep, doneStep];
  return planDay(rows.flatMap((some, i) => some.map((r) => read[i]?.(r) ?? null)).filter((s): s is Step => s !== null), now);
}

const useAsked = (a: Asked) => useList(a.object, a.params, a.may);

/** The steps of the day for a scope. */
export function useDay(scope: Scope, now: Date): { day: Day; pending: boolean; missing: unknown } {
  const model = useModel();
  const lists = dayLists(model, scope, now);
  const [a, b, c, d, tasks, events, done] = [useAsked(lists[0]), useAsked(lists[1]), useAsked(lists[2]), useAsked(lists[3]), useAsked(lists[4]), useAsked(lists[5]), useAsked(lists[6])];
  const [ra, rb, rc, rd, rt, re, rf] = [useRows(a.data), useRows(b.data), useRows(c.data), useRows(d.data), useRows(tasks.data), useRows(events.data), useRows(done.data)];
  const minute = Math.floor(now.getTime() / 60_000);
  const day = useMemo(() => dayOf([ra, rb, rc, rd, rt, re, rf], model, new Date(minute * 60_000)), [ra, rb, rc, rd, rt, re, rf, model, minute]);
  const asked = [a, b, c, d, tasks];
  // A day of which a part could not be read is not a free one.
  return { day, pending: asked.some((q) => q.isPending && q.fetchStatus !== 'idle'), missing: asked.find((q) => q.isLoadingError)?.error };
}

/**
 * Asks for the day and for what its next step needs, before anything is drawn: on a slow phone the answers come while the shell is made,
 * not after it.
 */
export async function askAhead(): Promise<void> {
  const session = await client.fetchQuery(sessionQuery);
  if (!session) return;
  const model = modelOf(await client.fetchQuery(modelQuery));
  const { scopes, fits } = scopesOf(session.user);
  const wish = chosenScope.get();
  const now = new Date();
  const lists = dayLists(model, wish && scopes.includes(wish) ? wish : fits, now);
  const ask = async (l: Asked) => (l.may ? (await client.fetchInfiniteQuery(listQuery(l.object, l.params))).pages.flatMap((p) => p.data) : []);
  const [planned, done] = [lists.slice(0, -1), lists.slice(-1)];
  // What is done says nothing of what is next, and a browser asks six things at a time: the seventh would hold up the rest.
  const { next } = dayOf(await Promise.all(planned.map(ask)), model, now);
  const { holder, talks } = next ? backgroundOf(next, model) : {};
  await Promise.all([holder && client.prefetchQuery(recordQuery(holder.object, holder.id)), talks && client.prefetchInfiniteQuery(listQuery('follow_up', talks)), ...done.map(ask)]);
}

/** Notes what `askAhead` asks, to ask for it still earlier the next time: what was next is often still next. */
export function useAskEarlier(scope: Scope, next: Step | undefined, known: boolean): void {
  const model = useModel();
  useEffect(() => {
    if (!known) return;
    const now = new Date();
    const lists = dayLists(model, scope, now);
    const asks = (some: Asked[]) => some.filter((l) => l.may).map((l) => listAsk(l.object, l.params));
    const { holder, talks } = next ? backgroundOf(next, model) : {};
    askEarlier([...asks(lists.slice(0, -1)), ...(holder ? [`/${holder.object}/${holder.id}`] : []), ...(talks ? [listAsk('follow_up', talks)] : []), ...asks(lists.slice(-1))], now, [0, 1, HORIZON + 1]);
  }, [model, scope, next, known]);
}

export interface Month {
  won: number;
  wonCount: number;
  open: number;
  openCount: number;
}

/** Deals won this month, and those still open that are to close in it. */
export function useMonth(scope: Scope): Month | undefined {
  const model = useModel();
  const can = model.object('opportunity')?.rights.read === true;
  const answer = useAggregate('opportunity', {
    filter: { and: [...ownerIs(scope), { or: [{ and: [{ field: 'outcome', op: 'eq', value: 'won' }, { field: 'closed_at', op: 'eq', value: { rel: 'this_month' } }] }, { and: [{ field: 'outcome', op: 'is_empty' }, { field: 'close_on', op: 'eq', value: { rel: 'this_month' } }] }] }] },
    group: ['outcome'],
    measures: [{ fn: 'count' }, { fn: 'sum', field: 'amount' }, { fn: 'sum', field: 'won_amount' }],
  }, can);
  return useMemo(() => {
    if (!answer.data) return undefined;
    const of = (k: string | null) => answer.data.groups.find((g) => (g.key['outcome'] ?? null) === k)?.values ?? [];
    const [won, open] = [of('won'), of(null)];
    return { won: Number(won[2] ?? won[1] ?? 0), wonCount: Number(won[0] ?? 0), open: Number(open[1] ?? 0), openCount: Number(open[0] ?? 0) };
  }, [answer.data]);
}

/** Rows of a list for a block of the page; none while the object is not there for this person. */
export function useBlock(object: string, params: Parameters<typeof useList>[1], enabled = true): Rec[] {
  const model = useModel();
  const list = useList(object, params, enabled && model.object(object)?.rights.read === true);
  return useRows(list.data);
}
