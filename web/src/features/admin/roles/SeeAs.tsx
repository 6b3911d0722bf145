import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api } from '@/api/client';
import { tell } from '@/api/problem';
import { useModel, useSession } from '@/api/queries';
import type { Page } from '@/api/types';
import { beganViewAs } from '@/api/viewAs';
import { Icon } from '@/shared/icons';
import { useLang } from '@/shared/i18n';
import { MenuButton, type MenuItem } from '@/shared/Pop';
import { useA } from '../text';

const MOST = 12;

/** For administrators: what somebody with this role sees. */
export function SeeAs({ role }: { role: string }) {
  const a = useA();
  const lang = useLang();
  const model = useModel();
  const navigate = useNavigate();
  const me = useSession().data?.user;
  const people = useQuery({
    queryKey: ['people', 'of role', role],
    queryFn: () => api.get<Page>('/user', { filter: JSON.stringify({ and: [{ field: 'roles', op: 'any', value: [role] }, { field: 'status', op: 'eq', value: 'active' }] }), sort: 'name', fields: 'name', limit: MOST + 2 }),
    enabled: me?.is_admin === true,
  });
  if (!me?.is_admin || !people.data) return null;
  const others = people.data.data.filter((p) => p.id !== me.id);
  const see = (id: string) => void api.post('/session/view-as', { user_id: id }).then(beganViewAs, (e: unknown) => tell(e, lang, 'user', model));
  const items: (MenuItem | 'line')[] = others.slice(0, MOST).map((p) => ({ key: p.id, text: String(p['name']), icon: 'user', run: () => see(p.id) }));
  if (others.length > MOST) items.push('line', { key: 'all', text: a('role.seeAsMore'), icon: 'users', run: () => void navigate({ to: '/settings/people' }) });
  if (others.length === 0) return <button type="button" className="btn q" disabled title={a('role.seeAsNobody')}><Icon name="eye" />{a('role.seeAs')}</button>;
  return <MenuButton className="btn q" label={a('role.seeAs')} items={items}><Icon name="eye" />{a('role.seeAs')}</MenuButton>;
}
