import { useQueryClient } from '@tanstack/react-query';
import { api, Problem } from '@/api/client';
import { keys, patchCaches, useUpdate, type Update } from '@/api/queries';
import type { Rec } from '@/api/types';
import { open } from '@/shared/commands';

/** The fields that collided, when a refusal says that somebody else changed the same ones meanwhile. */
export function collided(e: unknown): string[] | null {
  if (!(e instanceof Problem) || e.status !== 409 || e.code !== 'conflict') return null;
  const named = e.body.fields ?? (e.body['params'] as { fields?: unknown } | undefined)?.fields;
  return Array.isArray(named) ? named.filter((f): f is string => typeof f === 'string') : [];
}

/** Of what a person wanted to write: what collided is asked, the rest is joined without asking. */
export function splitMine(mine: Record<string, unknown>, fields: string[]): { asked: string[]; joined: Record<string, unknown> } {
  const asked = Object.keys(mine).filter((f) => fields.includes(f));
  return { asked, joined: Object.fromEntries(Object.entries(mine).filter(([f]) => !fields.includes(f))) };
}

/** What is written in the end: everything joined, and of the asked fields those where one's own value was chosen. */
export function chosen(joined: Record<string, unknown>, mine: Record<string, unknown>, choice: Record<string, 'mine' | 'theirs'>): Record<string, unknown> {
  const out = { ...joined };
  for (const [f, side] of Object.entries(choice)) if (side === 'mine') out[f] = mine[f];
  return out;
}

/**
 * Writes with the version the person has seen. What others changed beside it is joined by the server; the same field changed
 * twice opens the dialog that asks. Answers the fresh record, or null when the dialog has taken over.
 */
export function useSave(object: string) {
  const qc = useQueryClient();
  const update = useUpdate(object);
  return async (u: Update): Promise<Rec | null> => {
    try {
      return await update.mutateAsync(u);
    } catch (e) {
      if (!collided(e)?.length) throw e;
      const fields = collided(e) ?? [];
      const fresh = await api.get<Rec>(`/${object}/${u.id}`);
      patchCaches(qc, object, fresh);
      void qc.invalidateQueries({ queryKey: keys.record(object, u.id) });
      open({ kind: 'conflict', object, id: u.id, mine: u.data, fields, version: fresh.version, ...(u.expand ? { titles: u.expand } : {}) });
      return null;
    }
  };
}
