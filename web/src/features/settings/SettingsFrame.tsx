import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { asOf, offline } from '@/api/kept/port';
import { connection } from '@/api/live';
import { plural } from '@/api/model';
import { useModel, useSession } from '@/api/queries';
import { Icon, objectIcon, type IconName } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { initials } from '@/shared/pinyin';
import { open, places } from '@/shared/places';
import { phone } from '@/shared/prefs';
import { useStore } from '@/shared/store';
import { Empty } from '@/shared/ui';
import './settings.css';

interface Row {
  path: string;
  title: string;
  icon: IconName;
  words: string;
}

/** The settings: their pages at the left with a search, the chosen one at the right; on the phone first the list, then the page. */
export default function SettingsFrame() {
  const path = useRouterState({ select: (s) => s.location.pathname });
  const small = useStore(phone);
  const atList = path === '/settings' || path === '/settings/';
  return (
    <div className="setf">
      {(!small || atList) && <SettingsNav path={atList ? '/settings/me' : path} small={small} />}
      {(!small || !atList) && <div className="setf-page"><Page path={path} /></div>}
    </div>
  );
}

/** A page opened without a network has nothing to show; one that was open stays with what was typed. */
function Page({ path }: { path: string }) {
  const t = useT();
  const [began, setBegan] = useState(() => ({ path, away: offline() }));
  if (began.path !== path) setBegan({ path, away: offline() });
  useStore(connection);
  useStore(asOf);
  return began.away && offline() ? <Empty drawing="search" title={t('state.needsNetwork')} /> : <Outlet />;
}

function SettingsNav({ path, small }: { path: string; small: boolean }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const session = useSession();
  const [text, setText] = useState('');
  const admin = session.data?.user.is_admin === true;
  const groups = useMemo(() => {
    const reads = (name: string) => model.object(name)?.rights.read === true;
    const own = places.filter((p) => open(p, admin, reads));
    const rows = (group: string): Row[] => own.filter((p) => p.group === group).map((p) => ({ path: p.path, title: t(p.title), icon: p.icon, words: p.words }));
    const covered = new Set(['user', 'department', 'role', 'import_job', 'audit_log', 'api_token', 'setting']);
    const rest = model.administration().filter((o) => !covered.has(o.name)).map((o): Row => ({ path: `/o/${o.name}`, title: plural(o, lang), icon: objectIcon(o.icon, o.name), words: o.name.replace(/_/g, ' ') }));
    return [
      { key: 'you', title: t('settings.group.you'), rows: rows('you') },
      { key: 'people', title: t('settings.group.people'), rows: rows('people') },
      { key: 'shape', title: t('settings.group.shape'), rows: rows('shape') },
      { key: 'lists', title: t('settings.group.lists'), rows: rest },
      { key: 'watch', title: t('settings.group.watch'), rows: rows('watch') },
    ];
  }, [model, admin, t, lang]);
  const needle = text.trim().toLowerCase();
  const fits = (r: Row) => !needle || r.title.toLowerCase().includes(needle) || r.words.includes(needle) || initials(r.title).includes(needle);
  const shown = groups.map((g) => ({ ...g, rows: g.rows.filter(fits) })).filter((g) => g.rows.length > 0);
  return (
    <nav className={small ? 'setf-nav wide' : 'setf-nav'} aria-label={t('settings.title')}>
      {small ? <h1>{t('settings.title')}</h1> : <p className="setf-head">{t('settings.title')}</p>}
      <label className="setf-find">
        <Icon name="search" />
        <input data-search type="search" value={text} placeholder={t('settings.find')} aria-label={t('settings.find')} onChange={(e) => setText(e.target.value)} />
      </label>
      {shown.map((g) => (
        <section key={g.key} aria-label={g.title}>
          <h2 className="gp">{g.title}</h2>
          {g.rows.map((r) => {
            const on = path === r.path || path.startsWith(`${r.path}/`);
            return (
              <Link key={r.path} to={r.path} className={on ? 'it on' : 'it'} aria-current={on ? 'page' : undefined}>
                <Icon name={r.icon} />
                <span className="el">{r.title}</span>
                {small && <><span className="sp" /><Icon name="right" /></>}
              </Link>
            );
          })}
        </section>
      ))}
      {shown.length === 0 && <p className="mut s13" style={{ padding: '12px 8px' }}>{t('palette.none')}</p>}
    </nav>
  );
}
