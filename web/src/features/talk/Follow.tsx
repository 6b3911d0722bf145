import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { expanded } from '@/api/model';
import { act, keys, useList, useModel, useRows, useSession } from '@/api/queries';
import { tell } from '@/api/problem';
import type { ObjectMeta, Rec } from '@/api/types';
import { useLang } from '@/shared/i18n';
import { Icon } from '@/shared/icons';
import { toast } from '@/shared/toast';
import { useTalk } from './text';
import './talk.css';

/** Follows the record, or stops to; says who else does. A star is a bookmark, this is a wish to hear of it. */
export function Follow({ object, rec }: { object: ObjectMeta; rec: Rec }) {
  const t = useTalk();
  const lang = useLang();
  const model = useModel();
  const qc = useQueryClient();
  const me = useSession().data?.user.id;
  const [now, setNow] = useState<boolean | null>(null);
  const rows = useRows(useList('follower', { filter: { field: 'record', op: 'eq', value: { object: object.name, id: rec.id } }, expand: 'user_id', limit: 100 }).data);
  const on = now ?? rows.some((r) => r['user_id'] === me);
  const others = rows.filter((r) => r['user_id'] !== me).map((r) => expanded(r, 'user_id')?.title ?? '').filter(Boolean);
  const count = others.length + (on ? 1 : 0);
  const names = count > 0 ? `${t('followers', { count })}${others.length ? `: ${others.join(lang === 'zh-CN' ? '、' : ', ')}` : ''}` : '';
  const toggle = () => {
    setNow(!on);
    void act(object.name, rec.id, on ? 'unfollow' : 'follow')
      .then(() => toast(on ? t('unfollowed') : t('followed')))
      .catch((e: unknown) => tell(e, lang, object.name, model))
      .finally(() => void qc.invalidateQueries({ queryKey: keys.lists('follower') }).then(() => setNow(null)));
  };
  return (
    <button type="button" className="tap rfollow" aria-pressed={on} aria-label={on ? t('follow.off') : t('follow.on')} title={[on ? t('follow.off') : t('follow.on'), names].filter(Boolean).join('\n')} onClick={toggle}>
      <Icon name="bell" />
      {names && <span className="sr">{names}</span>}
    </button>
  );
}
