import { useModel } from '@/api/queries';
import type { ObjectMeta, Rec } from '@/api/types';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { useLang, useT, type Lang } from '@/shared/i18n';

/** Why a record falls back into its pool on that day, as the server keeps it beside the day. */
interface Why {
  trigger: string;
  since: string;
  limit: number;
  day_kind: string;
  protected: boolean;
}

/** The rule in a sentence, from when it counts, and what helps. */
function reason(why: Why, t: ReturnType<typeof useT>, lang: Lang): string {
  const known = ['no_follow_up', 'no_opportunity', 'no_deal', 'no_conversion', 'never_won', 'contract_end'];
  const trigger = (known.includes(why.trigger) ? why.trigger : 'other') as 'no_follow_up';
  const limit = t(`pool.limit.${why.day_kind === 'working' || why.day_kind === 'month' ? why.day_kind : 'calendar'}`, { count: why.limit });
  const rule = t(`pool.why.${trigger}`, { day: fmt.date(fmt.parseDate(why.since), lang), limit });
  return [rule, why.protected ? t('pool.protected') : '', t(`pool.remedy.${trigger}`)].filter(Boolean).join(lang === 'zh-CN' ? '' : ' ');
}

/** One notice with its reason and its remedy, where there is one: the pool's date, a record in approval, the recycle bin. */
export function Notice({ object, rec, onLog }: { object: ObjectMeta; rec: Rec; onLog: (() => void) | undefined }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  if (typeof rec['deleted_at'] === 'string') {
    return <div className="notice late rnotice"><Icon name="trash" /><div className="col sp"><b>{t('record.inBin')}</b><span className="s12">{t('record.inBinText', { time: fmt.dateTimeWords(new Date(rec['deleted_at']), lang) })}</span></div></div>;
  }
  if (rec['is_locked'] === true) {
    return <div className="notice warn rnotice"><Icon name="lock" /><div className="col sp"><b>{t('record.locked')}</b><span className="s12">{t('record.lockedText')}</span></div></div>;
  }
  const due = rec['recycle_due_on'];
  if (typeof due === 'string' && model.field(object.name, 'recycle_due_on')) {
    const d = fmt.parseDate(due);
    const days = fmt.daysBetween(new Date(), d);
    if (days > 14) return null;
    const why = rec['recycle_reason'] as Why | null;
    return (
      <div className="notice warn rnotice">
        <Icon name="waves" />
        <div className="col sp">
          <span><b>{t('pool.back', { day: fmt.date(d, lang) })}</b>{days >= 0 && <>{lang === 'zh-CN' ? '，' : ', '}{t('pool.left', { count: days })}</>}</span>
          {why && <span className="s12 sec">{reason(why, t, lang)}</span>}
        </div>
        {onLog && (!why || why.trigger === 'no_follow_up') && <button type="button" className="btn s" onClick={onLog}>{t('follow.log')}</button>}
      </div>
    );
  }
  return null;
}
