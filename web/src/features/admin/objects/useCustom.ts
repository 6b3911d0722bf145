import { useQuery } from '@tanstack/react-query';
import { api, Problem } from '@/api/client';
import { client, keys } from '@/api/queries';
import { read, write, type Custom } from './custom';

const key = ['custom'];

export interface Change {
  op: 'add' | 'change' | 'retire';
  name: string;
  kind?: string;
  type?: string;
}

export interface Plan {
  version: number;
  applied: boolean;
  changes: Change[];
  steps: number;
}

const fetchText = () => api.get<string>('/meta/custom');

/** The additions as text and read. */
export function useCustom() {
  return useQuery({ queryKey: key, queryFn: fetchText, select: (text) => ({ text, doc: read(text) }), staleTime: 10_000 });
}

// Nothing is retired by a slip here: a change takes one thing away, its undo brings back what was, and what the whole text would
// retire is listed before it is applied.
const put = (text: string, dry_run: boolean) => api.post<Plan>('/meta/custom', { text, dry_run, retire_all: true });

export function plan(text: string): Promise<Plan> {
  return put(text, true);
}

/** Applies a whole text; forms, lists and filters follow without a reload. Answers with the text before, for undo. */
export async function applyText(text: string): Promise<{ plan: Plan; before: string }> {
  const before = await fetchText();
  const made = await put(text, false);
  client.setQueryData(key, text);
  await client.refetchQueries({ queryKey: keys.model });
  void client.invalidateQueries({ queryKey: ['list'] });
  return { plan: made, before };
}

/** The newest text with one change made in it: what a colleague changed meanwhile stays. */
export async function edited(change: (c: Custom) => void): Promise<string> {
  const doc = read(await fetchText());
  change(doc);
  return write(doc);
}

export async function applyEdit(change: (c: Custom) => void): Promise<{ plan: Plan; before: string }> {
  return applyText(await edited(change));
}

/** What the server says is wrong with a text, one sentence a fault. */
export function faults(error: unknown): string[] {
  if (!(error instanceof Problem)) return [error instanceof Error ? error.message : String(error)];
  const all = (error.body.errors ?? []).map((e) => {
    const reason = e.params?.['reason'];
    // Said in the reader's language; "the model has a fault in line …" is plain here, the name of a role is not.
    if (e.params?.['cause'] && e.message) return e.code === 'model.fault' ? e.message.replace(/^[^:：]*[:：]\s*/, '') : e.message;
    return typeof reason === 'string' ? reason.replace(/^object `[^`]*`: (field `([^`]*)`:? )?/, (_m, _f, name: string | undefined) => (name ? `${name}: ` : '')) : (e.message ?? e.code);
  });
  return all.length ? [...new Set(all)] : [error.message];
}
