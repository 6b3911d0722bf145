import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { write } from '@/api/kept/outbox';
import { keys, useModel, wroteMyself } from '@/api/queries';
import { tell } from '@/api/problem';
import type { Rec } from '@/api/types';
import { useLang, useT } from '@/shared/i18n';
import { Icon } from '@/shared/icons';
import { local } from '@/shared/store';
import { toast } from '@/shared/toast';
import { MentionInput } from './MentionInput';
import { called, type Person } from './mentions';
import { useTalk } from './text';
import './talk.css';

interface Props {
  at: { object: string; id: string };
  /** What the record is called, for words that wait. */
  title: string;
  /** Answers a comment. */
  parent?: { id: string; name: string };
  /** Changes a comment of one's own. */
  old?: { id: string; body: string; people: Person[]; version: number };
  autoFocus?: boolean;
  onDone?: () => void;
}

interface Draft {
  text: string;
  picked: Person[];
}

function kept(key: string): Draft {
  try {
    const d = JSON.parse(local.get(key) ?? '') as Draft;
    return { text: String(d.text ?? ''), picked: Array.isArray(d.picked) ? d.picked : [] };
  } catch {
    return { text: '', picked: [] };
  }
}

/** Says something on a record. What was typed survives a reload; who is called and does not see the record is named before and after. */
export function CommentBox({ at, title, parent, old, autoFocus, onDone }: Props) {
  const t = useTalk();
  const page = useT();
  const lang = useLang();
  const model = useModel();
  const qc = useQueryClient();
  const key = `rapport.comment.${parent?.id ?? at.id}`;
  const [draft, setDraft] = useState<Draft>(() => (old ? { text: old.body, picked: old.people } : kept(key)));
  const [busy, setBusy] = useState(false);
  const set = (next: (now: Draft) => Draft) => setDraft((now) => {
    const made = next(now);
    if (!old) local.set(key, made.text ? JSON.stringify(made) : null);
    return made;
  });
  const people = called(draft.text, draft.picked);
  const join = (names: string[]) => names.join(lang === 'zh-CN' ? '、' : ', ');
  const blind = join(people.filter((p) => !p.sees).map((p) => p.name));
  const send = async () => {
    const body = draft.text.trim();
    if (!body || busy) return;
    setBusy(true);
    try {
      const mentions = people.map((p) => p.id);
      const made = old
        ? await api.patch<Rec>(`/comment/${old.id}`, { body, mentions }, { 'If-Match': `"${old.version}"` })
        : await write({ object: 'comment', on: { ...at, title }, body: { record: at, body, mentions, ...(parent ? { parent_id: parent.id } : {}) } });
      if (made) wroteMyself('comment', made.id, made.version);
      const deaf = (Array.isArray(made?.$warnings) ? (made.$warnings as { code?: string; name?: string }[]) : []).filter((w) => w.code === 'mention.no_access').map((w) => w.name ?? '');
      if (!old) local.set(key, null);
      setDraft({ text: '', picked: [] });
      toast(!made ? page('wait.saved') : deaf.length ? t('notTold', { names: join(deaf) }) : t('sent'));
      onDone?.();
    } catch (e) {
      tell(e, lang, 'comment', model, t('notSent'));
    } finally {
      setBusy(false);
      void qc.invalidateQueries({ queryKey: keys.lists('comment') });
    }
  };
  return (
    <form className={parent || old ? 'comp talk-box small' : 'comp talk-box'} onSubmit={(e) => { e.preventDefault(); void send(); }}>
      <MentionInput at={at} value={draft.text} placeholder={parent ? t('replyTo', { name: parent.name }) : t('placeholder')} autoFocus={autoFocus === true} onLeave={onDone} onChange={(text) => set((now) => ({ ...now, text }))} onPick={(p) => set((now) => ({ ...now, picked: [...now.picked, p] }))} onSend={() => void send()} />
      {blind && <p className="s12 talk-blind" role="status"><Icon name="alert" size={14} />{t('noAccessLong', { names: blind })}</p>}
      <div className="row comp-foot">
        <span className="sp" />
        <button type="submit" className="btn p s" disabled={!draft.text.trim() || busy}>{t('send')}<kbd aria-hidden="true">Ctrl ↵</kbd></button>
      </div>
    </form>
  );
}
