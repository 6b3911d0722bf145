import { Link } from '@tanstack/react-router';
import { useAggregate, useModel, useTitlesOf } from '@/api/queries';
import type { AggregateAnswer } from '@/api/types';
import * as fmt from '@/shared/format';
import { useLang, useT } from '@/shared/i18n';
import { Avatar } from '@/shared/ui';

const team = { field: 'owner_id', op: 'eq' as const, value: { rel: 'my_reports' } };

function byOwner(a: AggregateAnswer | undefined): Map<string, number[]> {
  return new Map((a?.groups ?? []).map((g) => [g.key['owner_id'] ?? '', g.values.map((v) => Number(v ?? 0))]));
}

/** The people of a manager: open deals, what is late, follow-ups of this week; every figure opens its rows. */
export function Team({ now }: { now: Date }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const start = new Date(now.getFullYear(), now.getMonth(), now.getDate()).toISOString();
  const deals = useAggregate('opportunity', { filter: { and: [team, { field: 'outcome', op: 'is_empty' }] }, group: ['owner_id'], measures: [{ fn: 'count' }, { fn: 'sum', field: 'amount' }] });
  const late = useAggregate('opportunity', { filter: { and: [team, { field: 'outcome', op: 'is_empty' }, { field: 'next_follow_at', op: 'lt', value: start }] }, group: ['owner_id'], measures: [{ fn: 'count' }] });
  const week = useAggregate('follow_up', { filter: { and: [team, { field: 'occurred_at', op: 'eq', value: { rel: 'this_week' } }] }, group: ['owner_id'], measures: [{ fn: 'count' }] });
  const [d, l, w] = [byOwner(deals.data), byOwner(late.data), byOwner(week.data)];
  const ids = [...new Set([...d.keys(), ...l.keys(), ...w.keys()])].filter(Boolean).sort((a, b) => (d.get(b)?.[1] ?? 0) - (d.get(a)?.[1] ?? 0));
  const names = useTitlesOf(ids.length ? [['user', ids]] : []);
  if (ids.length === 0) return null;
  const most = Math.max(1, ...ids.map((id) => d.get(id)?.[1] ?? 0));
  return (
    <section aria-label={t('home.team')} className="pblock">
      <h2 className="sect">{t('home.team')} <span className="ct">{ids.length}</span></h2>
      <table className="team">
        <thead><tr><th scope="col">{t('home.person')}</th><th scope="col">{t('home.openDeals')}</th><th scope="col">{t('home.lateShort')}</th><th scope="col">{t('home.weekShort')}</th></tr></thead>
        <tbody>
          {ids.map((id) => (
            <tr key={id}>
              <th scope="row"><span className="row"><Avatar name={names.get(id) ?? ''} size="x" /><span className="el">{names.get(id) ?? '…'}</span></span></th>
              <td>
                <Link className="link-quiet num" to="/o/$object" params={{ object: 'opportunity' }} search={{ layout: 'table', filter: { and: [{ field: 'owner_id', op: 'in', value: [id] }, { field: 'outcome', op: 'is_empty' }] } }}>
                  {fmt.compactMoney(d.get(id)?.[1] ?? 0, model.doc.currency, lang)} <span className="mut">· {d.get(id)?.[0] ?? 0}</span>
                </Link>
                <span className="team-bar" aria-hidden="true"><i style={{ width: `${((d.get(id)?.[1] ?? 0) / most) * 100}%` }} /></span>
              </td>
              <td className={l.get(id)?.[0] ? 'num late b' : 'num mut'}>{l.get(id)?.[0] ?? 0}</td>
              <td className="num">{w.get(id)?.[0] ?? 0}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
