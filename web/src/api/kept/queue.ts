// The order in which notes written without a network are sent, and what becomes of them. Pure: `outbox.ts` sends.
import type { Problem } from '../client';
import type { ProblemBody } from '../types';

/** A follow-up or a comment that waits on this device. */
export interface Waiting {
  /** The `Idempotency-Key` under which it is sent, however often. */
  id: string;
  owner: string;
  object: 'follow_up' | 'comment';
  /** The record it is written on. */
  on: { object: string; id: string; title: string };
  body: Record<string, unknown>;
  written: number;
  /** When it may have reached the server for the first time, though no answer came. */
  tried?: number;
  /** Why the server did not take it; it is not sent again by itself. */
  refused?: Pick<ProblemBody, 'status' | 'code' | 'title' | 'params' | 'errors'>;
}

/** The server remembers a key for a day; after that only a person can tell whether a note is there already. */
const REMEMBERED = 23 * 3_600_000;
export const UNSURE = 'note.unsure';

export function textOf(w: Waiting): string {
  return String(w.body[w.object === 'comment' ? 'body' : 'content'] ?? '');
}

/** The same note in other words, as a new one: what was refused was not written. */
export function reworded(w: Waiting, text: string, id: string): Waiting {
  const { tried: _tried, refused: _refused, ...rest } = w;
  return { ...rest, id, body: { ...w.body, [w.object === 'comment' ? 'body' : 'content']: text } };
}

export function inOrder(all: readonly Waiting[], owner: string): Waiting[] {
  return all.filter((w) => w.owner === owner).sort((a, b) => a.written - b.written || (a.id < b.id ? -1 : 1));
}

/** What is sent next: the oldest of this person that was not refused. */
export function next(all: readonly Waiting[], owner: string): Waiting | undefined {
  return inOrder(all, owner).find((w) => !w.refused);
}

/** A note that was sent so long ago without an answer that its key may be forgotten. */
export function unsure(w: Waiting, now: number): boolean {
  return w.tried !== undefined && now - w.tried > REMEMBERED;
}

/** After an attempt that failed: wait with everything (no network, no session, a server that asks for patience), or this note is refused. */
export function judge(problem: Pick<Problem, 'status' | 'body'>): 'later' | NonNullable<Waiting['refused']> {
  const { status, body } = problem;
  if (status === 0 || status === 401 || status === 408 || status === 429 || status >= 500 || body.code === 'idempotency.in_progress') return 'later';
  const { code, title, params, errors } = body;
  return { status, code, ...(title === undefined ? {} : { title }), ...(params === undefined ? {} : { params }), ...(errors === undefined ? {} : { errors }) };
}
