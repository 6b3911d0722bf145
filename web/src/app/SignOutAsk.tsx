import { textOf } from '@/api/kept/queue';
import { waiting } from '@/api/kept/outbox';
import { closeLayer } from '@/shared/commands';
import { Dialog } from '@/shared/Dialog';
import { useT } from '@/shared/i18n';
import { useStore } from '@/shared/store';
import { leave } from './me';

/** Before somebody signs out over notes that were not sent: they cannot stay on a device that others may use. */
export default function SignOutAsk() {
  const t = useT();
  const all = useStore(waiting);
  return (
    <Dialog
      title={t('wait.leaveTitle')}
      text={t('wait.leaveText', { count: all.length })}
      width={420}
      onClose={closeLayer}
      foot={
        <>
          <span className="sp" />
          <button type="button" className="btn" data-autofocus onClick={closeLayer}>{t('wait.stay')}</button>
          <button type="button" className="btn p" onClick={() => void leave()}>{t('wait.leave')}</button>
        </>
      }
    >
      <ul>
        {all.map((w) => <li key={w.id} className="el s13"><b>{w.on.title}</b> <span className="mut">{textOf(w)}</span></li>)}
      </ul>
    </Dialog>
  );
}
