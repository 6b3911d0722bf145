import { useDeferredValue, type ReactNode } from 'react';
import { Link } from '@tanstack/react-router';
import { useModel } from '@/api/queries';
import { Icon } from '@/shared/icons';
import { useT } from '@/shared/i18n';
import { Empty, SkeletonRows } from '@/shared/ui';
import * as fmt from '@/shared/format';
import type { Day, Step } from './agenda';
import { When } from './Agenda';
import { logOn } from './acts';
import { Later } from './Later';
import { soon, useBackground, type Background } from './NextCard';
import type { Scope } from './useHome';

/** The day for a thumb: the next follow-up as a card with two wide buttons, the rest as rows, then what `children` say of the days after. */
export function PhoneDay({ day, now, scope, children }: { day: Day; now: Date; scope: Scope; children: ReactNode }) {
  const t = useT();
  const rest = [...day.late, ...day.today, ...day.ahead.slice(0, 5)].filter((s) => s !== day.next && s.kind !== 'done');
  if (!day.next) return <><div className="pcard"><Empty drawing="list" title={t('home.emptyTitle')} text={t('home.emptyText')} /></div>{children}</>;
  return <Known step={day.next} now={now}>
      {rest.length > 0 && (
        <section className="pcard" aria-label={t('home.follow')}>
          <h2 className="sr">{t('home.follow')}</h2>
          <ul className="pday">
            {rest.map((s) => <Row key={s.key} step={s} now={now} scope={scope} />)}
          </ul>
        </section>
      )}
      {children}
  </Known>;
}

/** The card, and below it the rest once all that the card will say is here: nothing moves under a thumb. */
function Known({ step, now, children }: { step: Step; now: Date; children: ReactNode }) {
  const background = useBackground(step);
  // The step that is next is painted first, what stands below it in the frames after.
  const below = useDeferredValue(true, false);
  if (background.pending) return <SkeletonRows rows={8} />;
  return <><Next step={step} now={now} {...background} />{below && children}</>;
}

function stateOf(s: Step, now: Date): 'past' | 'today' | 'ahead' {
  const d = fmt.daysBetween(now, s.at);
  return d < 0 ? 'past' : d === 0 ? 'today' : 'ahead';
}

function Next({ step: s, now, caller, last }: { step: Step; now: Date } & Background) {
  const t = useT();
  const model = useModel();
  const when = soon(s, now);
  const to = s.target ?? { object: s.object, id: s.rec.id };
  return (
    <section className="pcard pnext" aria-label={s.title}>
      <div className="row num"><b className={when.late ? 'late' : 'brand'}><When step={s} now={now} state={stateOf(s, now)} /></b> <span className={when.late ? 'late' : 'brand'}>{when.text}</span></div>
      <h2 className="row"><Link className="el" to="/o/$object/$id" params={{ object: to.object, id: to.id }}>{s.title}</Link>{s.beside && <span className="mut s13 el">{s.beside}</span>}</h2>
      {s.text && <p className="sec">{s.text}</p>}
      {last && <p className="sec plast">{last}</p>}
      <div className="row pbuttons">
        {caller && <a className="btn p l" href={`tel:${caller.tel}`}><Icon name="phone" />{t('home.callShort')}</a>}
        {!s.target && <span className="sp" />}
        {s.target && model.object('follow_up')?.rights.create && <button type="button" className={caller ? 'btn l' : 'btn p l'} onClick={() => logOn(s)}><Icon name="edit" />{t('follow.log')}</button>}
        {s.kind === 'task' && <span className="row pday-acts"><Later step={s} /></span>}
      </div>
    </section>
  );
}

function Row({ step: s, now, scope }: { step: Step; now: Date; scope: Scope }) {
  const t = useT();
  const to = s.target ?? { object: s.object, id: s.rec.id };
  const state = stateOf(s, now);
  const late = state === 'past' ? t('next.late', { count: -fmt.daysBetween(now, s.at) }) : '';
  return (
    <li>
      <When step={s} now={now} state={state} />
      <Link className="col sp" to="/o/$object/$id" params={{ object: to.object, id: to.id }}>
        <span className="el">{s.title}{scope !== 'mine' && s.owner ? ` · ${s.owner}` : ''}</span>
        <span className={late ? 's12 late el' : 's12 sec el'}>{[s.text, late].filter(Boolean).join(' · ')}</span>
      </Link>
      {!s.target && s.kind === 'task' && <span className="row pday-acts"><Later step={s} /></span>}
      {s.target && <button type="button" className="tap big brand" aria-label={`${t('follow.log')} ${s.title}`} onClick={() => logOn(s)}><Icon name="edit" size={20} /></button>}
    </li>
  );
}
