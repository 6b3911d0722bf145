import { useEffect, useRef, useState, type RefObject } from 'react';
import { api } from '@/api/client';
import { present, type Present } from '@/api/live';
import { viewAs } from '@/api/viewAs';
import { useStore } from '@/shared/store';
import { useLang } from '@/shared/i18n';
import { Avatar } from '@/shared/ui';
import { useTalk } from './text';
import './talk.css';

const BEAT_MS = 5000;
const MOST = 4;
const tab = Math.random().toString(36).slice(2, 12);

/** Says every few seconds that this page shows the record, and whether somebody writes in it; answers who else does. */
function usePresence(object: string, id: string, area: RefObject<HTMLElement | null>): Present[] {
  const key = `${object}/${id}`;
  const [people, setPeople] = useState<Present[]>([]);
  const told = useStore(present);
  const fromStream = told.get(key);
  // Whoever sees as somebody else is at no record: neither as that person nor as oneself.
  const away = useStore(viewAs) !== null;
  useEffect(() => {
    if (away) return;
    let writes = false;
    let stopped = false;
    const path = `/${object}/${id}/presence`;
    const beat = () => {
      if (document.visibilityState === 'hidden') return;
      void api.post<{ people: Present[] }>(path, { tab, editing: writes }).then((a) => {
        if (stopped) return;
        setPeople(a.people);
        present.set((now) => new Map(now).set(key, a.people));
      }, () => undefined);
    };
    const leave = () => {
      // Sent while the page goes away; without it the server notices after a few seconds.
      void fetch(`/api/v1${path}`, { method: 'POST', keepalive: true, credentials: 'same-origin', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ tab, leave: true }) }).catch(() => undefined);
    };
    const focus = () => {
      const el = document.activeElement;
      const now = Boolean(el?.matches('input, textarea, select, [contenteditable="true"]') && area.current?.contains(el));
      if (now !== writes) {
        writes = now;
        beat();
      }
    };
    const shown = () => (document.visibilityState === 'hidden' ? leave() : beat());
    const later = () => setTimeout(focus, 0);
    beat();
    const timer = setInterval(beat, BEAT_MS);
    document.addEventListener('focusin', focus);
    document.addEventListener('focusout', later);
    document.addEventListener('visibilitychange', shown);
    addEventListener('pagehide', leave);
    return () => {
      stopped = true;
      clearInterval(timer);
      document.removeEventListener('focusin', focus);
      document.removeEventListener('focusout', later);
      document.removeEventListener('visibilitychange', shown);
      removeEventListener('pagehide', leave);
      leave();
      present.set((now) => new Map([...now].filter(([k]) => k !== key)));
    };
  }, [object, id, key, area, away]);
  return fromStream ?? people;
}

/** The faces of those who look at the record now; who writes in it has a ring. */
export function Faces({ object, id }: { object: string; id: string }) {
  const t = useTalk();
  const lang = useLang();
  const box = useRef<HTMLElement | null>(null);
  useEffect(() => {
    box.current = document.querySelector<HTMLElement>('article.record');
  }, []);
  const people = usePresence(object, id, box);
  if (people.length === 0) return null;
  const say = t('here', { names: people.map((p) => (p.editing ? t('hereEdit', { name: p.name }) : p.name)).join(lang === 'zh-CN' ? '、' : ', ') });
  return (
    <span className="faces" role="img" aria-label={say} title={say}>
      {people.slice(0, MOST).map((p) => <span key={p.id} className={p.editing ? 'av-wrap edits' : 'av-wrap'}><Avatar name={p.name} /></span>)}
      {people.length > MOST && <span className="av grey">+{people.length - MOST}</span>}
    </span>
  );
}
