import { api } from '@/api/client';
import { client, keys } from '@/api/queries';
import { tell } from '@/api/problem';
import type { BulkChange, BulkJob } from '@/api/types';
import type { Target } from './run';

/** Up to so many records the page writes itself: they are done before a work of the server would be shown. */
export const FEW = 200;
/** Ids the server takes one by one. */
const IDS = 10_000;

/** So many records are the server's work, which goes on without this page. */
export function forServer(target: Target, count: number): boolean {
  return count > FEW && target.choice.ids.size <= IDS;
}

/** Hands a change of all chosen records to the server; the tray follows it. */
export async function bulkOnServer(target: Target, change: BulkChange): Promise<void> {
  const { object, choice, filter, q } = target;
  const ids = [...choice.ids];
  const which = choice.all ? { ...(filter ? { filter } : {}), ...(q ? { q } : {}), ...(ids.length ? { except: ids } : {}) } : { ids };
  try {
    const made = await api.post<BulkJob>(`/${object.name}/bulk`, { ...which, change });
    client.setQueryData<{ data: BulkJob[] }>(keys.bulk, (was) => ({ data: [made, ...(was?.data ?? []).filter((j) => j.id !== made.id)] }));
  } catch (e) {
    tell(e, target.lang, object.name, target.model);
  }
}
