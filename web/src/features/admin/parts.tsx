import { Link } from '@tanstack/react-router';
import { useEffect, useId, type ReactNode } from 'react';
import { Icon } from '@/shared/icons';
import { useT } from '@/shared/i18n';
import { phone } from '@/shared/prefs';
import { useStore } from '@/shared/store';
import './admin.css';

/** One page of the settings: where it stands, its name, its actions (the filled one last), its content. */
export function AdminPage({ title, crumbs = [], tag, actions, tabs, children }: { title: string; crumbs?: { to: string; text: string }[]; tag?: ReactNode; actions?: ReactNode; tabs?: ReactNode; children: ReactNode }) {
  const t = useT();
  const small = useStore(phone);
  useEffect(() => {
    document.title = `${title} · ${t('app.name')}`;
  }, [title, t]);
  const back = crumbs.at(-1) ?? { to: '/settings', text: t('settings.title') };
  return (
    <>
      <header className="setp-top">
        {small && <Link to={back.to} className="tap" aria-label={back.text}><Icon name="left" /></Link>}
        {!small && crumbs.map((c) => <span key={c.to} className="row"><Link to={c.to} className="back">{c.text}</Link><Icon name="right" size={12} /></span>)}
        <h1>{title}</h1>
        {tag}
        <span className="sp" />
        {actions}
      </header>
      {tabs}
      {children}
    </>
  );
}

/** A scrolling body that the keyboard can reach. */
export function Body({ label, children, wide }: { label: string; children: ReactNode; wide?: boolean }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable with the keyboard
    <div className={wide ? 'adm wide' : 'adm'} role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}

/** A labelled control; `children` gets the id for the label. */
export function Row({ label, hint, error, children, need }: { label: string; hint?: ReactNode; error?: string | undefined; children: (id: string, describedBy: string | undefined) => ReactNode; need?: boolean }) {
  const id = useId();
  const said = error ?? hint;
  return (
    <div className="adm-row">
      <label htmlFor={id}>{label}{need && <span className="mut" aria-hidden="true"> *</span>}</label>
      {children(id, said ? `${id}-said` : undefined)}
      {said && <span id={`${id}-said`} className={error ? 'late s12' : 'mut s12'} role={error ? 'alert' : undefined}>{said}</span>}
    </div>
  );
}

export function Check({ label, hint, checked, onChange, disabled }: { label: string; hint?: string; checked: boolean; onChange: (v: boolean) => void; disabled?: boolean }) {
  return (
    <label className="adm-check">
      <input type="checkbox" checked={checked} disabled={disabled} onChange={(e) => onChange(e.target.checked)} />
      <span className="col"><span>{label}</span>{hint && <span className="mut s12">{hint}</span>}</span>
    </label>
  );
}

export function Choice({ id, value, onChange, options, label, disabled, describedBy }: { id?: string; value: string; onChange: (v: string) => void; options: { value: string; text: string }[]; label?: string; disabled?: boolean; describedBy?: string | undefined }) {
  return (
    <select id={id} className="adm-in" value={value} aria-label={label} aria-describedby={describedBy} disabled={disabled} onChange={(e) => onChange(e.target.value)}>
      {options.map((o) => <option key={o.value} value={o.value}>{o.text}</option>)}
    </select>
  );
}
