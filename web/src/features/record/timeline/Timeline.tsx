import { useMemo, useState } from 'react';
import { discussable, titleOf } from '@/api/model';
import { useModel } from '@/api/queries';
import type { ObjectMeta, Rec } from '@/api/types';
import { Composer } from '@/fields/follow/Composer';
import { CommentBox } from '@/features/talk/CommentBox';
import { CommentItem } from '@/features/talk/CommentItem';
import { useTalk } from '@/features/talk/text';
import * as fmt from '@/shared/format';
import { useLang, useT, type TextKey } from '@/shared/i18n';
import { Icon } from '@/shared/icons';
import { SkeletonRows } from '@/shared/ui';
import { ChangeItem } from './ChangeItem';
import { kinds, type Item, type Kind } from './items';
import { RecItem } from './RecItem';
import { useTimeline } from './useTimeline';
import { WaitingNotes } from './Waiting';

const names: Record<Kind, TextKey> = { follow: 'timeline.follow', discuss: 'timeline.discuss', plan: 'timeline.plan', talk: 'timeline.talk', file: 'timeline.file', change: 'timeline.change' };

function holds(it: Item, q: string): boolean {
  const hay = it.rec ? [...(it.replies ?? []).map((r) => String(r['body'] ?? '')), ...['content', 'subject', 'body', 'title', 'file_name', 'description'].map((f) => it.rec[f]).filter((v) => typeof v === 'string')].join(' ') : JSON.stringify(it.entry.changes);
  return hay.toLowerCase().includes(q.toLowerCase());
}

/** What happened, newest first, from every object that keeps a part of it; the composer on top is always open. */
export function Timeline({ object, rec, composer }: { object: ObjectMeta; rec: Rec; composer: boolean }) {
  const t = useT();
  const lang = useLang();
  const [only, setOnly] = useState<Kind | 'all'>('all');
  const [more, setMore] = useState(1);
  const [q, setQ] = useState<string | null>(null);
  const { items, titles, pending, missing, hasMore, nextHistory } = useTimeline(object, rec, more);
  const counts = useMemo(() => new Map(kinds.map((k) => [k, items.filter((i) => i.kind === k).length])), [items]);
  const shown = items.filter((i) => (only === 'all' || i.kind === only) && (!q || holds(i, q)));
  const periods = shown.map((it) => (it.at.getTime() > Date.now() + 60_000 ? t('timeline.ahead') : fmt.periodOf(it.at, lang)));
  return (
    <div className="timeline">
      <h2 className="sr">{t('record.timeline')}</h2>
      <Write object={object} rec={rec} follow={composer} />
      <div className="tl-tabs" role="group" aria-label={t('timeline.filter')}>
        {(['all', ...kinds.filter((k) => (counts.get(k) ?? 0) > 0 || k === only)] as const).map((k) => {
          const n = k === 'all' ? items.length : (counts.get(k) ?? 0);
          const text = k === 'all' ? t('timeline.all') : t(names[k]);
          return (
            <button key={k} type="button" className={only === k ? 'chip on' : 'chip plain'} aria-pressed={only === k} onClick={() => setOnly(k)}>
              {only === k ? <b>{text}</b> : text} <span className="num">{n}{hasMore && n > 0 ? '+' : ''}</span>
            </button>
          );
        })}
        <span className="sp" />
        {q === null ? (
          <button type="button" className="tap" aria-label={t('timeline.search')} title={t('timeline.search')} onClick={() => setQ('')}><Icon name="search" /></button>
        ) : (
          <span className="tl-search">
            {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- opened by the person's own click on the magnifier */}
            <input autoFocus value={q} placeholder={t('timeline.search')} aria-label={t('timeline.search')} onChange={(e) => setQ(e.target.value)} onKeyDown={(e) => { if (e.key === 'Escape') { e.stopPropagation(); setQ(null); } }} />
            <button type="button" className="tap" aria-label={t('act.close')} onClick={() => setQ(null)}><Icon name="x" size={14} /></button>
          </span>
        )}
      </div>
      <WaitingNotes at={{ object: object.name, id: rec.id }} />
      <ul className="tl" aria-label={t('record.timeline')}>
        {shown.map((it, i) => {
          const p = periods[i];
          const head = p !== periods[i - 1];
          return (
            <li key={it.key} className={head ? 'first' : ''}>
              {head && <h3 className="dayl">{p}</h3>}
              {it.rec && it.object === 'comment' ? <CommentItem rec={it.rec} replies={it.replies ?? []} at={{ object: object.name, id: rec.id }} title={titleOf(object, rec)} /> : it.rec ? <RecItem item={it} home={rec.id} /> : <ChangeItem object={object} rec={rec} entry={it.entry} at={it.at} titles={titles} />}
            </li>
          );
        })}
      </ul>
      {pending && items.length === 0 && <SkeletonRows rows={4} />}
      {missing && !pending && <p className="mut s13" style={{ padding: '12px 0' }}>{t('timeline.missing')}</p>}
      {shown.length === 0 && !pending && !missing && <p className="mut s13" style={{ padding: '12px 0' }}>{q ? t('timeline.noHit') : t('timeline.none')}</p>}
      {hasMore && <button type="button" className="btn s" onClick={() => { setMore((n) => n + 1); nextHistory(); }}>{t('timeline.more')}</button>}
    </div>
  );
}

/** What one writes on top: a follow-up of the customer, or words to colleagues. */
function Write({ object, rec, follow }: { object: ObjectMeta; rec: Rec; follow: boolean }) {
  const t = useTalk();
  const model = useModel();
  const talk = discussable(object) && model.object('comment')?.rights.create === true;
  const [mode, setMode] = useState<'follow' | 'discuss'>('follow');
  const at = { object: object.name, id: rec.id };
  if (!talk) return follow ? <Composer object={object} rec={rec} /> : null;
  if (!follow) return <CommentBox at={at} title={titleOf(object, rec)} />;
  return (
    <>
      <div className="seg talk-modes" role="group" aria-label={t('mode')}>
        {(['follow', 'discuss'] as const).map((m) => (
          <button key={m} type="button" aria-pressed={mode === m} onClick={() => setMode(m)}><Icon name={m === 'follow' ? 'edit' : 'chat'} size={14} />{t(m)}</button>
        ))}
      </div>
      {mode === 'follow' ? <Composer object={object} rec={rec} /> : <CommentBox at={at} title={titleOf(object, rec)} autoFocus />}
    </>
  );
}
