import { useState } from 'react';
import { again, discard, putBack, waiting, type Waiting as Note } from '@/api/kept/outbox';
import { reworded, textOf, UNSURE } from '@/api/kept/queue';
import { label } from '@/api/model';
import { words } from '@/api/problem';
import { Problem } from '@/api/client';
import { useModel } from '@/api/queries';
import { followIcons } from '@/fields/follow/icons';
import { useTalk } from '@/features/talk/text';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { useStore } from '@/shared/store';
import { toast } from '@/shared/toast';
import { Tag } from '@/shared/ui';

/** What one wrote on this record and the server has not got yet; above the timeline until it stands in it. */
export function WaitingNotes({ at }: { at: { object: string; id: string } }) {
  const t = useT();
  const mine = useStore(waiting).filter((w) => w.on.object === at.object && w.on.id === at.id);
  if (mine.length === 0) return null;
  return (
    <section className="tl-wait" aria-label={t('wait.title')}>
      <ul className="tl">
        {mine.toReversed().map((w) => <li key={w.id}><One note={w} /></li>)}
      </ul>
    </section>
  );
}

function One({ note }: { note: Note }) {
  const t = useT();
  const talk = useTalk();
  const lang = useLang();
  const model = useModel();
  const [text, setText] = useState<string | null>(null);
  const written = new Date(note.written);
  const kind = typeof note.body['follow_type'] === 'string' ? note.body['follow_type'] : '';
  const what = note.object === 'comment' ? talk('discuss') : label(model.pick(model.field('follow_up', 'follow_type')?.picklist, kind)?.label, lang, '') || talk('follow');
  const refused = note.refused;
  const why = refused && words(new Problem({ ...refused, status: refused.status }), lang, note.object, model);
  const planned = typeof note.body['next_follow_at'] === 'string' ? new Date(note.body['next_follow_at']) : null;
  const drop = () => void discard(note.id).then(() => toast(t('wait.discarded'), { undo: () => void putBack(note) }));
  const resend = (words: string) => void again(note, (now, id) => reworded(now, words, id)).then(() => setText(null));
  return (
    <div className="tl-item">
      <span className={refused ? 'av warn' : 'av grey'} aria-hidden="true"><Icon name={note.object === 'comment' ? 'chat' : (followIcons[kind] ?? 'chat')} size={14} /></span>
      <div className="col">
        <div className="tl-h">
          <span className="sec el">{what}</span>
          <time dateTime={written.toISOString()} title={fmt.exact(written)}>{fmt.dateTimeWords(written, lang)}</time>
        </div>
        {text === null ? <p className="pre">{textOf(note)}</p> : (
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- opened by the person's own click
          <textarea className="tl-wait-in" autoFocus rows={3} maxLength={20_000} value={text} aria-label={t('wait.edit')} onChange={(e) => setText(e.target.value)} />
        )}
        {why && <p className="s12 late" role="status">{why.lines.length > 0 ? why.lines.join(' ') : why.title}</p>}
        <div className="row tl-foot">
          <Tag colour={refused ? 'red' : undefined}>{t(refused ? 'wait.refused' : 'wait.title')}</Tag>
          {planned && <Tag>{t('follow.nextAt', { time: fmt.dateTimeWords(planned, lang) })}</Tag>}
          <span className="sp" />
          {refused && text === null && refused.code !== UNSURE && <button type="button" className="btn s q" onClick={() => setText(textOf(note))}>{t('wait.edit')}</button>}
          {refused && <button type="button" className="btn s" disabled={text !== null && !text.trim()} onClick={() => resend((text ?? textOf(note)).trim())}>{t('wait.again')}</button>}
          <button type="button" className="btn s q" onClick={drop}>{t('wait.discard')}</button>
        </div>
      </div>
    </div>
  );
}
