import { useQuery } from '@tanstack/react-query';
import { call, resumeSession } from '@/api/client';
import { useSession } from '@/api/queries';
import { Dialog } from '@/shared/Dialog';
import { useT } from '@/shared/i18n';
import { SignInFields, useSignIn } from './SignIn';
import './auth.css';

/** The session is over: the page and what was typed stay, sign-in happens in place. */
export default function SignInAgain() {
  const t = useT();
  const session = useSession();
  const setup = useQuery({ queryKey: ['setup'], queryFn: () => call<{ demo?: boolean }>('/setup', { anonymous: true }) });
  const form = useSignIn(resumeSession);
  const user = session.data?.user;
  const leave = () => location.assign('/');
  const asDemo = async () => {
    await call('/demo/session', { method: 'POST', body: { user_id: user?.id }, anonymous: true });
    resumeSession();
  };
  return (
    <Dialog
      title={t('auth.again')}
      text={t('auth.againText')}
      width={420}
      onClose={leave}
      onSubmit={() => void form.submit()}
      foot={
        <>
          {setup.data?.demo && user && <button type="button" className="btn s" onClick={() => void asDemo()}>{t('auth.asDemo', { name: user.name })}</button>}
          <span className="sp" />
          <button type="button" className="btn q" onClick={leave}>{t('auth.leave')}</button>
          <button type="submit" className="btn p" disabled={form.busy}>{t('auth.signIn')}</button>
        </>
      }
    >
      <SignInFields form={form} />
    </Dialog>
  );
}
