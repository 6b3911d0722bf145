import { Link } from '@tanstack/react-router';
import { useModel } from '@/api/queries';
import { open } from '@/shared/commands';
import * as fmt from '@/shared/format';
import { useT } from '@/shared/i18n';
import { ownerIs, useBlock, type Scope } from './useHome';

const DAYS = 30;

/** Customers nobody has spoken with for a month, the longest silence first. */
export function Quiet({ scope, now }: { scope: Scope; now: Date }) {
  const t = useT();
  const model = useModel();
  const since = new Date(now.getFullYear(), now.getMonth(), now.getDate() - DAYS).toISOString();
  const has = model.field('account', 'last_followed_at') !== undefined && model.object('follow_up')?.rights.create === true;
  const filter = { and: [...ownerIs(scope), { field: 'last_followed_at', op: 'lt' as const, value: since }, { field: 'status', op: 'in' as const, value: ['prospect', 'active'] }] };
  const rows = useBlock('account', { filter, sort: 'last_followed_at', fields: 'name,short_name,last_followed_at,last_follow_note', limit: 4 }, has);
  if (rows.length === 0) return null;
  return (
    <section aria-label={t('home.quiet')} className="pblock">
      <h2 className="sect">{t('home.quiet')}<span className="sp" /><Link className="link s12" style={{ fontWeight: 400 }} to="/o/$object" params={{ object: 'account' }} search={{ layout: 'table', filter, sort: 'last_followed_at' }}>{t('home.all')}</Link></h2>
      <ul className="pl">
        {rows.map((r) => {
          const name = String(r['short_name'] || r['name'] || '');
          const note = typeof r['last_follow_note'] === 'string' ? r['last_follow_note'] : '';
          return (
            <li key={r.id}>
              <div className="col sp">
                <Link className="link-quiet day-title el" to="/o/$object/$id" params={{ object: 'account', id: r.id }}>{name}</Link>
                <span className="s12 mut el" title={note}>{t('home.quietDays', { count: fmt.daysBetween(new Date(String(r['last_followed_at'])), now) })}{note && ` · ${note}`}</span>
              </div>
              <button type="button" className="btn s" aria-label={`${t('follow.log')} ${name}`} onClick={() => open({ kind: 'followUp', object: 'account', id: r.id, title: name })}>{t('follow.log')}</button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
