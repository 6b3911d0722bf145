import { useEffect, useRef, useState } from 'react';
import { sessionOver } from '@/api/client';
import { connection, reconnect } from '@/api/live';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { useStore } from '@/shared/store';

/** One line under the top: since when nothing new has come, and the way back; one green line when it is back. */
export function Offline() {
  const t = useT();
  const lang = useLang();
  const { lost } = useStore(connection);
  const over = useStore(sessionOver);
  const [late, setLate] = useState(false);
  const [back, setBack] = useState(false);
  const was = useRef(false);
  useEffect(() => {
    if (!lost) {
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
  if (!lost || !late) return null;
  return (
    <div className="offline" role="status">
      <Icon name="wifi" />
      <span>{t('state.offline', { time: fmt.dateTimeWords(lost, lang) })}</span>
      <span className="sp" />
      <button type="button" className="link" onClick={reconnect}>{t('act.retry')}</button>
    </div>
  );
}
