import { Dialog } from '@/shared/Dialog';
import { Icon } from '@/shared/icons';
import { useT } from '@/shared/i18n';
import { toast } from '@/shared/toast';
import { useA } from '../text';

export interface Invitation {
  secret: string;
  path: string;
  valid_for_seconds: number;
}

/** The link a person signs in with for the first time; shown once, to be sent by whatever way they are reached. */
export function InviteLink({ name, invitation, onClose }: { name: string; invitation: Invitation; onClose: () => void }) {
  const a = useA();
  const t = useT();
  const link = location.origin + invitation.path;
  return (
    <Dialog title={a('invite.title', { name })} text={a('invite.text', { days: Math.round(invitation.valid_for_seconds / 86_400) })} onClose={onClose} foot={<><span className="sp" /><button type="button" className="btn" onClick={onClose}>{t('act.close')}</button><button type="button" className="btn p" onClick={() => void navigator.clipboard.writeText(link).then(() => toast(t('settings.copied')))}><Icon name="copy" />{a('invite.copy')}</button></>}>
      <input className="adm-in" readOnly aria-label={a('invite.link')} data-autofocus value={link} onFocus={(e) => e.target.select()} />
    </Dialog>
  );
}
