import { createStore } from '@/shared/store';

/** What the session tells while an administrator sees as somebody else. */
export interface ViewAs {
  by: { id: string; name: string };
  until: string;
}

/** Set while this page shows what somebody else sees. */
export const viewAs = createStore<ViewAs | null>(null);
const BACK = 'rapport.viewAs.back';

/** Other pages of this browser share the session: they ask anew who they are. */
const channel = typeof BroadcastChannel === 'function' ? new BroadcastChannel('rapport.viewAs') : null;
export function onViewAsElsewhere(then: () => void): () => void {
  channel?.addEventListener('message', then);
  return () => channel?.removeEventListener('message', then);
}

/** Notes the session's word, for the page's styles too: what lies above everything leaves room for the banner. */
export function noteViewAs(next: ViewAs | null): void {
  const now = viewAs.get();
  if (now?.until !== next?.until || now?.by.id !== next?.by.id) viewAs.set(next);
  if (next) document.documentElement.dataset['viewAs'] = 'on';
  else delete document.documentElement.dataset['viewAs'];
}

/** Everything the page holds was somebody else's: it begins anew. */
function leaveTo(path: string): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel of this origin, not a window
  channel?.postMessage('changed');
  location.assign(path);
}

/** After the server has begun it: the person's own first page, and the way back is kept. */
export function beganViewAs(): void {
  try {
    sessionStorage.setItem(BACK, location.pathname + location.search);
  } catch {
    // the way back is then the first page
  }
  leaveTo('/');
}

/** Ends it on the server and goes back to where one was; false when the server could not be told. */
export async function endViewAs(): Promise<boolean> {
  const answer = await fetch('/api/v1/session/view-as', { method: 'DELETE', credentials: 'same-origin' }).catch(() => undefined);
  if (!answer || (!answer.ok && answer.status !== 401)) return false;
  let back: string | null = null;
  try {
    back = sessionStorage.getItem(BACK);
    sessionStorage.removeItem(BACK);
  } catch {
    // see above
  }
  leaveTo(back?.startsWith('/') && !back.startsWith('//') ? back : '/');
  return true;
}
