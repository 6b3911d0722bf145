import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { expanded, label } from '@/api/model';
import { useModel, useSession } from '@/api/queries';
import { open } from '@/shared/commands';
import * as fmt from '@/shared/format';
import { Icon, type IconName } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { Avatar } from '@/shared/ui';
import { ownerIs, useBlock, type Scope } from './useHome';

interface Item {
  key: string;
  who: string;
  icon?: IconName;
  to: { object: string; id: string };
  text: string;
  sub: string;
  act?: { text: string; run: () => void };
}

const SHOWN = 6;

/** What others wait for: tasks somebody gave me, leads not answered yet, deals past their close date, pairs to merge. */
export function Waiting({ scope, now }: { scope: Scope; now: Date }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const session = useSession();
  const [all, setAll] = useState(false);
  const me = session.data?.user.id ?? '';
  const given = useBlock('task', { filter: { and: [{ field: 'owner_id', op: 'eq', value: { rel: 'me' } }, { field: 'status', op: 'nin', value: ['done', 'cancelled'] }, { field: 'created_by', op: 'not_empty' }] }, sort: '-created_at', limit: 20, fields: 'subject,due_at,created_at,created_by,related', expand: 'created_by,related' }).filter((r) => expanded(r, 'created_by')?.id !== me);
  const fresh = useBlock('lead', { filter: { and: [...ownerIs(scope), { field: 'status', op: 'in', value: ['new'] }, { field: 'first_response_at', op: 'is_empty' }] }, sort: '-created_at', limit: 5, fields: 'name,company_name,created_at,source,owner_id', expand: 'owner_id' }, model.field('lead', 'first_response_at') !== undefined);
  const today = `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, '0')}-${String(now.getDate()).padStart(2, '0')}`;
  const overdue = useBlock('opportunity', { filter: { and: [...ownerIs(scope), { field: 'outcome', op: 'is_empty' }, { field: 'close_on', op: 'lt', value: today }] }, sort: 'close_on', limit: 5, fields: 'name,close_on,amount,owner_id', expand: 'owner_id' }, model.field('opportunity', 'close_on') !== undefined);
  const pairs = useBlock('duplicate_pair', { filter: { field: 'status', op: 'eq', value: 'open' }, limit: 3, sort: '-created_at', expand: 'record_a,record_b' }, scope === 'all');
  const items: Item[] = [
    ...given.map((r): Item => ({
      key: r.id, who: expanded(r, 'created_by')?.title ?? '', to: { object: 'task', id: r.id }, text: t('home.gave', { who: expanded(r, 'created_by')?.title ?? '', what: String(r['subject'] ?? '') }),
      sub: [expanded(r, 'related')?.title, typeof r['due_at'] === 'string' ? fmt.dateTimeWords(new Date(r['due_at']), lang, now) : ''].filter(Boolean).join(' · '),
    })),
    ...fresh.map((r): Item => ({
      key: r.id, who: '', icon: 'spark', to: { object: 'lead', id: r.id }, text: t('home.newLead', { name: String(r['company_name'] ?? r['name'] ?? '') }),
      sub: [label(model.pick(model.field('lead', 'source')?.picklist, r['source'])?.label, lang), fmt.dateTimeWords(new Date(String(r.created_at)), lang, now), scope === 'mine' ? '' : expanded(r, 'owner_id')?.title].filter(Boolean).join(' · '),
      act: { text: t('follow.log'), run: () => open({ kind: 'followUp', object: 'lead', id: r.id, title: String(r['name'] ?? '') }) },
    })),
    ...overdue.map((r): Item => ({
      key: r.id, who: scope === 'mine' ? '' : (expanded(r, 'owner_id')?.title ?? ''), icon: 'target', to: { object: 'opportunity', id: r.id }, text: String(r['name'] ?? ''),
      sub: t('home.closePast', { day: fmt.date(fmt.parseDate(String(r['close_on'])), lang, now) }),
    })),
    ...pairs.flatMap((r): Item[] => {
      const [x, y] = [expanded(r, 'record_a'), expanded(r, 'record_b')];
      if (!x || !y) return [];
      const both = x.object === y.object && model.object(x.object)?.rights.merge;
      return [{
        key: r.id, who: '', icon: 'copy', to: { object: x.object, id: x.id }, text: t('home.alike', { a: x.title, b: y.title }),
        sub: [label(model.object(x.object)?.label, lang), t('dup.score', { n: Number(r['score'] ?? 0) }), fmt.dateTimeWords(new Date(String(r.created_at)), lang, now)].join(' · '),
        ...(both ? { act: { text: t('bulk.merge'), run: () => open({ kind: 'merge', object: x.object, ids: [x.id, y.id] }) } } : {}),
      }];
    }),
  ];
  return (
    <section aria-label={t('home.waiting')} className="pblock">
      <h2 className="sect">{t('home.waiting')} <span className="ct">{items.length || ''}</span></h2>
      {items.length === 0 && <p className="mut s13" style={{ padding: '6px 0' }}>{t('home.waitingNone')}</p>}
      <ul className="pl">
        {items.slice(0, all ? items.length : SHOWN).map((it) => (
          <li key={it.key}>
            {it.who ? <Avatar name={it.who} /> : <span className="av grey" aria-hidden="true"><Icon name={it.icon ?? 'clock'} size={14} /></span>}
            <div className="col sp">
              <Link className="link-quiet el" to="/o/$object/$id" params={it.to}>{it.text}</Link>
              <span className="s12 mut el">{it.sub}</span>
            </div>
            {it.act && <button type="button" className="btn s" onClick={it.act.run}>{it.act.text}</button>}
          </li>
        ))}
      </ul>
      {items.length > SHOWN && (
        <button type="button" className="chip plain mut" aria-expanded={all} onClick={() => setAll(!all)}><Icon name={all ? 'up' : 'down'} />{all ? t('form.less') : t('home.more', { count: items.length - SHOWN })}</button>
      )}
    </section>
  );
}
