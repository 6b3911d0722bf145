import { useState } from 'react';
import { call, Problem } from '@/api/client';
import { words } from '@/api/problem';
import { useLang, useT } from '@/shared/i18n';

export interface SignInForm {
  login: string;
  password: string;
  totp: string;
  needsCode: boolean;
  error: string | null;
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
  const [busy, setBusy] = useState(false);
  return {
    ...v,
    needsCode,
    error,
    busy,
    set: (part) => setV((now) => ({ ...now, ...part })),
    submit: async () => {
      if (!v.login.trim() || !v.password) return;
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
  return (
    <>
      {form.error && <p className="notice late" role="alert">{form.error}</p>}
      <div className="door-item">
        <label htmlFor="login">{t('auth.login')}</label>
        <input id="login" className="door-in" autoComplete="username" autoFocus value={form.login} onChange={(e) => form.set({ login: e.target.value })} />
      </div>
      <div className="door-item">
        <label htmlFor="password">{t('auth.password')}</label>
        <input id="password" className="door-in" type="password" autoComplete="current-password" value={form.password} onChange={(e) => form.set({ password: e.target.value })} />
      </div>
      {form.needsCode && (
        <div className="door-item">
          <label htmlFor="totp">{t('auth.totp')}</label>
          <input id="totp" className="door-in num" inputMode="numeric" autoComplete="one-time-code" autoFocus value={form.totp} onChange={(e) => form.set({ totp: e.target.value })} aria-describedby="totp-said" />
          <span id="totp-said" className="mut s12">{t('auth.totpHint')}</span>
        </div>
      )}
    </>
  );
}
