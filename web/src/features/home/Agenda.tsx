import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useModel } from '@/api/queries';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { Avatar, Empty } from '@/shared/ui';
import type { Day, Step } from './agenda';
import { logOn } from './acts';
import { Later } from './Later';
import { NextCard } from './NextCard';
import type { Scope } from './useHome';

const SHOWN = 6;

/** The day on one line: late first, then the hours of today, then what comes this week; the next one is opened. */
export function Agenda({ day, now, scope }: { day: Day; now: Date; scope: Scope }) {
  const t = useT();
  const [all, setAll] = useState(false);
  const late = all ? day.late : day.late.slice(0, SHOWN);
  const room = Math.max(2, 8 - late.length - day.today.length);
  const ahead = all ? day.ahead : day.ahead.slice(0, room);
  const hidden = day.late.length - late.length + day.ahead.length - ahead.length;
  if (day.late.length + day.today.length + day.ahead.length === 0) {
    return <Empty drawing="list" title={t('home.emptyTitle')} text={t('home.emptyText')} />;
  }
  const item = (s: Step, state: 'past' | 'today' | 'ahead') => (
    <li key={s.key} className={`${s.kind === 'done' ? 'done' : state} ${s === day.next ? 'now' : ''}`}>
      <When step={s} now={now} state={state} />
      <span className="rg" aria-hidden="true" />
      {s === day.next ? <NextCard step={s} now={now} /> : <Line step={s} state={state} now={now} scope={scope} />}
    </li>
  );
  return (
    <>
      <ol className="day">
        {late.map((s) => item(s, 'past'))}
        {day.today.map((s) => item(s, 'today'))}
        {ahead.map((s) => item(s, 'ahead'))}
      </ol>
      {(hidden > 0 || all) && (
        <button type="button" className="chip plain mut day-more" aria-expanded={all} onClick={() => setAll(!all)}>
          <Icon name={all ? 'up' : 'down'} />{all ? t('form.less') : t('home.more', { count: hidden })}
        </button>
      )}
    </>
  );
}

export function When({ step, now, state }: { step: Step; now: Date; state: 'past' | 'today' | 'ahead' }) {
  const lang = useLang();
  const said = state === 'today' ? (step.timed ? fmt.timeOfDay(step.at.getHours() * 60 + step.at.getMinutes()) : fmt.dateWords(step.at, lang, now)) : fmt.dateWords(step.at, lang, now);
  return <time dateTime={step.at.toISOString()} title={fmt.exact(step.at)}>{said}</time>;
}

function Line({ step: s, state, now, scope }: { step: Step; state: 'past' | 'today' | 'ahead'; now: Date; scope: Scope }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const late = state === 'past' ? t('next.late', { count: -fmt.daysBetween(now, s.at) }) : '';
  const to = s.target ?? { object: s.object, id: s.rec.id };
  if (s.kind === 'done') {
    return (
      <>
        <div className="row body"><Link className="link-quiet b" to="/o/$object/$id" params={{ object: to.object, id: to.id }}>{s.title}</Link><span className="s13 el">{s.text}</span></div>
        <span className="s12 mut">{t('home.doneMark')}</span>
      </>
    );
  }
  return (
    <>
      <div className="col body">
        <div className="row">
          <Link className="link-quiet day-title el" to="/o/$object/$id" params={{ object: to.object, id: to.id }}>{s.title}</Link>
          {s.beside && <span className="mut s13 el">{s.beside}</span>}
          {scope !== 'mine' && s.owner && <span className="row mut s12 day-owner"><Avatar name={s.owner} size="x" /><span className="el">{s.owner}</span></span>}
        </div>
        <span className="s13 sec el">{[s.text, s.place ?? '', late].filter(Boolean).join(lang === 'zh-CN' ? '，' : ', ')}</span>
      </div>
      <div className="row day-acts">
        {state === 'past' && s.target && model.object('follow_up')?.rights.create && <button type="button" className="btn s" onClick={() => logOn(s)}>{t('follow.log')}</button>}
        <Later step={s} />
      </div>
    </>
  );
}
