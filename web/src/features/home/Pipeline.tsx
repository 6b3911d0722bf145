import { Link } from '@tanstack/react-router';
import { useAggregate, useModel } from '@/api/queries';
import type { Filter, ObjectMeta } from '@/api/types';
import { useStages } from '@/fields/stages/stages';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { ownerIs, useBlock, useMonth, type Scope } from './useHome';

/** How the open deals stand by stage, which of them are stuck, and what the month brought. */
export function Pipeline({ scope, now }: { scope: Scope; now: Date }) {
  const model = useModel();
  const object = model.object('opportunity');
  if (!object?.rights.read || !model.field('opportunity', 'outcome')) return null;
  return <Strip object={object} scope={scope} now={now} />;
}

function Strip({ object, scope, now }: { object: ObjectMeta; scope: Scope; now: Date }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const mine = ownerIs(scope);
  const stages = useStages(object, model, lang, undefined);
  const openFilter: Filter[] = [...mine, { field: 'outcome', op: 'is_empty' }];
  const sums = useAggregate('opportunity', { filter: { and: openFilter }, group: ['stage_id'], measures: [{ fn: 'count' }, { fn: 'sum', field: 'amount' }] });
  const rows = useBlock('opportunity', { filter: { and: openFilter }, fields: 'stage_id,stage_entered_at,amount', limit: 200 });
  const month = useMonth(scope);
  if (!stages || !sums.data) return <div className="strip" aria-busy="true"><span className="skel" style={{ height: 64 }} /></div>;
  const by = new Map(sums.data.groups.map((g) => [g.key['stage_id'] ?? '', { count: Number(g.values[0] ?? 0), sum: Number(g.values[1] ?? 0) }]));
  const shown = stages.columns.filter((c) => c.kind === 'open');
  const total = [...by.values()].reduce((a, g) => ({ count: a.count + g.count, sum: a.sum + g.sum }), { count: 0, sum: 0 });
  const inShown = shown.reduce((n, c) => n + (by.get(c.key)?.count ?? 0), 0);
  const limits = new Map(stages.columns.map((c) => [c.key, c.maxDays]));
  const stuck = rows.filter((r) => {
    const limit = limits.get(String(r['stage_id'])) ?? null;
    const since = r['stage_entered_at'];
    return limit !== null && typeof since === 'string' && fmt.daysBetween(new Date(since), now) > limit;
  });
  const stuckSum = stuck.reduce((n, r) => n + Number((r['amount'] as { base?: string; amount?: string } | null)?.base ?? (r['amount'] as { amount?: string } | null)?.amount ?? 0), 0);
  const money = (n: number) => fmt.compactMoney(n, model.doc.currency, lang);
  const largest = Math.max(1, ...shown.map((c) => by.get(c.key)?.sum ?? 0));
  const mix = (i: number) => Math.round(38 + (62 * i) / Math.max(1, shown.length - 1));
  const days = new Date(now.getFullYear(), now.getMonth() + 1, 0).getDate();
  const aim = (month?.won ?? 0) + (month?.open ?? 0);
  const share = aim > 0 ? ((month?.won ?? 0) / aim) * 100 : 0;
  return (
    <div className="strip">
      <section aria-label={t(scope === 'mine' ? 'home.deals' : 'home.dealsTeam')} className="strip-deals">
        <h2 className="sect">
          {t(scope === 'mine' ? 'home.deals' : 'home.dealsTeam')}
          <span className="ct">{t('board.count', { count: total.count, n: fmt.number(total.count, lang) })} · {money(total.sum)}</span>
          <span className="sp" />
          {stuck.length > 0 && (
            <Link className="row late s12 strip-stuck" to="/o/$object" params={{ object: 'opportunity' }} search={{ layout: 'table', filter: { and: [{ field: 'id', op: 'in', value: stuck.map((r) => r.id) }] } }}>
              <Icon name="alert" size={14} />{t('home.stuck', { count: stuck.length, sum: money(stuckSum) })}
            </Link>
          )}
        </h2>
        <ol className="pipe">
          {shown.map((c, i) => {
            const g = by.get(c.key) ?? { count: 0, sum: 0 };
            return (
              <li key={c.key} style={{ flexGrow: Math.max(0.32, g.sum / largest) }}>
                <Link to="/o/$object" params={{ object: 'opportunity' }} search={{ layout: 'table', filter: { and: [...openFilter, { field: 'stage_id', op: 'in', value: [c.key] }] } }}>
                  <i style={{ background: g.count ? `color-mix(in srgb, var(--c1) ${mix(i)}%, var(--sheet))` : 'var(--hover)' }} />
                  <b className="num">{g.sum > 0 || g.count > 0 ? money(g.sum) : '–'}</b>
                  <span className="el">{c.title} · {g.count}</span>
                </Link>
              </li>
            );
          })}
        </ol>
        {total.count > inShown && <span className="s12 mut">{t('home.otherPipes', { count: total.count - inShown })}</span>}
      </section>
      {month && (
        <section aria-label={t('home.month')} className="goal">
          <h2 className="sect">{t('home.month')}<span className="sp" /><span className="ct s12">{t('home.monthCount', { count: month.wonCount })}</span></h2>
          <div className="bar" role="img" aria-label={t('home.monthText', { share: Math.round(share) })}><i style={{ width: `${share}%` }} /><u style={{ left: `${(now.getDate() / days) * 100}%` }} title={t('home.monthToday')} /></div>
          <b className="num goal-sum">{money(month.won)} {aim > 0 && <span className="mut s12">/ {money(aim)}</span>}</b>
          <span className="s12 sec">{month.openCount > 0 ? t('home.monthOpen', { count: month.openCount, sum: money(month.open) }) : t('home.monthNone')}</span>
        </section>
      )}
    </div>
  );
}
