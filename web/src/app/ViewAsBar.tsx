import { useEffect, useState } from 'react';
import { useSession } from '@/api/queries';
import { endViewAs } from '@/api/viewAs';
import { timeOfDay } from '@/shared/format';
import { Icon } from '@/shared/icons';
import { useT } from '@/shared/i18n';
import { toastError } from '@/shared/toast';

const clock = (at: string) => {
  const d = new Date(at);
  return timeOfDay(d.getHours() * 60 + d.getMinutes());
};

/** Above everything while an administrator sees as somebody else: whose eyes, that nothing can be changed, and the way out. */
export function ViewAsBar() {
  const t = useT();
  const session = useSession().data;
  const [busy, setBusy] = useState(false);
  const until = session?.view_as?.until;
  useEffect(() => {
    if (!until) return;
    // Ends on the server by itself; the page goes back at that moment, not at the next click.
    const timer = setTimeout(() => void endViewAs(), Math.max(0, Date.parse(until) - Date.now()) + 500);
    return () => clearTimeout(timer);
  }, [until]);
  if (!session || !until) return null;
  const end = async () => {
    setBusy(true);
    if (!(await endViewAs())) {
      setBusy(false);
      toastError(t('error.network'));
    }
  };
  const name = session.user.name;
  return (
    <section className="view-as" aria-label={t('viewAs.title', { name })}>
      <Icon name="eye" />
      <p><b>{t('viewAs.title', { name })}</b><span className="view-as-off">{t('viewAs.off')}</span><span className="view-as-until">{t('viewAs.until', { time: clock(until) })}</span></p>
      <button type="button" className="btn s" disabled={busy} onClick={() => void end()}>{t('viewAs.end')}</button>
    </section>
  );
}
