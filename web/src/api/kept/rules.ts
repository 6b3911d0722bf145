// What of the server's answers stays on the device, and for how long. Pure: `keeper.ts` does as is said here.

/** A question to the server, as `client.ts` asks it. */
export interface Asked {
  method: string;
  path: string;
  query?: Record<string, string | number | boolean | undefined | null> | undefined;
  body?: unknown;
}

/** Where in the page something was asked: bounds are of pages that were opened, not of single answers. */
export interface Place {
  kind: 'shell' | 'home' | 'list' | 'record';
  key: string;
}

/** What is known of a kept answer without reading it. */
export interface Meta {
  id: string;
  /** The question, the same from every page. */
  ask: string;
  place: string;
  kind: Place['kind'];
  at: number;
  size: number;
}

export const DAYS = 7 * 86_400_000;
const PLACES: Record<Place['kind'], number> = { shell: 1, home: 1, list: 20, record: 200 };
const PER_PLACE = 60;
const LARGEST = 1 << 20;
const TOTAL = 25 << 20;

const shell = new Set(['/session', '/meta/model']);
/** Of use to nobody without a network, and of use to whoever finds the phone. */
const never = new Set(['audit_log', 'login_log', 'api_token', 'setting']);

/** The page somebody looks at; settings and imports are not for reading on the way. */
export function placeOf(pathname: string): Place | null {
  if (pathname === '/') return { kind: 'home', key: '/' };
  const [, object, id, more] = /^\/o\/([^/]+)(?:\/([^/]+))?(\/.*)?$/.exec(pathname) ?? [];
  if (!object || more) return null;
  return { kind: id ? 'record' : 'list', key: pathname };
}

/** Whether an answer may be kept: the session, the model, and records, lists, sums and histories of objects the model names. */
export function keepable({ method, path, query = {} }: Asked, objects: ReadonlySet<string>): boolean {
  if (shell.has(path)) return method === 'GET';
  const [, object = '', second, third, more] = path.split('/');
  if (!objects.has(object) || never.has(object) || more !== undefined) return false;
  if (method === 'POST') return second === 'aggregate' && third === undefined;
  if (method !== 'GET' || (third !== undefined && third !== 'history')) return false;
  // First pages of what stands: not what was typed into a search, not the past, not the bin.
  return ['cursor', 'q', 'as_of', 'deleted'].every((k) => query[k] === undefined || query[k] === null || query[k] === '');
}

/** Where an answer belongs; the shell's answers belong to every page. */
export function homeOf(asked: Asked, place: Place | null): Place | null {
  return shell.has(asked.path) && asked.method === 'GET' ? { kind: 'shell', key: 'shell' } : place;
}

/**
 * The name of a question. On the page of the day the hours it asks for move with the clock: there a question is the same one tomorrow,
 * so that a morning without a network begins with the plan as it was last heard of.
 */
export function askOf({ method, path, query = {}, body }: Asked, place: Place | null): string {
  const told = Object.entries(query).filter(([, v]) => v !== undefined && v !== null && v !== '').sort(([a], [b]) => (a < b ? -1 : 1));
  const name = JSON.stringify([method, path, told.map(([k, v]) => [k, String(v)]), body ?? null]);
  return place?.kind === 'home' ? name.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '*') : name;
}

export function idOf(place: Place, ask: string): string {
  return `${place.key} ${ask}`;
}

/** Too large to be worth its room. */
export function fits(size: number): boolean {
  return size <= LARGEST;
}

/** What has to go: what is old, pages beyond the newest of their kind, answers beyond the newest of a page, the oldest beyond the room. */
export function surplus(all: readonly Meta[], now: number): string[] {
  const gone = new Set<string>();
  const fresh = all.filter((m) => now - m.at < DAYS || !gone.add(m.id)).sort((a, b) => b.at - a.at);
  const places = new Map<Place['kind'], Set<string>>();
  const inPlace = new Map<string, number>();
  let room = TOTAL;
  for (const m of fresh) {
    const seen = places.get(m.kind) ?? new Set();
    places.set(m.kind, seen);
    if (!seen.has(m.place) && seen.size >= PLACES[m.kind]) {
      gone.add(m.id);
      continue;
    }
    seen.add(m.place);
    const n = (inPlace.get(m.place) ?? 0) + 1;
    if (n > PER_PLACE || m.size > room) gone.add(m.id);
    else {
      inPlace.set(m.place, n);
      room -= m.size;
    }
  }
  return [...gone];
}
