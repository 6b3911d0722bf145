import { Link } from '@tanstack/react-router';
import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import { open } from '@/shared/commands';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { ownerIs, useBlock, type Scope } from './useHome';

/** What the public pool takes back within the week, day by day, with what stops it. Nothing when nothing is due. */
export function PoolWeek({ scope, now, compact }: { scope: Scope; now: Date; compact?: boolean }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const day = (n: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + n);
  const iso = (d: Date) => `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, '0')}-${String(d.getDate()).padStart(2, '0')}`;
  const has = model.field('account', 'recycle_due_on') !== undefined;
  const due = useBlock('account', { filter: { and: [...ownerIs(scope), { field: 'recycle_due_on', op: 'gte', value: iso(day(0)) }, { field: 'recycle_due_on', op: 'lt', value: iso(day(7)) }] }, sort: 'recycle_due_on', fields: 'name,short_name,level,recycle_due_on,last_followed_at', limit: 50 }, has);
  if (due.length === 0) return null;
  const name = (r: (typeof due)[number]) => String(r['short_name'] ?? r['name'] ?? '');
  const first = due[0]!;
  if (compact) {
    return (
      <Link className="pool-card" to="/o/$object" params={{ object: 'account' }} search={{ layout: 'table', filter: { and: [{ field: 'id', op: 'in', value: due.map((r) => r.id) }] } }}>
        <Icon name="waves" />
        <span className="col sp"><b>{t('home.pool', { count: due.length })}</b><span className="s12 sec">{t('home.poolFirst', { name: name(first), day: fmt.dateWords(fmt.parseDate(String(first['recycle_due_on'])), lang, now) })}</span></span>
        <Icon name="right" />
      </Link>
    );
  }
  return (
    <section aria-label={t('home.poolTitle')}>
      <h2 className="sect">{t('home.poolTitle')} <span className="ct">{due.length}</span></h2>
      <div className="week" aria-hidden="true">
        {Array.from({ length: 7 }, (_, i) => {
          const d = day(i);
          const n = due.filter((r) => r['recycle_due_on'] === iso(d)).length;
          return (
            <div key={i} className={i === 0 ? 't' : ''}>
              {i === 0 ? t('date.today') : fmt.weekday(d, lang, 'narrow')}<b>{d.getDate()}</b>
              <span className="dots">{Array.from({ length: Math.min(4, n) }, (_x, k) => <u key={k} />)}</span>
            </div>
          );
        })}
      </div>
      <ul className="pl">
        {due.slice(0, 5).map((r) => (
          <li key={r.id}>
            <div className="col sp">
              <span className="row"><Link className="link-quiet day-title el" to="/o/$object/$id" params={{ object: 'account', id: r.id }}>{name(r)}</Link>{typeof r['level'] === 'string' && <span className="tag">{label(model.pick(model.field('account', 'level')?.picklist, r['level'])?.label, lang, '').charAt(0)}</span>}</span>
              <span className="s12 sec el">{t('home.poolAfter', { day: fmt.dateWords(fmt.parseDate(String(r['recycle_due_on'])), lang, now) })}{typeof r['last_followed_at'] === 'string' ? ` · ${t('home.poolLast', { day: fmt.dateWords(new Date(r['last_followed_at']), lang, now) })}` : ''}</span>
            </div>
            <button type="button" className="btn s" onClick={() => open({ kind: 'followUp', object: 'account', id: r.id, title: name(r) })}>{t('follow.log')}</button>
          </li>
        ))}
      </ul>
    </section>
  );
}
