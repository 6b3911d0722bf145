import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useUnreadCount } from '@/api/notices';
import { closeLayer, layer } from '@/shared/commands';
import { useT } from '@/shared/i18n';
import { Icon } from '@/shared/icons';
import { useStore } from '@/shared/store';
import { plainTitle } from '@/shared/title';
import './bell.css';

const Panel = lazy(() => import('./Panel'));

/** How many notifications are unread. */
export const useUnread = (): number => useUnreadCount() ?? 0;

/** Says to a screen reader that one more came. */
export function NewNotices() {
  const t = useT();
  const n = useUnreadCount();
  const before = useRef(n);
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (n !== undefined && before.current !== undefined && n > before.current) setSaid(t('notify.count', { count: n }));
    before.current = n;
  }, [n, t]);
  return <span className="sr" role="status">{said}</span>;
}

/** As it stands on the bell: at most two digits. */
export function short(n: number): string {
  return n > 99 ? '99+' : String(n);
}

/** The window's title begins with the count, whatever page sets it. */
export function useTitleBadge(n: number): void {
  useEffect(() => {
    const put = () => {
      const plain = plainTitle();
      const want = n > 0 ? `(${short(n)}) ${plain}` : plain;
      if (document.title !== want) document.title = want;
    };
    put();
    const watch = new MutationObserver(put);
    const title = document.querySelector('title');
    if (title) watch.observe(title, { childList: true, characterData: true, subtree: true });
    return () => watch.disconnect();
  }, [n]);
}

/** The bell with its count; opens what one was told of. */
export function Bell({ wide, onGone }: { wide?: boolean; onGone?: () => void }) {
  const t = useT();
  const n = useUnread();
  useTitleBadge(n);
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const label = n > 0 ? t('notify.count', { count: n }) : t('notify.title');
  return (
    <>
      <button type="button" className={wide ? 'btn l bell-wide' : 'tap bell'} aria-haspopup="dialog" aria-expanded={anchor !== null} aria-label={label} title={label} data-bell onClick={(e) => setAnchor(anchor ? null : e.currentTarget)}>
        <Icon name="bell" />
        {wide && <span className="el">{t('notify.title')}</span>}
        {n > 0 && <span className="bell-n num" aria-hidden="true">{short(n)}</span>}
      </button>
      <Suspense>{anchor && <Panel anchor={anchor} onClose={(went) => { setAnchor(null); if (went) onGone?.(); }} />}</Suspense>
    </>
  );
}

/** What one was told of, asked for from elsewhere (the palette): under the bell, on the phone from below. */
export function Notices() {
  const asked = useStore(layer)?.kind === 'notices';
  return <Suspense>{asked && <Panel anchor={document.querySelector<HTMLElement>('[data-bell]')} onClose={closeLayer} />}</Suspense>;
}
