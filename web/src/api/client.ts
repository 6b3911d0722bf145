import { lang } from '@/shared/i18n';
import { createStore } from '@/shared/store';
import { early } from './early';
import { find, here, keepWhile, note } from './kept/port';
import type { ProblemBody } from './types';
import { endViewAs, viewAs } from './viewAs';

/** A refusal of the server (`application/problem+json`), or no answer at all (`code: "network"`). */
export class Problem extends Error {
  readonly body: ProblemBody;

  constructor(body: ProblemBody) {
    super(body.title ?? body.code);
    this.name = 'Problem';
    this.body = body;
  }

  get status(): number {
    return this.body.status;
  }

  get code(): string {
    return this.body.code;
  }
}

/** True while the session has ended under an open page; the app shows sign-in in place and calls `resumeSession`. */
export const sessionOver = createStore(false);
let waiting: (() => void)[] = [];

// What was read under a session that is over does not stay on the device.
sessionOver.subscribe(() => keepWhile(!sessionOver.get()));

export function resumeSession(): void {
  sessionOver.set(false);
  const all = waiting;
  waiting = [];
  for (const go of all) go();
}

interface Options {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT';
  query?: Record<string, string | number | boolean | undefined | null>;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Calls made before anyone is signed in answer 401 as a fact, not as an expiry. */
  anonymous?: boolean;
  /** Only the server's own word will do, not what was kept of it for a time without a network. */
  fresh?: boolean;
}

/** A path with its query. */
export function ask(path: string, query?: Options['query']): string {
  const params = new URLSearchParams();
  for (const [k, v] of Object.entries(query ?? {})) if (v !== undefined && v !== null && v !== '') params.set(k, String(v));
  const tail = params.toString();
  return `${path}${tail ? `?${tail}` : ''}`;
}

export function url(path: string, query?: Options['query']): string {
  return `/api/v1${ask(path, query)}`;
}

async function once(path: string, o: Options): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json', 'Accept-Language': lang.get(), ...o.headers };
  let body: BodyInit | undefined;
  if (o.body instanceof FormData) body = o.body;
  else if (o.body !== undefined) {
    headers['Content-Type'] = 'application/json';
    body = JSON.stringify(o.body);
  }
  const init: RequestInit = { method: o.method ?? 'GET', headers, credentials: 'same-origin' };
  if (body !== undefined) init.body = body;
  if (o.signal) init.signal = o.signal;
  try {
    // Only a good answer counts: a refusal may be of a session that has been renewed since.
    const first = init.method === 'GET' && document.documentElement.lang === lang.get() ? await early(ask(path, o.query))?.catch(() => undefined) : undefined;
    return first?.ok ? first : await fetch(url(path, o.query), init);
  } catch (cause) {
    if ((cause as Error).name === 'AbortError') throw cause;
    throw new Problem({ status: 0, code: 'network' });
  }
}

/** The server's answer, or without a network what it said last time. */
async function heard(path: string, o: Options, place: ReturnType<typeof here>): Promise<Response | { kept: unknown }> {
  try {
    return await once(path, o);
  } catch (e) {
    const kept = e instanceof Problem && !o.fresh ? await find({ method: o.method ?? 'GET', path, query: o.query, body: o.body }, place) : undefined;
    if (kept) return { kept: kept.body };
    throw e;
  }
}

/** One call. Waits for a new sign-in when the session has ended and then tries once more, so that no typed text is lost. */
export async function call<T>(path: string, o: Options = {}): Promise<T> {
  const place = here();
  const first = await heard(path, o, place);
  if ('kept' in first) return first.kept as T;
  let answer = first;
  if (answer.status === 401 && viewAs.get()) {
    // Whose page this was is nobody's to go on with: it begins anew, as whoever signs in.
    location.reload();
    return new Promise<never>(() => undefined);
  }
  if (answer.status === 401 && !o.anonymous) {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      sessionOver.set(true);
    });
    answer = await once(path, o);
  }
  if (answer.status === 204) return undefined as T;
  const type = answer.headers.get('content-type') ?? '';
  const parsed: unknown = type.includes('json') ? await answer.json().catch(() => null) : await answer.text();
  const asked = { method: o.method ?? 'GET', path, query: o.query, body: o.body };
  if (!answer.ok) {
    if (answer.status === 403 || answer.status === 404) note(asked, place, undefined);
    // Seeing as somebody has ended by itself: the page goes back to being the administrator's.
    if ((parsed as Partial<ProblemBody> | null)?.code === 'session.view_as_ended' && (await endViewAs())) return new Promise<never>(() => undefined);
    const b = (parsed && typeof parsed === 'object' ? parsed : {}) as Partial<ProblemBody>;
    throw new Problem({ ...b, status: b.status ?? answer.status, code: b.code ?? `http.${answer.status}` });
  }
  note(asked, place, parsed);
  return parsed as T;
}

export const api = {
  get: <T>(path: string, query?: Options['query'], signal?: AbortSignal) => call<T>(path, signal ? { query, signal } : { query }),
  post: <T>(path: string, body?: unknown, headers?: Record<string, string>) => call<T>(path, { method: 'POST', body: body ?? {}, ...(headers ? { headers } : {}) }),
  patch: <T>(path: string, body: unknown, headers?: Record<string, string>) => call<T>(path, { method: 'PATCH', body, ...(headers ? { headers } : {}) }),
  delete: <T>(path: string, query?: Options['query']) => call<T>(path, { method: 'DELETE', query }),
};
