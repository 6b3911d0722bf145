import type { AnyRouter } from '@tanstack/react-router';
import { layered } from '@/shared/hotkeys';

/**
 * After a change of place focus stands on the heading of the new page, so that a screen reader says where one is and Tab goes on from
 * there. What the page or the person has focused meanwhile is left alone. The first page of a visit is read out by the browser itself,
 * except after signing in (`entered`).
 */
export function announcePlaces(router: AnyRouter, entered: boolean): () => void {
  let left: Element | null = null;
  let watch: MutationObserver | undefined;
  const arrive = () => {
    watch?.disconnect();
    const stand = (): boolean => {
      const sheet = document.getElementById('sheet');
      const heading = sheet?.querySelector('h1');
      if (!heading) return false;
      const now = document.activeElement;
      if (layered() || (now !== left && sheet?.contains(now))) return true;
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
      return true;
    };
    if (stand()) return;
    // The heading comes with its record.
    watch = new MutationObserver(() => { if (stand()) watch?.disconnect(); });
    watch.observe(document.body, { childList: true, subtree: true });
  };
  if (entered) arrive();
  const offs = [
    router.subscribe('onBeforeNavigate', (e) => { if (e.pathChanged) left = document.activeElement; }),
    router.subscribe('onRendered', (e) => { if (e.fromLocation && e.pathChanged) arrive(); }),
    () => watch?.disconnect(),
  ];
  return () => offs.forEach((off) => off());
}
