// The small part of keeping answers that loads with the first script; the rest (`keeper.ts`) comes when the page is idle.
import { createStore } from '@/shared/store';
import type { Session } from '../types';
import type { Answer } from './keeper';
import { placeOf, type Asked, type Place } from './rules';

/** Since when what a page shows is from the device, by the path of the page; without a path, since when the session is. */
export const asOf = createStore<ReadonlyMap<string, number>>(new Map());

const keeper = () => import('./keeper');
/** Whose answers are kept; undefined until the session has told it, null while nothing may be kept. */
let owner: string | null | undefined;
let heard: Answer[] = [];
/** Not at once: a network that comes and goes would have everything asked over and over. */
const RENEW_MS = 3000;
let renew: ReturnType<typeof setTimeout> | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
/** The device's own database is opened when the first page stands, not while it is made, or as soon as something has to be found or forgotten. */
const STANDS_MS = 1500;
let hurry = () => {};
/** One after the other, so that nothing is written after it was forgotten. */
let line: Promise<unknown> = new Promise<void>((go) => {
  hurry = go;
  setTimeout(go, STANDS_MS);
});

function inLine(run: (k: typeof import('./keeper')) => Promise<unknown>): Promise<unknown> {
  // Without room or permission for a database the page is as it was: it needs the network.
  line = line.then(async () => run(await keeper())).catch(() => undefined);
  return line;
}

/** One person of one workspace: a database of the browser belongs to one address, an address to one workspace, and no two people share an id. */
export function ownerOf(session: Session): string {
  return session.user.id;
}

/** The session has told who this is. What somebody sees as another person is never kept, nor what was kept before left to be mixed with it. */
export function keepFor(session: Session | null): void {
  const next = session && !session.view_as ? ownerOf(session) : null;
  const was = owner;
  owner = next;
  if (next === null) {
    heard = [];
    hurry();
    void inLine((k) => k.forget());
    return;
  }
  if (was !== next) {
    if (was !== undefined) heard = [];
    void inLine((k) => k.begin(next));
  }
  if (heard.length) soon();
}

/** The session has ended under the page: what was kept goes; what comes after the next sign-in is kept again. */
export function keepWhile(signedIn: boolean): void {
  const now = owner;
  if (signedIn) {
    if (now) void inLine((k) => k.begin(now));
  } else {
    heard = [];
    hurry();
    void inLine((k) => k.forget());
  }
}

/** Nothing of this person stays on the device. */
export async function leaveDevice(): Promise<void> {
  owner = null;
  heard = [];
  hurry();
  await inLine((k) => k.forgetAll());
}

export function here(): Place | null {
  return placeOf(location.pathname);
}

/** An answer came, so there is a network: it is kept when the page has time, and what stands there from the device is asked anew. */
export function note(asked: Asked, place: Place | null, body: unknown): void {
  if (asOf.get().size > 0) renew ??= setTimeout(() => { renew = undefined; asOf.set(new Map()); }, RENEW_MS);
  if (owner === null) return;
  heard.push({ asked, place, at: Date.now(), body });
  if (owner) soon();
}

function soon(): void {
  timer ??= setTimeout(() => {
    timer = undefined;
    if (typeof requestIdleCallback === 'function') requestIdleCallback(write, { timeout: 2000 });
    else write();
  }, 400);
}

function write(): void {
  const [all, whose] = [heard, owner];
  heard = [];
  if (whose && all.length) void inLine((k) => k.keep(whose, all));
}

// Who looks in for a second only takes along what was said all the same.
if (typeof document !== 'undefined') {
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'hidden') return;
    hurry();
    write();
  });
}

/** Without a network: what the server said last time, if it was kept. */
export async function find(asked: Asked, place: Place | null): Promise<{ body: unknown } | undefined> {
  if (owner === null || typeof indexedDB === 'undefined') return undefined;
  write();
  hurry();
  await line;
  const found = await keeper().then((k) => k.find(owner ?? null, asked, place)).catch(() => undefined);
  const path = asked.path === '/session' ? '' : asked.path === '/meta/model' ? undefined : location.pathname;
  if (found && path !== undefined) asOf.set((now) => ((now.get(path) ?? Infinity) <= found.at ? now : new Map(now).set(path, found.at)));
  return found;
}

/** Whether there is no network, as far as one can tell: browsers claim one more often than there is one. */
export function offline(): boolean {
  return !navigator.onLine || asOf.get().size > 0;
}
