import { Link, useNavigate, useRouterState } from '@tanstack/react-router';
import { Fragment, lazy, Suspense, useDeferredValue, useMemo, type ReactNode } from 'react';
import { label, plural } from '@/api/model';
import { useModel, useSession } from '@/api/queries';
import type { ObjectMeta } from '@/api/types';
import { open } from '@/shared/commands';
import { useHotkeys } from '@/shared/hotkeys';
import { Icon, Logo, objectIcon, type IconName } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { MenuButton, type MenuItem } from '@/shared/Pop';
import { phone } from '@/shared/prefs';
import { useStore } from '@/shared/store';
import { Avatar } from '@/shared/ui';
import { tourSeen } from '@/shared/tour';
import { favourites, toggleFavourite } from '@/shared/visits';
import { GoKeys } from './goKeys';
import { usePools } from '@/features/pool/pools';
import { Bell, NewNotices, Notices } from '@/features/talk/Bell';
import { signOut, useMeItems } from './me';
import { Offline } from './Offline';
import { BottomBar } from './PhoneBar';
import { RunningImports } from './RunningImports';
import { ViewAsBar } from './ViewAsBar';
import { Visits } from './Visits';
import { useCurrentObject } from './where';
import './shell.css';

const ServerJobs = lazy(() => import('./ServerJobs').then((m) => ({ default: m.ServerJobs })));

/** Navigation on the desk, one sheet with the work; a bottom bar on the phone. */
export function Shell({ children }: { children: ReactNode }) {
  const t = useT();
  const small = useStore(phone);
  const painted = useDeferredValue(true, false);
  useHotkeys([
    { key: 'mod+k', run: () => open({ kind: 'palette' }), always: true },
    { key: '/', run: () => document.querySelector<HTMLElement>('[data-search]')?.focus() ?? open({ kind: 'palette' }) },
    { key: '?', run: () => open({ kind: 'help' }) },
  ]);
  return (
    <div className={small ? 'app small' : 'app'}>
      <ViewAsBar />
      <a className="skip" href="#sheet">{t('nav.skip')}</a>
      {!small && <Nav />}
      <main className="sheet" id="sheet" tabIndex={-1}>
        <Offline />
        {children}
      </main>
      {small && <BottomBar />}
      <Visits />
      {painted && <Beside />}
    </div>
  );
}

/** What works beside every page and draws nothing at first. */
function Beside() {
  return (
    <>
      <GoKeys />
      <RunningImports />
      <Suspense><ServerJobs /></Suspense>
      <NewNotices />
      <Notices />
    </>
  );
}

function NavLink({ to, icon, text, on }: { to: ObjectMeta; icon: IconName; text: string; on: boolean }) {
  return (
    <Link to="/o/$object" params={{ object: to.name }} className={on ? 'it on' : 'it'} aria-current={on ? 'page' : undefined} title={text}>
      <Icon name={icon} />
      <span className="el">{text}</span>
    </Link>
  );
}

/** Where records of that object wait for whoever claims them. */
function PoolLink({ object, on }: { object: string; on: boolean }) {
  const t = useT();
  const text = object === 'lead' ? t('pool.title.lead') : t('pool.title.account');
  return (
    <Link to="/pool/$object" params={{ object }} className={on ? 'it on' : 'it'} aria-current={on ? 'page' : undefined} title={text}>
      <Icon name="waves" />
      <span className="el">{text}</span>
    </Link>
  );
}

function Nav() {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const session = useSession();
  const current = useCurrentObject();
  const path = useRouterState({ select: (s) => s.location.pathname });
  const areas = useMemo(() => model.navigation(), [model]);
  const pools = new Set(usePools().map((p) => p.object as string));
  const user = session.data?.user;
  return (
    <nav className="nav" aria-label={t('nav.main')}>
      <div className="ws">
        <Logo />
        <span className="ws-name">{label(session.data?.organisation.label, lang) || t('app.name')}</span>
        <span className="sp" />
        <Bell />
      </div>
      <button type="button" className="find" data-tour="find" onClick={() => open({ kind: 'palette' })} aria-label={t('palette.open')}>
        <Icon name="search" />
        <span className="el">{t('nav.find')}</span>
        <span className="sp" />
        <kbd>Ctrl K</kbd>
      </button>
      <div className="nav-scroll">
        <Link to="/" className={path === '/' ? 'it on' : 'it'} aria-current={path === '/' ? 'page' : undefined} title={t('home.title')}>
          <Icon name="home" />
          <span className="el">{t('home.title')}</span>
        </Link>
        {areas.map((a) => (
          <div key={a.area} className="area" role="group" aria-label={label(a.label, lang, a.area)}>
            <p className="gp" aria-hidden="true">{label(a.label, lang, a.area)}</p>
            {a.objects.map((o) => (
              <Fragment key={o.name}>
                <NavLink to={o} icon={objectIcon(o.icon, o.name)} text={plural(o, lang)} on={current === o.name} />
                {pools.has(o.name) && <PoolLink object={o.name} on={path === `/pool/${o.name}`} />}
              </Fragment>
            ))}
          </div>
        ))}
        <Favourites />
      </div>
      <TourHint />
      <div className="me">
        <Avatar name={user?.name ?? ''} />
        <span className="el">{user?.name}</span>
        <span className="sp" />
        <button type="button" className="tap" aria-label={t('guide.title')} title={t('guide.title')} data-tour="help" onClick={() => open({ kind: 'guide' })}>
          <Icon name="help" />
        </button>
        <MeMenu />
      </div>
    </nav>
  );
}

function MeMenu() {
  const t = useT();
  const navigate = useNavigate();
  const base = useMeItems();
  const items: (MenuItem | 'line')[] = [
    ...base,
    'line',
    { key: 'settings', text: t('settings.title'), icon: 'gear', run: () => void navigate({ to: '/settings' }) },
    { key: 'out', text: t('auth.signOut'), icon: 'out', run: signOut },
  ];
  return (
    <MenuButton className="tap" label={t('nav.me')} items={items}>
      <Icon name="gear" />
    </MenuButton>
  );
}

/** For somebody new: the tour, until it was seen or sent away. */
function TourHint() {
  const t = useT();
  if (useStore(tourSeen)) return null;
  return (
    <div className="tour-hint">
      <button type="button" className="link" onClick={() => open({ kind: 'tour' })}><Icon name="flag" />{t('tour.take')}</button>
      <button type="button" className="tap" aria-label={t('tour.away')} onClick={() => tourSeen.set(true)}><Icon name="x" size={12} /></button>
    </div>
  );
}

/** What one keeps at hand: records and pages with a star. */
function Favourites() {
  const t = useT();
  const model = useModel();
  const stars = useStore(favourites);
  const path = useRouterState({ select: (s) => s.location.pathname });
  if (stars.length === 0) return null;
  return (
    <div className="area" role="group" aria-label={t('nav.favourites')}>
      <p className="gp" aria-hidden="true">{t('nav.favourites')}</p>
      {stars.map((f) => (
        <div key={f.path} className="fav">
          <Link to={f.path} className={path === f.path ? 'it on' : 'it'} aria-current={path === f.path ? 'page' : undefined} title={f.title}>
            <Icon name={f.object ? objectIcon(model.object(f.object)?.icon, f.object) : 'star'} />
            <span className="el">{f.title}</span>
          </Link>
          <button type="button" className="tap" aria-label={t('nav.unstar', { name: f.title })} onClick={() => toggleFavourite(f)}><Icon name="x" size={12} /></button>
        </div>
      ))}
    </div>
  );
}
