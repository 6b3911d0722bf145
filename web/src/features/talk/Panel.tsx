import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Fragment, type KeyboardEvent, type ReactNode } from 'react';
import { expanded, inner, label, plural, type Model } from '@/api/model';
import { api } from '@/api/client';
import { freshNotices, readNotices } from '@/api/notices';
import { keys, useModel } from '@/api/queries';
import { rest } from '@/api/rest';
import { tell } from '@/api/problem';
import type { Rec } from '@/api/types';
import { Dialog } from '@/shared/Dialog';
import * as fmt from '@/shared/format';
import { useLang, type Lang } from '@/shared/i18n';
import { Icon } from '@/shared/icons';
import { Pop } from '@/shared/Pop';
import { phone } from '@/shared/prefs';
import { useStore } from '@/shared/store';
import { Avatar } from '@/shared/ui';
import { useTalk } from './text';

type Key = Parameters<ReturnType<typeof useTalk>>[0];
const many = new Set(['comment', 'assigned', 'unanswered', 'recycle', 'waiting', 'shared', 'changed']);
const kinds = ['mention', 'comment', 'assigned', 'unanswered', 'recycle', 'waiting', 'shared', 'changed'];

/** A sentence with its names set apart: the text says where they stand, the page how they look. */
function Sentence({ text, names }: { text: string; names: Record<string, string> }): ReactNode {
  return text.split(/(⟦\w+⟧)/).map((p, i) => {
    const name = /^⟦(\w+)⟧$/.exec(p)?.[1];
    return <Fragment key={i}>{name ? <b>{names[name]}</b> : p}</Fragment>;
  });
}

/** What a notification says, in the words of now: nothing of the record is kept in it. */
export function useWords() {
  const t = useTalk();
  return (n: Rec, model: Model, lang: Lang) => {
    const at = n['record'] as { object?: string; id?: string } | null;
    const o = at?.object ? model.object(at.object) : undefined;
    const count = typeof n['count'] === 'number' ? n['count'] : 1;
    const kind = kinds.includes(String(n['kind'])) ? String(n['kind']) : 'changed';
    const names: Record<string, string> = {
      who: expanded(n, 'updated_by')?.title ?? t('system'),
      record: expanded(n, 'record')?.title || t('record'),
      object: o ? inner(plural(o, lang), lang) : t('record'),
      field: at?.object ? inner(label(model.field(at.object, String(n['field'] ?? ''))?.label, lang, ''), lang) : '',
    };
    const hole = (k: string) => `⟦${k}⟧`;
    const text = t(`n.${kind}${count > 1 && many.has(kind) ? '.many' : ''}` as Key, { who: hole('who'), record: hole('record'), object: names['object'] ?? '', field: names['field'] ?? '', count });
    return { text, names, at, bulk: count > 1 && (kind === 'assigned' || kind === 'recycle' || kind === 'unanswered' || kind === 'shared') };
  };
}

/** What one was told of, unread first; a click reads it and goes there. */
export default function Panel({ anchor, onClose }: { anchor: HTMLElement | null; onClose: (went?: boolean) => void }) {
  const t = useTalk();
  const lang = useLang();
  const model = useModel();
  const small = useStore(phone);
  const navigate = useNavigate();
  const words = useWords();
  const list = useInfiniteQuery({
    queryKey: [...keys.notices, 'panel'],
    queryFn: ({ pageParam, signal }) => rest.get('/me/notifications', { query: { limit: 30, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const all = (list.data?.pages.flatMap((p) => p.data) ?? []) as Rec[];
  const groups = [{ key: 'unread' as const, rows: all.filter((n) => !n['read_at']) }, { key: 'earlier' as const, rows: all.filter((n) => n['read_at']) }].filter((g) => g.rows.length > 0);
  const go = (n: Rec) => {
    const w = words(n, model, lang);
    if (!n['read_at']) void api.post(`/me/notifications/${n.id}/read`).catch(() => undefined).finally(() => void freshNotices());
    onClose(true);
    if (!w.at?.object || !w.at.id) return;
    if (w.bulk) void navigate({ to: '/o/$object', params: { object: w.at.object } });
    else void navigate({ to: '/o/$object/$id', params: { object: w.at.object, id: w.at.id }, ...(typeof n['comment_id'] === 'string' ? { hash: `c-${n['comment_id']}` } : {}) });
  };
  // The button goes with what was unread: the layer takes the focus, so that Esc still closes it.
  const readAll = (button: HTMLElement) => {
    button.closest<HTMLElement>('.pop')?.focus();
    void readNotices().catch((e: unknown) => tell(e, lang, 'notification', model));
  };
  const move = (e: KeyboardEvent<HTMLElement>) => {
    const step = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0;
    if (!step) return;
    const items = [...e.currentTarget.querySelectorAll<HTMLButtonElement>('li button')];
    const now = items.indexOf(document.activeElement as HTMLButtonElement);
    e.preventDefault();
    items[now < 0 ? 0 : Math.min(items.length - 1, Math.max(0, now + step))]?.focus();
  };
  const acts = (
    <>
      {groups[0]?.key === 'unread' && <button type="button" className="btn s q" onClick={(e) => readAll(e.currentTarget)}><Icon name="check" />{t('readAll')}</button>}
      <button type="button" className="tap" aria-label={t('prefs')} title={t('prefs')} onClick={() => { onClose(true); void navigate({ to: '/settings/me', hash: 'notify' }); }}><Icon name="gear" /></button>
    </>
  );
  const body = (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- arrows move among the buttons inside
    <div className="notices" onKeyDown={move}>
      {!small && <div className="notices-h"><h2>{t('notices')}</h2>{acts}</div>}
      {small && <div className="notices-h"><span className="sp" />{acts}</div>}
      {groups.map((g) => (
        <section key={g.key} aria-label={t(g.key)}>
          <h3 className="notices-gp">{t(g.key)}</h3>
          <ul>
            {g.rows.map((n, i) => {
              const w = words(n, model, lang);
              const at = new Date(String(n['updated_at']));
              const said = expanded(n, 'comment_id')?.title;
              return (
                <li key={n.id}>
                  <button type="button" className={n['read_at'] ? 'read' : ''} {...(i === 0 && g === groups[0] ? { 'data-autofocus': true } : {})} onClick={() => go(n)}>
                    <Avatar name={w.names['who'] ?? ''} size="l" />
                    <span className="col" style={{ flex: 1 }}>
                      <span><Sentence text={w.text} names={w.names} /></span>
                      {said && <p>{said}</p>}
                      <time dateTime={at.toISOString()} title={fmt.exact(at)}>{fmt.dateTimeWords(at, lang)}</time>
                    </span>
                    {!n['read_at'] && <span className="sr">{t('unread')}</span>}
                    <span className="dot" aria-hidden="true" />
                  </button>
                </li>
              );
            })}
          </ul>
        </section>
      ))}
      {all.length === 0 && !list.isPending && <div className="notices-none"><b>{t('none')}</b><p className="s13 mut">{t('noneText')}</p></div>}
      {list.hasNextPage && <div className="notices-foot"><button type="button" className="btn s" onClick={() => void list.fetchNextPage()}>{t('more')}</button></div>}
    </div>
  );
  if (small) return <Dialog title={t('notices')} onClose={() => onClose()}>{body}</Dialog>;
  return <Pop anchor={anchor} onClose={() => onClose()} label={t('notices')} width={400}>{body}</Pop>;
}
