// Follow-ups and comments that could not be sent: they wait on this device, and are sent in order when the network is back.
import { createStore } from '@/shared/store';
import { api, call, Problem, sessionOver } from '../client';
import { client, keys, wroteMyself } from '../queries';
import type { Rec, Session } from '../types';
import { inOne } from './device';
import { ownerOf } from './port';
import { inOrder, judge, next, UNSURE, unsure, type Waiting } from './queue';

export type { Waiting } from './queue';
export type Note = Pick<Waiting, 'object' | 'on' | 'body'>;

/** What waits of the person who is signed in, oldest first. */
export const waiting = createStore<readonly Waiting[]>([]);

/** How long a server that asked for patience is left alone. */
const PATIENCE = 30_000;
let later: ReturnType<typeof setTimeout> | undefined;
let sending: Promise<void> | undefined;

/** A name nobody else has; `crypto.randomUUID` is missing on addresses without TLS. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
}

function me(): string | undefined {
  const session = client.getQueryData<Session | null>(keys.session);
  return session && !session.view_as ? ownerOf(session) : undefined;
}

/** Reads again what waits: another page of this browser may have sent or added something. */
async function look(): Promise<readonly Waiting[]> {
  const owner = me();
  const all = owner ? inOrder(await inOne(['waiting'], 'readonly', (work) => work.all('waiting')), owner) : [];
  waiting.set(all);
  return all;
}

async function put(w: Waiting): Promise<void> {
  await inOne(['waiting'], 'readwrite', async (work) => work.put('waiting', w));
  await look();
}

/** Changes a note that is still there; one that was sent or discarded meanwhile stays away. */
async function change(id: string, to: (w: Waiting) => Waiting): Promise<void> {
  await inOne(['waiting'], 'readwrite', async (work) => {
    const now = await work.get('waiting', id);
    if (!now) return;
    const made = to(now);
    if (made.id !== id) work.remove('waiting', id);
    work.put('waiting', made);
  });
  await look();
}

async function take(id: string): Promise<void> {
  await inOne(['waiting'], 'readwrite', async (work) => work.remove('waiting', id));
  await look();
}

/** Takes a note back that was not sent. */
export const discard = take;

/** It was discarded by mistake. */
export async function putBack(w: Waiting): Promise<void> {
  await put(w);
  await send();
}

/** Tries a refused note once more, in these words: a new note to the server, which did not take the old one. */
export async function again(w: Waiting, to: (w: Waiting, id: string) => Waiting): Promise<void> {
  await change(w.id, (now) => to(now, newKey()));
  await send();
}

const post = (w: Waiting) => call<Rec>(`/${w.object}`, { method: 'POST', body: w.body, headers: { 'Idempotency-Key': w.id }, anonymous: true });

function stands(w: Waiting, made: Rec): void {
  wroteMyself(w.object, made.id, made.version);
  for (const o of [w.object, w.on.object, 'task']) void client.invalidateQueries({ queryKey: keys.lists(o) });
  void client.invalidateQueries({ queryKey: keys.aggregates(w.object) });
  void client.invalidateQueries({ queryKey: keys.record(w.on.object, w.on.id) });
  void client.invalidateQueries({ queryKey: keys.history(w.on.object, w.on.id) });
}

/**
 * Writes a note; null when it waits on this device instead, because there is no network or others wait before it. A request whose answer
 * was lost waits under the same key, so that it is not written twice.
 */
export async function write(note: Note): Promise<Rec | null> {
  const owner = me();
  // Always after what waits already, also when the clock stands still or was set back.
  const written = Math.max(Date.now(), (waiting.get().at(-1)?.written ?? 0) + 1);
  const w: Waiting = { ...note, id: newKey(), owner: owner ?? '', written };
  const mayWait = owner !== undefined && typeof indexedDB !== 'undefined';
  const after = waiting.get().some((x) => !x.refused);
  if (mayWait && (navigator.onLine === false || after)) {
    await put(w);
    if (after) void send();
    return null;
  }
  try {
    const made = await api.post<Rec>(`/${w.object}`, w.body, { 'Idempotency-Key': w.id });
    stands(w, made);
    return made;
  } catch (e) {
    if (!mayWait || !(e instanceof Problem) || e.status !== 0) throw e;
    await put({ ...w, tried: Date.now() });
    return null;
  }
}

/** Sends what waits, one after the other; one page of this browser at a time. */
export function send(): Promise<void> {
  clearTimeout(later);
  sending ??= (navigator.locks ? navigator.locks.request('rapport.outbox', { ifAvailable: true }, async (lock) => (lock ? run() : undefined)) : run())
    // A device without room for a database has nothing that waits.
    .catch(() => undefined)
    .finally(() => { sending = undefined; }) as Promise<void>;
  return sending;
}

async function run(): Promise<void> {
  for (;;) {
    const owner = me();
    const w = owner && next(await look(), owner);
    if (!w || navigator.onLine === false) return;
    if (unsure(w, Date.now())) {
      await change(w.id, (now) => ({ ...now, refused: { status: 0, code: UNSURE } }));
      continue;
    }
    if (!(await attempt(w))) return;
  }
}

/** Whether to go on with the next one. */
async function attempt(w: Waiting): Promise<boolean> {
  try {
    // Whose session this is may have changed in another page: nobody sends the words of another.
    const session = await call<Session>('/session', { anonymous: true, fresh: true });
    if (session.view_as || ownerOf(session) !== w.owner) return false;
    if (w.tried === undefined) await change(w.id, (now) => ({ ...now, tried: Date.now() }));
    const made = await post(w);
    await take(w.id);
    stands(w, made);
    return true;
  } catch (e) {
    if (!(e instanceof Problem)) throw e;
    const verdict = judge(e);
    if (verdict !== 'later') {
      await change(w.id, (now) => ({ ...now, refused: verdict }));
      return true;
    }
    if (e.status === 401) sessionOver.set(true);
    else if (e.status !== 0) later = setTimeout(() => void send(), PATIENCE);
    return false;
  }
}

/** Shows what waits and sends it whenever that may succeed again. Returns how to stop. */
export function keepSending(): () => void {
  const now = () => void send();
  const seen = () => void (document.visibilityState === 'visible' && send());
  const over = sessionOver.subscribe(() => void (!sessionOver.get() && send()));
  addEventListener('online', now);
  document.addEventListener('visibilitychange', seen);
  void look().catch(() => undefined).then(now);
  return () => {
    clearTimeout(later);
    over();
    removeEventListener('online', now);
    document.removeEventListener('visibilitychange', seen);
  };
}
