import { useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { plural, type Model } from '@/api/model';
import { useModel } from '@/api/queries';
import { composing, layered, typing } from '@/shared/hotkeys';
import { useLang, useT } from '@/shared/i18n';

const letters: readonly [letter: string, object: string][] = [
  ['a', 'account'], ['c', 'contact'], ['l', 'lead'], ['o', 'opportunity'], ['p', 'product'], ['t', 'task'], ['e', 'event'], ['f', 'follow_up'], ['v', 'visit'],
];
const WAIT_MS = 1500;

/** Where `G` and a letter lead for this reader. */
export function goTargets(model: Model): { letter: string; path: string; object?: string }[] {
  const seen = new Set(model.navigation().flatMap((a) => a.objects).map((o) => o.name));
  return [{ letter: 'h', path: '/' }, ...letters.filter(([, o]) => seen.has(o)).map(([letter, object]) => ({ letter, path: `/o/${object}`, object })), { letter: 's', path: '/settings' }, { letter: 'b', path: '/settings/bin' }];
}

/** `G`, then a letter: goes. While it waits for the letter it says which there are. */
export function GoKeys() {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const navigate = useNavigate();
  const [waiting, setWaiting] = useState(false);
  const targets = useMemo(() => goTargets(model), [model]);
  useEffect(() => {
    if (!waiting) return;
    const timer = setTimeout(() => setWaiting(false), WAIT_MS);
    return () => clearTimeout(timer);
  }, [waiting]);
  useEffect(() => {
    // Before every other key of the page, so that the second letter is not also a command of a list.
    const onKey = (e: KeyboardEvent) => {
      if (composing(e) || e.ctrlKey || e.metaKey || e.altKey || typing(e.target) || layered()) return;
      const key = e.key.toLowerCase();
      if (waiting) {
        setWaiting(false);
        const to = targets.find((x) => x.letter === key);
        if (!to && key !== 'escape') return;
        e.preventDefault();
        e.stopPropagation();
        if (to) void navigate({ to: to.path });
      } else if (key === 'g' && !e.shiftKey) {
        e.preventDefault();
        setWaiting(true);
      }
    };
    document.addEventListener('keydown', onKey, true);
    return () => document.removeEventListener('keydown', onKey, true);
  }, [waiting, targets, navigate]);
  if (!waiting) return null;
  const name = (x: (typeof targets)[number]) => {
    const o = x.object ? model.object(x.object) : undefined;
    return o ? plural(o, lang) : x.path === '/' ? t('home.title') : x.path === '/settings' ? t('settings.title') : t('settings.bin');
  };
  return (
    <div className="gokeys" role="status">
      {targets.map((x) => <span key={x.letter}><kbd>{x.letter.toUpperCase()}</kbd> {name(x)}</span>)}
    </div>
  );
}
