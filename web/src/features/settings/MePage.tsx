import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { api, Problem } from '@/api/client';
import { fieldErrors, tell, words } from '@/api/problem';
import { useSession } from '@/api/queries';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { NotifyPrefs } from '@/features/talk/NotifyPrefs';
import { setLang, useLang, useT } from '@/shared/i18n';
import { phone, setTheme, themeChoice } from '@/shared/prefs';
import { useStore } from '@/shared/store';
import { toast } from '@/shared/toast';
import './settings.css';

const Qr = lazy(() => import('./Qr'));

/** One's own settings: language and look, password, sessions, second step. */
export default function MePage() {
  const t = useT();
  const lang = useLang();
  useEffect(() => {
    document.title = `${t('settings.title')} · ${t('app.name')}`;
  }, [t, lang]);
  return (
    <>
      <header className="setp-top"><BackToSettings /><h1>{t('settings.me')}</h1></header>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable with the keyboard */}
      <div className="set" role="region" aria-label={t('settings.me')} tabIndex={0}>
        <Look />
        <NotifyPrefs />
        <Password />
        <SecondStep />
        <Sessions />
      </div>
    </>
  );
}

function Look() {
  const t = useT();
  const lang = useLang();
  const theme = useStore(themeChoice);
  return (
    <section aria-labelledby="set-look">
      <h2 id="set-look">{t('settings.look')}</h2>
      <div className="row set-row">
        <span className="sec set-name">{t('settings.language')}</span>
        <span className="seg" role="group" aria-label={t('settings.language')}>
          <button type="button" lang="zh-CN" aria-pressed={lang === 'zh-CN'} onClick={() => setLang('zh-CN')}>简体中文</button>
          <button type="button" lang="en" aria-pressed={lang === 'en'} onClick={() => setLang('en')}>English</button>
        </span>
      </div>
      <div className="row set-row">
        <span className="sec set-name">{t('settings.theme')}</span>
        <span className="seg" role="group" aria-label={t('settings.theme')}>
          <button type="button" aria-pressed={theme === 'auto'} onClick={() => setTheme('auto')}>{t('theme.auto')}</button>
          <button type="button" aria-pressed={theme === 'light'} onClick={() => setTheme('light')}><Icon name="sun" />{t('theme.light')}</button>
          <button type="button" aria-pressed={theme === 'dark'} onClick={() => setTheme('dark')}><Icon name="moon" />{t('theme.dark')}</button>
        </span>
      </div>
    </section>
  );
}

function Password() {
  const t = useT();
  const lang = useLang();
  const [now, setNow] = useState('');
  const [next, setNext] = useState('');
  const [said, setSaid] = useState<string | null>(null);
  const change = async () => {
    setSaid(null);
    try {
      await api.post('/me/password', { old: now, new: next });
      setNow('');
      setNext('');
      toast(t('settings.passwordDone'));
    } catch (e) {
      const by = e instanceof Problem ? Object.values(fieldErrors(e.body)) : [];
      setSaid(by.length ? by.join(' ') : words(e, lang).title);
    }
  };
  return (
    <section aria-labelledby="set-password">
      <h2 id="set-password">{t('settings.password')}</h2>
      <form className="set-form" onSubmit={(e) => { e.preventDefault(); void change(); }}>
        <label htmlFor="now">{t('settings.passwordNow')}</label>
        <input id="now" className="set-in" type="password" autoComplete="current-password" value={now} onChange={(e) => setNow(e.target.value)} />
        <label htmlFor="next">{t('settings.passwordNew')}</label>
        <input id="next" className="set-in" type="password" autoComplete="new-password" value={next} onChange={(e) => setNext(e.target.value)} aria-describedby="next-said" />
        <span id="next-said" className={said ? 'late s12' : 'mut s12'} role={said ? 'alert' : undefined}>{said ?? t('auth.passwordHint')}</span>
        <button type="submit" className="btn" disabled={!now || !next}>{t('settings.passwordDo')}</button>
      </form>
    </section>
  );
}

interface Enrolment {
  secret: string;
  url: string;
  recovery_codes: string[];
}

interface StepState {
  enabled: boolean;
  recovery_left: number;
}

