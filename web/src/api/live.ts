import { createStore } from '@/shared/store';
import { api, sessionOver } from './client';
import { onViewAsElsewhere, viewAs } from './viewAs';
import { client, dropFromCaches, isMine, keys, patchCaches } from './queries';
import type { BulkJob, ChangeEvent, Page, Rec, Session } from './types';
import type { InfiniteData } from '@tanstack/react-query';

/** Fields that somebody else changed in the last two seconds: `object/id/field` → who. */
export const flashes = createStore<ReadonlyMap<string, string>>(new Map());
/** Whether live updates arrive; `lost` since when. */
export const connection = createStore<{ lost: Date | null }>({ lost: null });

/** Somebody who looks at a record now. */
export interface Present {
  id: string;
  name: string;
  editing: boolean;
}
/** Who else is at the records this page shows: `object/id` → people. */
export const present = createStore<ReadonlyMap<string, Present[]>>(new Map());

/** The number of the newest change this page heard of: where the change log ends. */
export const head = createStore(0);

const FLASH_MS = 2000;

/** What decides which objects, fields and acts a person has; when it changes, the model is asked again. */
const shaping = new Set(['role', 'permission_set']);
let modelSoon: ReturnType<typeof setTimeout> | undefined;
function askModelSoon(): void {
  clearTimeout(modelSoon);
  modelSoon = setTimeout(() => void client.invalidateQueries({ queryKey: keys.model }), 300);
}

function flash(event: ChangeEvent): void {
  // What follows from one's own act (a date moved on by a follow-up) is no news from somebody else.
  const me = client.getQueryData<Session>(keys.session)?.user.id;
  const by = typeof event.actor === 'object' ? event.actor?.id : event.actor;
  if (me !== undefined && by === me) return;
  const who = typeof event.actor === 'object' && event.actor ? (event.actor.name ?? '') : '';
  const made = (event.fields ?? []).map((f) => `${event.object}/${event.id}/${f}`);
  made.push(`${event.object}/${event.id}`);
  flashes.set((now) => new Map([...now, ...made.map((k) => [k, who] as const)]));
  setTimeout(() => {
    flashes.set((now) => new Map([...now].filter(([k]) => !made.includes(k))));
  }, FLASH_MS);
}

/** Is the record on the page somewhere? */
function shown(object: string, id: string): boolean {
  if (client.getQueryData(keys.record(object, id))) return true;
  return client
    .getQueriesData<InfiniteData<Page>>({ queryKey: keys.lists(object), type: 'active' })
    .some(([, data]) => data?.pages.some((p) => p.data.some((r) => r.id === id)) ?? false);
}

/** Asks lists and sums of an object again, at most once a second however many changes arrive. */
/** Pages up to which a list is asked again as a whole. */
const LONG = 8;
const pending = new Map<string, ReturnType<typeof setTimeout>>();
const last = new Map<string, number>();
function refreshSoon(object: string): void {
  if (pending.has(object)) return;
  const wait = Math.max(150, 1000 - (Date.now() - (last.get(object) ?? 0)));
  pending.set(
    object,
    setTimeout(() => {
      pending.delete(object);
      last.set(object, Date.now());
      // Asking a list again asks all its pages: one that was scrolled far keeps its rows, each of which is patched as it changes.
      void client.invalidateQueries({ queryKey: keys.lists(object), predicate: (q) => ((q.state.data as InfiniteData<Page> | undefined)?.pages?.length ?? 0) <= LONG });
      void client.invalidateQueries({ queryKey: keys.aggregates(object) });
    }, wait),
  );
}

function expandFor(object: string): string | undefined {
  for (const [key] of client.getQueriesData({ queryKey: keys.lists(object) })) {
    const params = key[2] as { expand?: string } | undefined;
    if (params?.expand) return params.expand;
  }
  return undefined;
}

async function apply(event: ChangeEvent): Promise<void> {
  const { object, id } = event;
  if (shaping.has(object) || (object === 'user' && id === client.getQueryData<Session>(keys.session)?.user.id)) askModelSoon();
  if (object === 'notification') {
    void client.invalidateQueries({ queryKey: keys.notices });
    return;
  }
  if (isMine(object, id, event.version)) return;
  if (event.op === 'delete' || event.op === 'purge') {
    dropFromCaches(client, object, id);
    refreshSoon(object);
    return;
  }
  if (shown(object, id)) {
    try {
      const fresh = await api.get<Rec>(`/${object}/${id}`, { expand: expandFor(object) });
      patchCaches(client, object, fresh);
      flash(event);
      void client.invalidateQueries({ queryKey: keys.history(object, id) });
      void client.invalidateQueries({ queryKey: keys.record(object, id) });
    } catch {
      // gone or no longer visible: the lists will say so
    }
  }
  refreshSoon(object);
}

/** Opens the stream of changes; the browser reconnects by itself and resumes from the last one. Returns how to close it. */
export function connectLive(): () => void {
  let source = listen();
  again = () => {
    source.close();
    source = listen();
    void client.refetchQueries({ type: 'active' });
  };
  const off = onViewAsElsewhere(() => void client.invalidateQueries());
  return () => {
    off();
    again = undefined;
    source.close();
  };
}

let again: (() => void) | undefined;

/** Tries at once instead of waiting for the browser to. */
export function reconnect(): void {
  again?.();
}

function listen(): EventSource {
  const source = new EventSource('/api/v1/events');
  const onChange = (e: MessageEvent<string>) => {
    try {
      const event = JSON.parse(e.data) as ChangeEvent;
      head.set((now) => Math.max(now, event.seq));
      void apply(event);
    } catch {
      // not a change we understand; the next one will be
    }
  };
  source.addEventListener('change', onChange);
  source.addEventListener('hello', (e: MessageEvent<string>) => {
    const { seq } = JSON.parse(e.data) as { seq: number };
    head.set((now) => Math.max(now, seq));
  });
  source.addEventListener('presence', (e: MessageEvent<string>) => {
    const said = JSON.parse(e.data) as { object: string; id: string; people: Present[] };
    present.set((now) => new Map(now).set(`${said.object}/${said.id}`, said.people));
  });
  source.addEventListener('job', (e: MessageEvent<string>) => {
    const now = JSON.parse(e.data) as BulkJob;
    client.setQueryData<{ data: BulkJob[] }>(keys.bulk, (was) => was && { data: was.data.some((j) => j.id === now.id) ? was.data.map((j) => (j.id === now.id ? now : j)) : [now, ...was.data] });
  });
  // The server says so when it cannot tell what was missed (a cursor too old): ask everything again.
  source.addEventListener('reset', () => void client.invalidateQueries());
  // Why the server ends the stream: a session that is over asks to sign in again, in place.
  source.addEventListener('bye', (e: MessageEvent<string>) => {
    if (!e.data.includes('signed_out')) return;
    // A view that has ended: asked anew, the page learns whose it is now.
    if (viewAs.get()) location.reload();
    else sessionOver.set(true);
  });
  source.onopen = () => {
    if (connection.get().lost) void client.invalidateQueries();
    connection.set({ lost: null });
  };
  source.onerror = () => connection.set((now) => (now.lost ? now : { lost: new Date() }));
  return source;
}
