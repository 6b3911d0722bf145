import { useQuery } from '@tanstack/react-query';
import { call, resumeSession } from '@/api/client';
import { client, useSession } from '@/api/queries';
import type { Session } from '@/api/types';
import { Dialog } from '@/shared/Dialog';
import { useT } from '@/shared/i18n';
import { SignInFields, useSignIn } from './SignIn';
import './auth.css';

/** The session is over: the page and what was typed stay, sign-in happens in place. */
export default function SignInAgain() {
  const t = useT();
  const session = useSession();
  const setup = useQuery({ queryKey: ['setup'], queryFn: () => call<{ demo?: boolean }>('/setup', { anonymous: true }) });
  const user = session.data?.user;
  // Nobody goes on with the page of another: for somebody else it begins anew.
  const back = async () => {
    const now = await call<Session>('/session', { anonymous: true, fresh: true });
    if (user && now.user.id !== user.id) return location.assign('/');
    resumeSession();
    // What was kept on the device went with the old session.
    void client.invalidateQueries();
  };
  const form = useSignIn(back);
  const leave = () => location.assign('/');
  const asDemo = async () => {
    await call('/demo/session', { method: 'POST', body: { user_id: user?.id }, anonymous: true });
    await back();
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
