import { api } from '@/api/client';
import type { Page, Session } from '@/api/types';

export type Audience = 'private' | 'team' | 'everyone';

export interface Grantee {
  object: string;
  id: string;
}

/** The department one belongs to: "my team" of a shared view. */
export function grantees(session: Session | null | undefined): Grantee[] {
  const dept = (session?.user as { main_dept?: string } | undefined)?.main_dept;
  return dept ? [{ object: 'department', id: dept }] : [];
}

export async function shareWith(view: string, whom: Grantee[]): Promise<void> {
  for (const grantee of whom) await api.post(`/saved_view/${view}/actions/share`, { grantee, access: 'read' });
}

export async function unshare(view: string, grantee: Grantee): Promise<void> {
  await api.post(`/saved_view/${view}/actions/unshare`, { grantee });
}

export interface Share extends Grantee {
  title: string;
}

/** With whom a view is shared one by one. */
export async function sharesOf(view: string): Promise<Share[]> {
  const page = await api.get<Page>('/record_share', { filter: JSON.stringify({ field: 'record', op: 'eq', value: { object: 'saved_view', id: view } }), expand: 'grantee', limit: 100 });
  return page.data.flatMap((r) => {
    const g = r['grantee'] as Grantee | null;
    const e = r.$expand?.['grantee'];
    return g ? [{ object: g.object, id: g.id, title: Array.isArray(e) ? '' : (e?.title ?? '') }] : [];
  });
}
