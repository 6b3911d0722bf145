import { useQuery } from '@tanstack/react-query';
import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type Ref } from 'react';
import { api } from '@/api/client';
import { composing } from '@/shared/hotkeys';
import { Avatar } from '@/shared/ui';
import { put, typing, type Person } from './mentions';
import { useTalk } from './text';

interface Props {
  at: { object: string; id: string };
  value: string;
  placeholder: string;
  onChange: (text: string) => void;
  onPick: (person: Person) => void;
  onSend: () => void;
  onLeave?: (() => void) | undefined;
  inputRef?: Ref<HTMLTextAreaElement> | undefined;
  autoFocus?: boolean;
}

/** Where one writes to colleagues: an `@` offers them by name, pinyin or initials, and says who does not see the record. */
export function MentionInput({ at, value, placeholder, onChange, onPick, onSend, onLeave, autoFocus }: Props) {
  const t = useTalk();
  const list = useId();
  const box = useRef<HTMLTextAreaElement>(null);
  /** Where the caret stands once the chosen name is in the text. */
  const caret = useRef<number | null>(null);
  const [open, setOpen] = useState<{ from: number; q: string } | null>(null);
  const [asked, setAsked] = useState('');
  const [on, setOn] = useState(0);
  /** Chosen before the list for what was typed came: whoever stands first in it. */
  const [hasty, setHasty] = useState(false);
  const q = open?.q ?? '';
  useEffect(() => {
    const timer = setTimeout(() => setAsked(q.trim()), 120);
    return () => clearTimeout(timer);
  }, [q]);
  const found = useQuery({
    queryKey: ['mentionable', at.object, at.id, asked],
    queryFn: ({ signal }) => api.get<{ data: Person[] }>(`/${at.object}/${at.id}/mentionable`, { q: asked, limit: 8 }, signal),
    enabled: open !== null,
    staleTime: 15_000,
    placeholderData: (before) => before,
  });
  const people = found.data?.data ?? [];
  // Two words that are nobody's name are the sentence going on; a list of an earlier word picks nobody.
  const words = q.includes(' ');
  const fresh = asked === q.trim() && !found.isPlaceholderData && !found.isPending;
  const shown = open !== null && !(words && (!fresh || people.length === 0));
  const look = (el: HTMLTextAreaElement) => {
    const now = typing(el.value, el.selectionStart);
    setOpen(now);
    if (now?.q !== open?.q) {
      setOn(0);
      setHasty(false);
    }
  };
  const pick = (p: Person) => {
    const el = box.current;
    if (!el || !open) return;
    const done = put(value, el.selectionStart, open.from, p.name);
    onChange(done.text);
    onPick(p);
    setOpen(null);
    caret.current = done.caret;
  };
  // With the text itself, not a frame later: whoever types on at once types behind the name.
  useLayoutEffect(() => {
    if (caret.current === null) return;
    box.current?.focus();
    box.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  });
  useEffect(() => {
    if (!hasty || !fresh) return;
    setHasty(false);
    if (shown && people[0]) pick(people[0]);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once, when the list for what was typed has come
  }, [hasty, fresh]);
  const onKeyDown = (e: KeyboardEvent<HTMLTextAreaElement>) => {
    if (composing(e)) return;
    const chosen = shown && fresh && people.length > 0 ? people[Math.min(on, people.length - 1)] : undefined;
    if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) onSend();
    else if (chosen && (e.key === 'Enter' || e.key === 'Tab')) pick(chosen);
    else if (chosen && e.key === 'ArrowDown') setOn((on + 1) % people.length);
    else if (chosen && e.key === 'ArrowUp') setOn((on - 1 + people.length) % people.length);
    else if (shown && !fresh && (e.key === 'Enter' || e.key === 'Tab')) setHasty(true);
    else if (shown && e.key === 'Escape') setOpen(null);
    else if (onLeave && e.key === 'Escape') onLeave();
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  return (
    <div className="mention">
      <textarea
        ref={box}
        rows={1}
        value={value}
        maxLength={10_000}
        placeholder={placeholder}
        aria-label={placeholder}
        aria-autocomplete="list"
        {...(shown ? { 'aria-controls': list } : {})}
        {...(shown && people.length > 0 ? { 'aria-activedescendant': `${list}-${Math.min(on, people.length - 1)}` } : {})}
        {...(autoFocus ? { autoFocus: true, 'data-autofocus': true } : {})}
        onChange={(e) => { onChange(e.target.value); look(e.target); }}
        onClick={(e) => look(e.currentTarget)}
        onBlur={() => setTimeout(() => setOpen(null), 150)}
        onKeyDown={onKeyDown}
      />
      {shown && (
        <div id={list} role="listbox" aria-label={t('people')} className="mention-list">
          {people.map((p, i) => (
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the keys are heard where one types
            <div key={p.id} id={`${list}-${i}`} role="option" tabIndex={-1} aria-selected={i === on} className={i === on ? 'on' : ''} onMouseDown={(e) => e.preventDefault()} onMouseEnter={() => setOn(i)} onClick={() => pick(p)}>
              <Avatar name={p.name} />
              <span className="el">{p.name} {p.title && <span className="mut s12">{p.title}</span>}</span>
              {!p.sees && <span className="tag warn">{t('noAccess')}</span>}
            </div>
          ))}
          {people.length === 0 && !found.isFetching && <div role="option" tabIndex={-1} aria-selected={false} aria-disabled="true" className="mut s13">{t('nobody')}</div>}
        </div>
      )}
    </div>
  );
}
