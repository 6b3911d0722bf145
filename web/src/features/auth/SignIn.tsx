import { useEffect, useId, useRef, useState, type ChangeEvent } from 'react';
import { call, Problem } from '@/api/client';
import { words } from '@/api/problem';
import { focusFaulty } from '@/shared/faulty';
import { useLang, useT } from '@/shared/i18n';

export interface SignInForm {
  login: string;
  password: string;
  totp: string;
  needsCode: boolean;
  error: string | null;
  /** Sent with a field left empty. */
  tried: boolean;
  busy: boolean;
  set: (part: Partial<{ login: string; password: string; totp: string }>) => void;
  submit: () => Promise<void>;
}

/** Name and password, then the code of the second step when the account asks for one. */
export function useSignIn(onDone: () => Promise<void> | void): SignInForm {
  const lang = useLang();
  const [v, setV] = useState({ login: '', password: '', totp: '' });
  const [needsCode, setNeedsCode] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  return {
    ...v,
    needsCode,
    error,
    tried,
    busy,
    set: (part) => { setTried(false); setV((now) => ({ ...now, ...part })); },
    submit: async () => {
      setTried(false);
      if (!v.login.trim() || !v.password) return setTried(true);
      setBusy(true);
      setError(null);
      try {
        await call('/session', { method: 'POST', body: { login: v.login.trim(), password: v.password, ...(needsCode && v.totp ? { totp: v.totp.replace(/\s/g, '') } : {}) }, anonymous: true });
        await onDone();
      } catch (e) {
        if (e instanceof Problem && /totp|mfa|second/.test(e.code) && !needsCode) setNeedsCode(true);
        else setError(words(e, lang).title);
      } finally {
        setBusy(false);
      }
    },
  };
}

export function SignInFields({ form }: { form: SignInForm }) {
  const t = useT();
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  // Sent in vain: to the field that is empty, or refused.
  const wrong = { login: form.tried && !form.login.trim(), password: (form.tried && !form.password) || (form.error !== null && !form.needsCode), totp: form.error !== null && form.needsCode };
  useEffect(() => { if (form.error || form.tried) focusFaulty(box.current); }, [form.error, form.tried]);
  const of = (name: keyof typeof wrong, more = '') => ({
    id: name,
    value: form[name],
    required: true,
    'aria-invalid': wrong[name] || undefined,
    'aria-describedby': [wrong[name] ? (form.error ? `${id}error` : `${name}-empty`) : '', more].filter(Boolean).join(' ') || undefined,
    onChange: (e: ChangeEvent<HTMLInputElement>) => form.set({ [name]: e.target.value }),
  });
  const empty = (name: keyof typeof wrong) => wrong[name] && !form.error && <span id={`${name}-empty`} className="late s12" role="alert">{t('error.value.required')}</span>;
  return (
    <div ref={box} className="door-fields">
      {form.error && <p id={`${id}error`} className="notice late" role="alert">{form.error}</p>}
      <div className="door-item">
        <label htmlFor="login">{t('auth.login')}</label>
        <input className="door-in" autoComplete="username" autoFocus {...of('login')} />
        {empty('login')}
      </div>
      <div className="door-item">
        <label htmlFor="password">{t('auth.password')}</label>
        <input className="door-in" type="password" autoComplete="current-password" {...of('password')} />
        {empty('password')}
      </div>
      {form.needsCode && (
        <div className="door-item">
          <label htmlFor="totp">{t('auth.totp')}</label>
          <input className="door-in num" inputMode="numeric" autoComplete="one-time-code" autoFocus {...of('totp', 'totp-said')} />
          <span id="totp-said" className="mut s12">{t('auth.totpHint')}</span>
        </div>
      )}
    </div>
  );
}
