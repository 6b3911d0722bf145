import { useModel } from '@/api/queries';
import type { ObjectMeta, Rec } from '@/api/types';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';

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
    const last = typeof rec['last_followed_at'] === 'string' ? fmt.date(new Date(rec['last_followed_at']), lang) : null;
    return (
      <div className="notice warn rnotice">
        <Icon name="waves" />
        <div className="col sp">
          <span><b>{t('pool.back', { day: fmt.date(d, lang) })}</b>{days >= 0 && <>{lang === 'zh-CN' ? '，' : ', '}{t('pool.left', { count: days })}</>}</span>
          <span className="s12 sec">{last ? t('pool.why', { day: last }) : t('pool.whyNone')} {t('pool.remedy')}</span>
        </div>
        {onLog && <button type="button" className="btn s" onClick={onLog}>{t('follow.log')}</button>}
      </div>
    );
  }
  return null;
}
