import { Link, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { sessionOver } from '@/api/client';
import { send, waiting } from '@/api/kept/outbox';
import { asOf, offline } from '@/api/kept/port';
import { connection, reconnect } from '@/api/live';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { useStore } from '@/shared/store';

/**
 * One line under the top: since when nothing new has come, what waits to be sent, and the way back; one green line when it is back. Online it
 * stays for what the server refused.
 */
export function Offline() {
  const t = useT();
  const lang = useLang();
  const { lost } = useStore(connection);
  const over = useStore(sessionOver);
  const [late, setLate] = useState(false);
  const [back, setBack] = useState(false);
  const was = useRef(false);
  const path = useRouterState({ select: (s) => s.location.pathname });
  const kept = useStore(asOf);
  const notes = useStore(waiting);
  useEffect(() => {
    if (!lost) {
      void send();
      setLate(false);
      if (!was.current) return;
      was.current = false;
      setBack(true);
      const timer = setTimeout(() => setBack(false), 3000);
      return () => clearTimeout(timer);
    }
    setBack(false);
    // A blink of the network is no news.
    const timer = setTimeout(() => {
      was.current = true;
      setLate(true);
    }, navigator.onLine ? 2500 : 0);
    return () => clearTimeout(timer);
  }, [lost]);
  useEffect(() => {
    const gone = () => connection.set((now) => (now.lost ? now : { lost: new Date() }));
    addEventListener('offline', gone);
    addEventListener('online', reconnect);
    return () => {
      removeEventListener('offline', gone);
      removeEventListener('online', reconnect);
    };
  }, []);
  // Without a session nothing comes either; the sign-in in place says so already.
  if (over) return null;
  if (back) return <div className="offline back" role="status"><Icon name="check" />{t('state.back')}</div>;
  const refused = notes.filter((w) => w.refused);
  const count = notes.length - refused.length;
  const away = lost !== null && (late || kept.size > 0);
  if (!away && refused.length === 0) return null;
  const at = kept.get(path);
  // A page that was opened without a network has heard nothing itself: it is as old as what was kept of it.
  const since = at ? new Date(at) : kept.size === 0 ? lost : null;
  const gone = offline();
  const to = (w: (typeof notes)[number] | undefined, text: string) => w && <Link className="link" to="/o/$object/$id" params={{ object: w.on.object, id: w.on.id }}>{text}</Link>;
  return (
    <div className="offline" role="status">
      {away && <Icon name="wifi" />}
      {away && <span>{!gone ? t('state.offline', { time: fmt.dateTimeWords(lost, lang) }) : since ? t('state.offlineAsOf', { time: since.toDateString() === new Date().toDateString() ? fmt.clock(since) : fmt.dateTimeWords(since, lang) }) : t('state.offlineNow')}</span>}
      {away && count > 0 && to(notes.find((w) => !w.refused), t('wait.count', { count }))}
      {refused.length > 0 && <>{!away && <Icon name="alert" />}{to(refused[0], t('wait.refusedCount', { count: refused.length }))}</>}
      <span className="sp" />
      {away && <button type="button" className="link" onClick={reconnect}>{t('act.retry')}</button>}
    </div>
  );
}
