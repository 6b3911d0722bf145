import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { call, Problem } from '@/api/client';
import { expanded, expandedAll, label } from '@/api/model';
import { codeWords, fieldErrors, words } from '@/api/problem';
import { client, keys } from '@/api/queries';
import { rest } from '@/api/rest';
import { Logo } from '@/shared/icons';
import { focusFaulty } from '@/shared/faulty';
import { setLang, useLang, useT } from '@/shared/i18n';
import { Avatar } from '@/shared/ui';
import { SignInFields, useSignIn } from './SignIn';
import './auth.css';

/** Before anyone is in: the first administrator, a demo person, or name and password. */
export default function Entrance() {
  const t = useT();
  const lang = useLang();
  const setup = useQuery({ queryKey: ['setup'], queryFn: () => rest.get('/setup', { anonymous: true }) });
  useEffect(() => {
    document.title = t('app.name');
  }, [t, lang]);
  const enter = async () => {
    await client.invalidateQueries({ queryKey: keys.session });
  };
  if (!setup.data) return null;
  return (
    <main className="door">
      <div className="door-lang">
        <button type="button" lang="zh-CN" aria-pressed={lang === 'zh-CN'} onClick={() => setLang('zh-CN')}>简体中文</button>
        <button type="button" lang="en" aria-pressed={lang === 'en'} onClick={() => setLang('en')}>English</button>
      </div>
      <div className="door-sheet">
        <div className="door-head">
          <Logo size={32} />
          <span className="b">{label(setup.data.organisation.label, lang) || t('app.name')}</span>
        </div>
        {setup.data.needed ? <FirstRun withSecret={setup.data.secret_required === true} onDone={enter} /> : setup.data.demo ? <Demo onDone={enter} /> : <PasswordDoor onDone={enter} />}
      </div>
    </main>
  );
}

function PasswordDoor({ onDone, children }: { onDone: () => Promise<void>; children?: ReactNode }) {
  const t = useT();
  const form = useSignIn(onDone);
  return (
    <form className="door-form" noValidate onSubmit={(e) => { e.preventDefault(); void form.submit(); }}>
      <h1>{t('auth.signIn')}</h1>
      <SignInFields form={form} />
      <button type="submit" className="btn p l" disabled={form.busy}>{t('auth.signIn')}</button>
      {children}
    </form>
  );
}

function Demo({ onDone }: { onDone: () => Promise<void> }) {
  const t = useT();
  const lang = useLang();
  const [own, setOwn] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const people = useQuery({
    queryKey: ['demo', lang],
    queryFn: () => rest.get('/demo/people', { anonymous: true }),
  });
  const enter = async (id: string) => {
    try {
      await call('/demo/session', { method: 'POST', body: { user_id: id }, anonymous: true });
      await onDone();
    } catch (e) {
      setError(words(e, lang).title);
    }
  };
  if (own) return <PasswordDoor onDone={onDone}><button type="button" className="link" onClick={() => setOwn(false)}>{t('auth.backToPeople')}</button></PasswordDoor>;
  return (
    <div className="door-form">
      <h1>{t('auth.demoTitle')}</h1>
      <p className="notice warn">{t('auth.demoText')}</p>
      {error && <p className="late" role="alert">{error}</p>}
      <ul className="people">
        {people.data?.data.map((p) => (
          <li key={p.id}>
            <button type="button" onClick={() => void enter(p.id)}>
              <Avatar name={String(p['name'])} size="l" />
              <span className="col">
                <b>{String(p['name'])}</b>
                <span className="mut s12 el">{[p['title'], expanded(p, 'main_dept')?.title, expandedAll(p, 'roles').map((r) => r.title).join(', ')].filter(Boolean).join(' · ')}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      <button type="button" className="link" onClick={() => setOwn(true)}>{t('auth.withPassword')}</button>
    </div>
  );
}

function FirstRun({ withSecret, onDone }: { withSecret: boolean; onDone: () => Promise<void> }) {
  const t = useT();
  const lang = useLang();
  const [v, setV] = useState({ organisation: '', name: '', email: '', password: '', secret: '' });
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [general, setGeneral] = useState<string | null>(null);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => { if (Object.keys(errors).length) focusFaulty(form.current); }, [errors]);
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    const missing = Object.fromEntries(Object.entries(v).filter(([k, x]) => !x.trim() && (k !== 'secret' || withSecret)).map(([k]) => [k, codeWords('value.required')]));
    setErrors(missing);
    if (Object.keys(missing).length) return;
    setBusy(true);
    setGeneral(null);
    try {
      const { secret, ...rest } = v;
      await call('/setup', { method: 'POST', body: { ...rest, ...(withSecret ? { secret } : {}), locale: lang === 'zh-CN' ? 'zh_cn' : 'en' }, anonymous: true });
      await client.invalidateQueries({ queryKey: ['setup'] });
      await onDone();
    } catch (e) {
      const w = words(e, lang);
      const by = e instanceof Problem ? fieldErrors(e.body) : {};
      setErrors(by);
      if (Object.keys(by).length === 0) setGeneral(w.title);
    } finally {
      setBusy(false);
    }
  };
  const item = (key: keyof typeof v, text: string, more: object, hint?: string) => (
    <div className="door-item">
      <label htmlFor={key}>{text}</label>
      <input id={key} className="door-in" value={v[key]} aria-invalid={Boolean(errors[key])} aria-describedby={`${key}-said`} onChange={(e) => setV({ ...v, [key]: e.target.value })} {...more} />
      <span id={`${key}-said`} className={errors[key] ? 'late s12' : 'mut s12'}>{errors[key] ?? hint}</span>
    </div>
  );
  return (
    <form ref={form} className="door-form" noValidate onSubmit={(e) => { e.preventDefault(); void submit(); }}>
      <h1>{t('auth.setupTitle')}</h1>
      <p className="sec">{t('auth.setupText')}</p>
      {general && <p className="notice late" role="alert">{general}</p>}
      {item('organisation', t('auth.organisation'), { autoComplete: 'organization', autoFocus: true })}
      {item('name', t('auth.name'), { autoComplete: 'name' })}
      {item('email', t('auth.email'), { type: 'email', autoComplete: 'username' })}
      {item('password', t('auth.password'), { type: 'password', autoComplete: 'new-password' }, t('auth.passwordHint'))}
      {withSecret && item('secret', t('auth.secret'), { autoComplete: 'off' }, t('auth.secretHint'))}
      <button type="submit" className="btn p l" disabled={busy}>{t('auth.setupDo')}</button>
    </form>
  );
}
