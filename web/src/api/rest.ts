// Calls typed by the API document (`schema.d.ts`): a path that is none, a parameter that is missing or a body of another shape does not compile.
import { call } from './client';
import type { paths } from './schema';

type Verb = 'get' | 'post' | 'patch' | 'delete';
type Short<P> = P extends `/api/v1${infer R}` ? R : never;
/** Paths that answer to a verb, without `/api/v1`. */
export type PathOf<V extends Verb> = { [P in keyof paths]: paths[P] extends Record<V, { responses: unknown }> ? Short<P> : never }[keyof paths];
type Operation<P extends string, V extends Verb> = `/api/v1${P}` extends keyof paths ? paths[`/api/v1${P}`][V] : never;
type Content<T> = T extends { content: { 'application/json': infer J } } ? J : T extends { content: { 'multipart/form-data': unknown } } ? FormData : T extends { content: infer C } ? C[keyof C] : undefined;
/** What an operation answers when it succeeds. */
export type Answer<O> = O extends { responses: infer R } ? { [K in keyof R]: K extends 200 | 201 | 202 | 204 ? Content<R[K]> : never }[keyof R] : never;

interface Always {
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** Calls made before anyone is signed in answer 401 as a fact, not as an expiry. */
  anonymous?: boolean;
}
type InPath<O> = O extends { parameters: { path: infer P extends object } } ? { path: P } : { path?: undefined };
type InQuery<O> = O extends { parameters: { query?: infer Q } } ? { query?: { [K in keyof Q]?: Q[K] | null | undefined } } : { query?: undefined };
type InBody<O> = O extends { requestBody: infer B } ? { body: Content<B> } : { body?: undefined };
type Asked<O> = Always & InPath<O> & InQuery<O> & InBody<O>;
type Args<O> = O extends { parameters: { path: object } } | { requestBody: object } ? [asked: Asked<O>] : [asked?: Asked<O>];

interface Loose extends Always {
  path?: Record<string, string> | undefined;
  query?: Record<string, string | number | boolean | undefined | null> | undefined;
  body?: unknown;
}

function verb<V extends Verb>(v: V) {
  return <P extends PathOf<V>>(path: P, ...[asked]: Args<Operation<P, V>>): Promise<Answer<Operation<P, V>>> => {
    const o = (asked ?? {}) as Loose;
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(o.path?.[name] ?? ''));
    const { path: _path, query, signal, ...rest } = o;
    return call(filled, { ...rest, ...(query ? { query } : {}), ...(signal ? { signal } : {}), method: v.toUpperCase() as 'GET' | 'POST' | 'PATCH' | 'DELETE' });
  };
}

/** `rest.get('/{object}/{id}', { path: { object, id }, query: { expand } })`. */
export const rest = { get: verb('get'), post: verb('post'), patch: verb('patch'), delete: verb('delete') };
