import { Link, useRouterState } from '@tanstack/react-router';
import { Fragment, useMemo, useState } from 'react';
import { label, plural } from '@/api/model';
import { useModel, useSession } from '@/api/queries';
import type { ObjectMeta } from '@/api/types';
import { open } from '@/shared/commands';
import { Dialog } from '@/shared/Dialog';
import { Icon, objectIcon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { useStore } from '@/shared/store';
import { favourites } from '@/shared/visits';
import { usePools } from '@/features/pool/pools';
import { Bell, short, useTitleBadge, useUnread } from '@/features/talk/Bell';
import { signOut, useMeItems } from './me';
import { useCurrentObject } from './where';

/** The phone's bar: today, customers, a new one, deals, everything else. */
export function BottomBar() {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const current = useCurrentObject();
  const path = useRouterState({ select: (s) => s.location.pathname });
  const [more, setMore] = useState(false);
  const unread = useUnread();
  useTitleBadge(unread);
  const all = useMemo(() => model.navigation().flatMap((a) => a.objects), [model]);
  const first = useMemo(() => {
    const named = ['account', 'opportunity', 'lead', 'contact'].map((n) => all.find((o) => o.name === n)).filter((o): o is ObjectMeta => o !== undefined);
    return [...named, ...all.filter((o) => !named.includes(o))].slice(0, 2);
  }, [all]);
  const here = current ? model.object(current) : undefined;
  return (
    <nav className="bottom" aria-label={t('nav.main')}>
      <Link to="/" className={path === '/' ? 'ptab on' : 'ptab'} aria-current={path === '/' ? 'page' : undefined}>
        <Icon name="home" size={22} />
        <span className="el">{t('home.title')}</span>
      </Link>
      {first.slice(0, 1).map((o) => (
        <PhoneTab key={o.name} o={o} on={current === o.name} text={plural(o, lang)} />
      ))}
      <button type="button" className="fab" aria-label={t('act.new')} onClick={() => open(here?.rights.create ? { kind: 'create', object: here.name } : { kind: 'create' })}>
        <Icon name="plus" size={22} />
      </button>
      {first.slice(1, 2).map((o) => (
        <PhoneTab key={o.name} o={o} on={current === o.name} text={plural(o, lang)} />
      ))}
      <button type="button" className="ptab" aria-haspopup="dialog" onClick={() => setMore(true)}>
        <Icon name="list" size={22} />
        {t('nav.more')}
        {unread > 0 && <><span className="bell-n num" aria-hidden="true">{short(unread)}</span><span className="sr">{t('notify.count', { count: unread })}</span></>}
      </button>
      {more && <MoreSheet onClose={() => setMore(false)} />}
    </nav>
  );
}

function PhoneTab({ o, on, text }: { o: ObjectMeta; on: boolean; text: string }) {
  return (
    <Link to="/o/$object" params={{ object: o.name }} className={on ? 'ptab on' : 'ptab'} aria-current={on ? 'page' : undefined}>
      <Icon name={objectIcon(o.icon, o.name)} size={22} />
      <span className="el">{text}</span>
    </Link>
  );
}

function MoreSheet({ onClose }: { onClose: () => void }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const session = useSession();
  const items = useMeItems();
  const stars = useStore(favourites);
  const pools = new Set(usePools().map((p) => p.object as string));
  return (
    <Dialog title={session.data?.user.name ?? t('nav.more')} onClose={onClose}>
      <Bell wide onGone={onClose} />
      <button type="button" className="btn l" style={{ width: '100%', marginBottom: 8 }} onClick={() => { onClose(); open({ kind: 'palette' }); }}>
        <Icon name="search" />
        {t('palette.open')}
      </button>
      {stars.length > 0 && (
        <section className="more-area">
          <h3 className="mut s12">{t('nav.favourites')}</h3>
          <div className="more-list">
            {stars.map((f) => <Link key={f.path} to={f.path} onClick={onClose}><Icon name="star" /><span className="el">{f.title}</span></Link>)}
          </div>
        </section>
      )}
      {model.navigation().map((a) => (
        <section key={a.area} className="more-area">
          <h3 className="mut s12">{label(a.label, lang, a.area)}</h3>
          <div className="more-grid">
            {a.objects.map((o) => (
              <Fragment key={o.name}>
                <Link to="/o/$object" params={{ object: o.name }} onClick={onClose}>
                  <Icon name={objectIcon(o.icon, o.name)} size={20} />
                  <span className="el">{plural(o, lang)}</span>
                </Link>
                {pools.has(o.name) && (
                  <Link to="/pool/$object" params={{ object: o.name }} onClick={onClose}>
                    <Icon name="waves" size={20} />
                    <span className="el">{o.name === 'lead' ? t('pool.title.lead') : t('pool.title.account')}</span>
                  </Link>
                )}
              </Fragment>
            ))}
          </div>
        </section>
      ))}
      <div className="more-set">
        {items.map((it) => it !== 'line' && (
          <button key={it.key} type="button" className={it.checked ? 'chip on' : 'chip'} aria-pressed={it.checked} onClick={it.run}>{it.text}</button>
        ))}
        <Link to="/settings" className="chip" onClick={onClose}>{t('settings.title')}</Link>
        <button type="button" className="chip" onClick={() => { onClose(); open({ kind: 'guide' }); }}>{t('guide.title')}</button>
        <button type="button" className="chip" onClick={() => { onClose(); signOut(); }}>{t('auth.signOut')}</button>
      </div>
    </Dialog>
  );
}