function SecondStep() {
  const t = useT();
  const lang = useLang();
  const session = useSession();
  const id = session.data?.user.id ?? '';
  const me = useQuery({ queryKey: ['totp', id], queryFn: () => api.get<StepState>('/me/totp'), enabled: id !== '' });
  const [made, setMade] = useState<Enrolment | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const [text, setText] = useState('');
  if (!me.data) return null;
  const on = me.data.enabled;
  const run = async (act: () => Promise<void>) => {
    try {
      await act();
      setText('');
      await me.refetch();
    } catch (e) {
      tell(e, lang);
    }
  };
  const begin = () => run(async () => setMade(await api.post<Enrolment>('/me/totp')));
  const confirm = () =>
    run(async () => {
      await api.post('/me/totp/confirm', { code: text.trim() });
      setCodes(made?.recovery_codes ?? null);
      setMade(null);
      toast(t('settings.totpDone'));
    });
  const stop = () =>
    run(async () => {
      await api.post('/me/totp/disable', { password: text });
      setCodes(null);
      toast(t('settings.totpEnded'));
    });
  return (
    <section aria-labelledby="set-totp">
      <h2 id="set-totp">{t('settings.totp')}</h2>
      <p className="sec">{on ? t('settings.totpOn') : t('settings.totpOff')}</p>
      {on && !codes && <p className={me.data.recovery_left < 3 ? 'warn' : 'mut s12'}>{t('settings.recoveryLeft', { count: me.data.recovery_left })}</p>}
      {!on && !made && <button type="button" className="btn" onClick={() => void begin()}>{t('settings.totpStart')}</button>}
      {!on && made && (
        <form className="set-form" onSubmit={(e) => { e.preventDefault(); void confirm(); }}>
          <p className="sec">{t('settings.totpScan')}</p>
          <Suspense fallback={<span className="set-qr" />}><Qr text={made.url} label={t('settings.totpQr')} /></Suspense>
          <span className="s12 mut">{t('settings.totpSecret')}</span>
          <code className="set-code">{made.secret}</code>
          <a className="link s12" href={made.url}>{t('settings.totpApp')}</a>
          <label htmlFor="totp-code">{t('settings.totpCode')}</label>
          <input id="totp-code" className="set-in num" inputMode="numeric" autoComplete="one-time-code" value={text} onChange={(e) => setText(e.target.value)} />
          <button type="submit" className="btn p" disabled={text.trim().length < 6}>{t('settings.totpConfirm')}</button>
        </form>
      )}
      {codes && (
        <div className="notice warn" role="status">
          <div className="col">
            <b>{t('settings.recovery')}</b>
            <code className="set-codes">{codes.map((c) => <span key={c}>{c}</span>)}</code>
            <button type="button" className="btn s" style={{ alignSelf: 'flex-start' }} onClick={() => void navigator.clipboard.writeText(codes.join('\n')).then(() => toast(t('settings.copied')))}><Icon name="copy" />{t('settings.copy')}</button>
          </div>
        </div>
      )}
      {on && (
        <form className="set-form" onSubmit={(e) => { e.preventDefault(); void stop(); }}>
          <label htmlFor="totp-end">{t('settings.passwordNow')}</label>
          <input id="totp-end" className="set-in" type="password" autoComplete="current-password" value={text} onChange={(e) => setText(e.target.value)} />
          <button type="submit" className="btn" disabled={!text}>{t('settings.totpStop')}</button>
        </form>
      )}
    </section>
  );
}

interface OpenSession {
  id: string;
  current?: boolean;
  user_agent?: string | null;
  ip?: string | null;
  last_seen_at?: string | null;
  created_at?: string | null;
}

/** A browser and a system out of the long line browsers send. */
function device(agent: string): string {
  const browser = /Edg\//.test(agent) ? 'Edge' : /Firefox\//.test(agent) ? 'Firefox' : /MicroMessenger/.test(agent) ? 'WeChat' : /Chrome\//.test(agent) ? 'Chrome' : /Safari\//.test(agent) ? 'Safari' : '';
  const system = /Android/.test(agent) ? 'Android' : /iPhone|iPad/.test(agent) ? 'iOS' : /Windows/.test(agent) ? 'Windows' : /Mac OS/.test(agent) ? 'macOS' : /Linux/.test(agent) ? 'Linux' : '';
  return [browser, system].filter(Boolean).join(' · ') || agent.slice(0, 60);
}

function Sessions() {
  const t = useT();
  const lang = useLang();
  const list = useQuery({
    queryKey: ['sessions'],
    queryFn: async () => {
      const answer = await api.get<{ data?: OpenSession[]; sessions?: OpenSession[] } | OpenSession[]>('/sessions');
      return Array.isArray(answer) ? answer : (answer.data ?? answer.sessions ?? []);
    },
  });
  if (!list.data?.length) return null;
  const end = (id: string) => void api.delete(`/sessions/${id}`).then(() => { toast(t('settings.sessionEnded')); return list.refetch(); }).catch((e: unknown) => tell(e, lang));
  return (
    <section aria-labelledby="set-sessions">
      <h2 id="set-sessions">{t('settings.sessions')}</h2>
      <ul className="set-list">
        {list.data.map((s) => {
          const seen = s.last_seen_at ?? s.created_at;
          return (
            <li key={s.id}>
              <Icon name="device" />
              <span className="col">
                <span>{device(s.user_agent ?? '')} {s.current && <span className="tag brand">{t('settings.sessionNow')}</span>}</span>
                <span className="mut s12 num">{[s.ip, seen ? t('settings.sessionSeen', { time: fmt.dateTimeWords(new Date(seen), lang) }) : ''].filter(Boolean).join(' · ')}</span>
              </span>
              <span className="sp" />
              {!s.current && <button type="button" className="btn s" onClick={() => end(s.id)}>{t('settings.sessionEnd')}</button>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** On the phone the list of settings is a page of its own. */
function BackToSettings() {
  const t = useT();
  if (!useStore(phone)) return null;
  return <Link to="/settings" className="tap" aria-label={t('settings.title')}><Icon name="left" /></Link>;
}
