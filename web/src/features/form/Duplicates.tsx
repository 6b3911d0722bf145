import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api } from '@/api/client';
import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import type { Duplicate, ObjectMeta } from '@/api/types';
import { isBlank } from '@/fields/display';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';

/** Fields by which records are recognised; others change without asking. */
const telling = new Set(['name', 'short_name', 'company_name', 'contact_name', 'mobile', 'phone', 'email', 'wechat', 'uscc', 'website', 'account_id', 'code']);

/** Possible duplicates while one types: who has it, how sure, and the way to it. */
export function Duplicates({ object, values, onFill }: { object: ObjectMeta; values: Record<string, unknown>; /** Puts what was typed into the record that is there. */ onFill?: (id: string) => void }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const asked = JSON.stringify(Object.fromEntries(Object.entries(values).filter(([k, v]) => telling.has(k) && !isBlank(v) && (typeof v !== 'string' || v.trim().length >= 2)).sort()));
  const [settled, setSettled] = useState('{}');
  useEffect(() => {
    const timer = setTimeout(() => setSettled(asked), 400);
    return () => clearTimeout(timer);
  }, [asked]);
  const found = useQuery({
    queryKey: ['duplicates', object.name, settled],
    queryFn: () => api.post<{ data: Duplicate[] }>(`/${object.name}/duplicates`, { data: JSON.parse(settled) as Record<string, unknown> }),
    enabled: settled !== '{}' && (object.kind === 'ownable'),
    retry: false,
    staleTime: 60_000,
    placeholderData: (before) => before,
  });
  const list = settled === '{}' ? [] : (found.data?.data ?? []);
  return (
    <div role="status">{list.length > 0 && <div className="notice warn dup">
      <Icon name="copy" />
      <div className="col sp">
        <b>{t('dup.title', { count: list.length })}</b>
        <ul>
          {list.slice(0, 4).map((d) => (
            <li key={d.id}>
              <span className="el sp">
                {d.object !== object.name && <span className="mut">{label(model.object(d.object)?.label, lang, d.object)} </span>}
                <b className="dup-name">{d.title}</b> <span className="s12 sec">{[d.owner ? t('dup.owner', { name: d.owner }) : d.pool ? t('dup.pool', { name: d.pool }) : '', d.department ?? '', t('dup.score', { n: d.score })].filter(Boolean).join(' · ')}</span>
              </span>
              {onFill && d.visible && d.object === object.name && object.rights.edit && <button type="button" className="btn s" onClick={() => onFill(d.id)}>{t('dup.fill')}</button>}
              {d.visible ? <a className="btn s" href={`/o/${d.object}/${d.id}`} target="_blank" rel="noreferrer">{t('act.open')}</a> : <span className="s12 mut row" style={{ gap: 4 }}><Icon name="lock" size={12} />{t('dup.hidden')}</span>}
            </li>
          ))}
        </ul>
      </div>
    </div>}</div>
  );
}
