import { Link } from '@tanstack/react-router';
import { expanded, label } from '@/api/model';
import { useModel, useSession } from '@/api/queries';
import type { Filter } from '@/api/types';
import { followIcons } from '@/fields/follow/icons';
import * as fmt from '@/shared/format';
import { Icon, type IconName } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { useBlock, type Scope } from './useHome';

interface Line {
  key: string;
  at: Date;
  icon: IconName;
  tone: string;
  to: { object: string; id: string };
  title: string;
  text: string;
  who: string;
}

/** What changed lately around one's customers: deals that moved, follow-ups of colleagues. */
export function News({ scope, now }: { scope: Scope; now: Date }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const session = useSession();
  const me = session.data?.user.id ?? '';
  const rel = scope === 'mine' ? 'me' : 'my_reports';
  const moved: Filter[] = scope === 'all' ? [] : [{ field: 'opportunity_id.owner_id', op: 'eq', value: { rel } }];
  const written: Filter[] = scope === 'team' ? [{ field: 'owner_id', op: 'eq', value: { rel } }] : [];
  const moves = useBlock('stage_history', { ...(moved.length ? { filter: { and: moved } } : {}), sort: '-created_at', limit: 6, expand: 'opportunity_id,from_stage_id,to_stage_id,created_by' });
  const notes = useBlock('follow_up', { ...(written.length ? { filter: { and: written } } : {}), sort: '-occurred_at', limit: 6, fields: 'content,follow_type,occurred_at,owner_id,target', expand: 'owner_id,target' });
  const name = (e: { id: string; title: string } | undefined) => (e?.id === me ? t('home.you') : (e?.title ?? ''));
  const lines: Line[] = [
    ...moves.filter((r) => expanded(r, 'from_stage_id')).map((r): Line => ({
      key: r.id, at: new Date(String(r.created_at)), icon: 'history', tone: 'mut', to: { object: 'opportunity', id: String(r['opportunity_id']) }, title: expanded(r, 'opportunity_id')?.title ?? '',
      text: t('home.newsMoved', { from: expanded(r, 'from_stage_id')?.title ?? '', to: expanded(r, 'to_stage_id')?.title ?? '' }), who: name(expanded(r, 'created_by')),
    })),
    ...notes.filter((r) => typeof (r['target'] as { id?: string } | null)?.id === 'string').map((r): Line => ({
      key: r.id, at: new Date(String(r['occurred_at'])), icon: followIcons[String(r['follow_type'])] ?? 'chat', tone: 'brand', to: r['target'] as { object: string; id: string }, title: expanded(r, 'target')?.title ?? '',
      text: [label(model.pick(model.field('follow_up', 'follow_type')?.picklist, r['follow_type'])?.label, lang), String(r['content'] ?? '')].filter(Boolean).join(lang === 'zh-CN' ? '：' : ': '), who: name(expanded(r, 'owner_id')),
    })),
  ].sort((a, b) => b.at.getTime() - a.at.getTime()).slice(0, 6);
  if (lines.length === 0) return null;
  return (
    <section aria-label={t('home.news')} className="news pblock">
      <h2 className="sect">{t('home.news')}</h2>
      <ul className="pl">
        {lines.map((l) => (
          <li key={l.key}>
            <span className={l.tone}><Icon name={l.icon} /></span>
            <span className="el sp"><Link className="link-quiet day-title" to="/o/$object/$id" params={l.to}>{l.title}</Link> <span className="sec s13">{l.text}</span></span>
            <span className="s12 mut news-when">{[l.who, fmt.dateWords(l.at, lang, now)].filter(Boolean).join(' · ')}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
