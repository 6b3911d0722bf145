import { useEffect, useState } from 'react';
import { useModel, useSession } from '@/api/queries';
import { label } from '@/api/model';
import { Unread } from '@/fields/Unread';
import { open } from '@/shared/commands';
import * as fmt from '@/shared/format';
import { useHotkeys } from '@/shared/hotkeys';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { phone } from '@/shared/prefs';
import { useStore } from '@/shared/store';
import { SkeletonRows } from '@/shared/ui';
import { logOn } from './acts';
import { Agenda } from './Agenda';
import { News } from './News';
import { PhoneDay } from './PhoneDay';
import { Pipeline } from './Pipeline';
import { PoolWeek } from './PoolWeek';
import { Quiet } from './Quiet';
import { SampleCard } from './SampleCard';
import { Team } from './Team';
import { chooseScope, chosenScope, useAskEarlier, useDay, useScopes, type Scope } from './useHome';
import { Waiting } from './Waiting';
import { Workspace } from './Workspace';
import './home.css';

export { askAhead } from './useHome';

/** The clock of the page: what is next moves on without a reload. */
function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** Where the day starts: what is next, what is late, what waits, how the deals stand. */
export default function HomePage() {
  const t = useT();
  const scopes = useScopes();
  useEffect(() => {
    document.title = `${t('home.title')} · ${t('app.name')}`;
  }, [t]);
  return <Home scopes={scopes.scopes} fits={scopes.fits} />;
}

function greeting(now: Date, t: ReturnType<typeof useT>, name: string): string {
  const h = now.getHours();
  return t(h < 5 ? 'home.night' : h < 12 ? 'home.morning' : h < 14 ? 'home.noon' : h < 18 ? 'home.afternoon' : 'home.evening', { name });
}

function Home({ scopes, fits }: { scopes: Scope[]; fits: Scope }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const session = useSession();
  const now = useNow();
  const small = useStore(phone);
  const wish = useStore(chosenScope);
  const scope = wish && scopes.includes(wish) ? wish : fits;
  const { day, pending, missing } = useDay(scope, now);
  useAskEarlier(scope, day.next, !pending && !missing && !session.data?.view_as);
  const name = session.data?.user.name ?? '';
  const first = lang === 'en' ? (name.split(' ')[0] ?? name) : name;
  useHotkeys([
    { key: 'f', run: () => logOn(day.next) },
    { key: 'c', run: () => open({ kind: 'create' }) },
  ]);
  const words: Record<Scope, string> = { mine: t('home.scope.mine'), team: t('home.scope.team'), all: t('home.scope.all') };
  const choose = scopes.length > 1 && (
    <span className="seg" role="radiogroup" aria-label={t('home.scope')}>
      {scopes.map((s) => <button key={s} type="button" role="radio" aria-checked={s === scope} onClick={() => chooseScope(s)}>{words[s]}</button>)}
    </span>
  );
  const weekday = fmt.weekday(now, lang, 'long');
  const today = lang === 'zh-CN' ? `${fmt.date(now, lang)} ${weekday}` : `${weekday}, ${fmt.date(now, lang)}`;
  const said = pending || missing ? '' : day.open > 0 ? t('home.left', { count: day.open }) : day.done > 0 ? t('home.allDone', { count: day.done }) : t('home.free');
  if (small) {
    return (
      <div className="home phone">
        <header className="hello">
          <div className="col sp">
            <h1>{greeting(now, t, first)}</h1>
            <p>{today} · {said}</p>
          </div>
          <button type="button" className="tap big" aria-label={t('palette.open')} onClick={() => open({ kind: 'palette' })}><Icon name="search" size={20} /></button>
        </header>
        {choose && <div className="home-seg">{choose}</div>}
        {session.data?.user.is_admin && !session.data.demo && <SampleCard />}
        {/* What stands below the day waits for it: nothing moves under a thumb. */}
        {pending ? <SkeletonRows rows={8} /> : missing ? <Unread error={missing} /> : (
          <PhoneDay day={day} now={now} scope={scope}>
            <PoolWeek scope={scope} now={now} compact />
            <Pipeline scope={scope} now={now} />
            {scope === 'team' && <Team now={now} />}
            {scope === 'all' && <Workspace />}
            <Waiting scope={scope} now={now} />
            {scope === 'mine' && <Quiet scope={scope} now={now} />}
            <News scope={scope} now={now} />
          </PhoneDay>
        )}
      </div>
    );
  }
  return (
    <div className="home">
      <header className="hello">
        <div className="col">
          <h1>{greeting(now, t, first)}</h1>
          <p>
            {today}{lang === 'zh-CN' ? '。' : '. '}
            <b>{said}</b>
            {!pending && day.done > 0 && day.open > 0 && <>{lang === 'zh-CN' ? '，' : ', '}{t('home.done', { count: day.done })}</>}
            {!pending && day.late.length > 0 && <>{lang === 'zh-CN' ? '；' : '; '}<span className="late">{t('home.lateCount', { count: day.late.length })}</span></>}
          </p>
        </div>
        <span className="sp" />
        {choose}
        {day.next?.target && model.object('follow_up')?.rights.create && <button type="button" className="btn" onClick={() => logOn(day.next)}><Icon name="edit" />{t('follow.log')}<kbd aria-hidden="true">F</kbd></button>}
        <button type="button" className="btn p" onClick={() => open({ kind: 'create' })}><Icon name="plus" />{t('act.new')}<kbd aria-hidden="true">C</kbd></button>
      </header>
      {session.data?.user.is_admin && !session.data.demo && <SampleCard />}
      <Pipeline scope={scope} now={now} />
      <div className="home-cols">
        <div className="col">
          <section aria-label={t('home.follow')}>
            <h2 className="sect">{t('home.follow')} <span className="ct">{pending ? '' : t('home.open', { count: day.open })}</span></h2>
            {pending ? <SkeletonRows rows={5} /> : missing ? <Unread error={missing} /> : <Agenda day={day} now={now} scope={scope} />}
          </section>
          {!pending && <News scope={scope} now={now} />}
        </div>
        <div className="col home-side">
          {scope === 'all' && <Workspace />}
          {scope === 'team' && <Team now={now} />}
          <PoolWeek scope={scope} now={now} />
          <Waiting scope={scope} now={now} />
          {scope === 'mine' && <Quiet scope={scope} now={now} />}
        </div>
      </div>
      <span className="sr">{label(model.object('opportunity')?.label, lang)}</span>
    </div>
  );
}
