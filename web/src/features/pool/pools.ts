import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { Problem } from '@/api/client';
import { client, keys } from '@/api/queries';
import { rest, type Answer } from '@/api/rest';
import type { paths } from '@/api/schema';
import type { Rec } from '@/api/types';

export type PoolSeat = Answer<paths['/api/v1/me/pools']['get']>['data'][number];

/** Most records of one call (R-POOL-03). */
export const MOST = 50;

export const poolsQuery = queryOptions({ queryKey: ['pools'], queryFn: async (): Promise<PoolSeat[]> => (await rest.get('/me/pools')).data, staleTime: 60_000 });

/** Pools one sits at, of one object. */
export function usePools(object?: string): PoolSeat[] {
  const all = useQuery(poolsQuery).data ?? [];
  return object ? all.filter((p) => p.object === object) : all;
}

/** What became of one claim. */
export interface Claimed {
  id: string;
  ok: boolean;
  code?: string;
  params?: Record<string, unknown>;
}

/** Claims records in their order; more than the server takes at once goes in several calls. */
export async function claim(object: string, pool: string, ids: string[]): Promise<Claimed[]> {
  const out: Claimed[] = [];
  for (let i = 0; i < ids.length; i += MOST) {
    const answer = await rest.post('/{object}/actions/{action}', { path: { object, action: 'claim_many' }, body: { ids: ids.slice(i, i + MOST), pool_id: pool } });
    out.push(...(answer as unknown as { results: Claimed[] }).results);
  }
  return out;
}

/** Opens a record of a pool: the server counts it (R-POOL-18). */
export async function look(object: string, id: string): Promise<Rec> {
  return (await rest.post('/{object}/{id}/actions/{action}', { path: { object, id, action: 'look' }, body: {} })) as unknown as Rec;
}

/** A refusal in the words for problems of that code. */
export const asProblem = (c: Claimed): Problem => new Problem({ status: 409, code: c.code ?? 'unknown', ...(c.params ? { params: c.params } : {}) });

/** After records left or entered pools. */
export function usePoolsChanged(object: string): () => void {
  const qc = useQueryClient();
  return () => {
    void qc.invalidateQueries({ queryKey: poolsQuery.queryKey });
    void qc.invalidateQueries({ queryKey: ['pool', object] });
    void client.invalidateQueries({ queryKey: keys.lists(object) });
  };
}
