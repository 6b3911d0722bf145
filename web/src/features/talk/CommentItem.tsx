import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useRouterState } from '@tanstack/react-router';
import { api } from '@/api/client';
import { expanded, expandedAll } from '@/api/model';
import { keys, useModel, useSession } from '@/api/queries';
import { tell } from '@/api/problem';
import type { Rec } from '@/api/types';
import * as fmt from '@/shared/format';
import { useLang } from '@/shared/i18n';
import { Icon } from '@/shared/icons';
import { MenuButton } from '@/shared/Pop';
import { toast } from '@/shared/toast';
import { Avatar } from '@/shared/ui';
import { CommentBox } from './CommentBox';
import { parts } from './mentions';
import { useTalk } from './text';
import './talk.css';

/** A comment with its answers in the timeline of its record. */
export function CommentItem({ rec, replies, at, title }: { rec: Rec; replies: Rec[]; at: { object: string; id: string }; title: string }) {
  const t = useTalk();
  const [reply, setReply] = useState(false);
  const who = expanded(rec, 'created_by')?.title ?? '';
  return (
    <div className="tl-item talk">
      <Avatar name={who} />
      <div className="col">
        <One rec={rec} at={at} title={title} onReply={() => setReply(true)} />
        {replies.length > 0 && (
          <ul className="talk-replies">
            {replies.map((r) => (
              <li key={r.id} className="row">
                <Avatar name={expanded(r, 'created_by')?.title ?? ''} size="x" />
                <div className="col sp"><One rec={r} at={at} title={title} onReply={() => setReply(true)} /></div>
              </li>
            ))}
          </ul>
        )}
        {reply && <CommentBox at={at} title={title} parent={{ id: rec.id, name: who }} autoFocus onDone={() => setReply(false)} />}
        {!reply && replies.length > 0 && <button type="button" className="link s12 talk-reply" onClick={() => setReply(true)}>{t('reply')}</button>}
      </div>
    </div>
  );
}

function One({ rec, at, title, onReply }: { rec: Rec; at: { object: string; id: string }; title: string; onReply: () => void }) {
  const t = useTalk();
  const lang = useLang();
  const model = useModel();
  const session = useSession();
  const qc = useQueryClient();
  const [edit, setEdit] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const called = useRouterState({ select: (s) => s.location.hash === `c-${rec.id}` });
  useEffect(() => {
    if (called) box.current?.scrollIntoView({ block: 'center' });
  }, [called]);
  const me = session.data?.user;
  const mine = rec['created_by'] === me?.id;
  const written = new Date(String(rec.created_at));
  const body = String(rec['body'] ?? '');
  const people = expandedAll(rec, 'mentions');
  const remove = () => void api.delete(`/comment/${rec.id}`).then(() => toast(t('removed'))).catch((e: unknown) => tell(e, lang, 'comment', model)).finally(() => void qc.invalidateQueries({ queryKey: keys.lists('comment') }));
  const items = [
    ...(mine ? [{ key: 'edit', text: t('edit'), icon: 'edit' as const, run: () => setEdit(true) }] : []),
    ...(mine || me?.is_admin ? [{ key: 'delete', text: t('remove'), icon: 'trash' as const, danger: true, run: remove }] : []),
  ];
  return (
    <div ref={box} id={`c-${rec.id}`} className={called ? 'talk-one called' : 'talk-one'}>
      <div className="tl-h">
        <b>{expanded(rec, 'created_by')?.title ?? ''}</b>
        {Date.parse(String(rec['updated_at'])) - written.getTime() > 1000 && <span className="mut s12">{t('edited')}</span>}
        <span className="tl-menu row">
          <button type="button" className="tap" aria-label={t('reply')} title={t('reply')} onClick={onReply}><Icon name="chat" /></button>
          {items.length > 0 && <MenuButton className="tap" label={t('menu')} items={items}><Icon name="more" /></MenuButton>}
        </span>
        <time dateTime={written.toISOString()} title={fmt.exact(written)}>{fmt.dateTimeWords(written, lang)}</time>
      </div>
      {edit ? (
        <CommentBox at={at} title={title} old={{ id: rec.id, body, version: rec.version, people: people.map((p) => ({ id: p.id, name: p.title, sees: true })) }} autoFocus onDone={() => setEdit(false)} />
      ) : (
        <p className="pre talk-body">{parts(body, people.map((p) => p.title)).map((p, i) => (p.mention ? <span key={i} className="talk-at">{p.text}</span> : p.text))}</p>
      )}
    </div>
  );
}
