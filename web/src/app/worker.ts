import { t } from '@/shared/i18n';
import { toast } from '@/shared/toast';

/** Registers the worker that keeps the shell, and asks before a newer release takes over: typed text is never lost to an update. */
export function keepShell(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  let asked = false;
  const ask = (waiting: ServiceWorker) => {
    if (asked || !navigator.serviceWorker.controller) return;
    asked = true;
    toast(t('update.here'), {
      stay: true,
      action: {
        text: t('update.do'),
        run: () => {
          navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
          // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker takes no origin
          waiting.postMessage('take-over');
        },
      },
    });
  };
  // It fetches what reading without a network needs: when the first page stands, not beside it.
  const idle = new Promise<void>((go) => void (typeof requestIdleCallback === 'function' ? requestIdleCallback(() => go(), { timeout: 4000 }) : setTimeout(go, 2000)));
  void idle.then(() => navigator.serviceWorker.register('/sw.js')).then((registration) => {
    if (registration.waiting) ask(registration.waiting);
    registration.addEventListener('updatefound', () => {
      const next = registration.installing;
      next?.addEventListener('statechange', () => {
        if (next.state === 'installed') ask(next);
      });
    });
    setInterval(() => void registration.update().catch(() => undefined), 30 * 60_000);
  }).catch(() => undefined);
}
