import { useEffect, useState } from 'react';
import { call, Problem } from '@/api/client';
import { fieldErrors, words } from '@/api/problem';
import { client } from '@/api/queries';
import { Icon, Logo } from '@/shared/icons';
import { setLang, useLang, useT } from '@/shared/i18n';
import './auth.css';

/** The way in by an invitation: choose a password, and one is signed in. The secret stands behind the `#`, so no log ever sees it. */
export default function Invitation() {
  const t = useT();
  const lang = useLang();
  const [secret] = useState(() => location.hash.slice(1));
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = `${t('invitation.title')} · ${t('app.name')}`;
  }, [t, lang]);
  const enter = () => {
    client.clear();
    location.replace('/');
  };
  const submit = async () => {
    if (password !== again) return setWrong(t('invitation.differ'));
    setBusy(true);
    setWrong(null);
    try {
      await call('/invitations/accept', { method: 'POST', body: { secret, password }, anonymous: true });
      enter();
    } catch (e) {
      // The link is spent once the password is set; who has a second step signs in with the new password as usual.
      if (e instanceof Problem && /totp/.test(e.code)) return enter();
      const by = e instanceof Problem ? Object.values(fieldErrors(e.body)) : [];
      setWrong(by.length ? by.join(' ') : words(e, lang).title);
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className="door">
      <div className="door-lang">
        <button type="button" lang="zh-CN" aria-pressed={lang === 'zh-CN'} onClick={() => setLang('zh-CN')}>简体中文</button>
        <button type="button" lang="en" aria-pressed={lang === 'en'} onClick={() => setLang('en')}>English</button>
      </div>
      <div className="door-sheet">
        <div className="door-head"><Logo size={32} /><span className="b">{t('app.name')}</span></div>
        {secret ? (
          <form className="door-form" onSubmit={(e) => { e.preventDefault(); void submit(); }}>
            <h1>{t('invitation.title')}</h1>
            <p className="sec">{t('invitation.text')}</p>
            {wrong && <p className="notice late" role="alert"><Icon name="alert" />{wrong}</p>}
            <div className="door-item">
              <label htmlFor="password">{t('settings.passwordNew')}</label>
              <input id="password" className="door-in" type="password" autoComplete="new-password" autoFocus value={password} aria-describedby="password-said" onChange={(e) => setPassword(e.target.value)} />
              <span id="password-said" className="mut s12">{t('auth.passwordHint')}</span>
            </div>
            <div className="door-item">
              <label htmlFor="again">{t('invitation.again')}</label>
              <input id="again" className="door-in" type="password" autoComplete="new-password" value={again} onChange={(e) => setAgain(e.target.value)} />
            </div>
            <button type="submit" className="btn p l" disabled={busy || !password || !again}>{t('invitation.do')}</button>
          </form>
        ) : (
          <div className="door-form"><h1>{t('invitation.title')}</h1><p className="notice warn">{t('invitation.noSecret')}</p><a className="btn l" href="/">{t('auth.signIn')}</a></div>
        )}
      </div>
    </main>
  );
}
