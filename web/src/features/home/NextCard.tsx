import { Link } from '@tanstack/react-router';
import { label } from '@/api/model';
import { useList, useModel, useRecord } from '@/api/queries';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { t as say, useLang, useT } from '@/shared/i18n';
import { backgroundOf, minutesTo, type Step } from './agenda';
import { logOn } from './acts';
import { Later } from './Later';

export function soon(s: Step, now: Date): { text: string; late: boolean } {
  const diff = fmt.daysBetween(now, s.at);
  if (diff < 0) return { text: say('next.late', { count: -diff }), late: true };
  const m = s.timed ? minutesTo(s.at, now) : null;
  if (diff > 0 || m === null) return { text: '', late: false };
  if (m < -5) return { text: m > -60 ? say('home.minAgo', { n: -m }) : say('home.hourAgo', { n: Math.round(-m / 60) }), late: false };
  return { text: m <= 5 ? say('home.now') : m < 60 ? say('home.inMin', { n: m }) : say('home.inHour', { n: Math.round(m / 60) }), late: false };
}

interface Caller {
  name: string;
  tel: string;
  shown: string;
}

/** What one needs to act on a step: whom to call, what was said last. */
export interface Background {
  caller: Caller | null;
  last: string;
}

/** Asks for it; `pending` until both are known. */
export function useBackground(s: Step): Background & { pending: boolean } {
  const lang = useLang();
  const model = useModel();
  const { holder, talks: question } = backgroundOf(s, model);
  const asked = useRecord(holder?.object ?? 'contact', holder?.id ?? '');
  const rec = asked.data;
  const talks = useList('follow_up', question ?? {}, question !== undefined);
  const past = talks.data?.pages[0]?.data[0];
  const number = (['mobile', 'phone'] as const).map((f) => (rec?.$masked?.includes(f) ? null : (rec?.[f] as { e164?: string | null; raw?: string } | null | undefined))).find((p) => p?.e164 || p?.raw);
  const caller = number ? { name: holder?.title ?? '', tel: number.e164 ?? number.raw ?? '', shown: fmt.phone(number.e164, number.raw ?? '') } : null;
  const kind = past ? label(model.pick(model.field('follow_up', 'follow_type')?.picklist, past['follow_type'])?.label, lang) : '';
  const last = past ? say('home.last', { when: [fmt.dateWords(new Date(String(past['occurred_at'])), lang), kind].filter(Boolean).join(lang === 'zh-CN' ? '，' : ', '), text: String(past['content'] ?? '') }) : '';
  return { caller, last, pending: asked.isLoading || talks.isLoading };
}

/** The step that is next, opened: what it is about, what was said last, and the acts it needs. */
export function NextCard({ step: s, now }: { step: Step; now: Date }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const { caller, last } = useBackground(s);
  const when = soon(s, now);
  const to = s.target ?? { object: s.object, id: s.rec.id };
  const amount = (s.about ?? s.rec)['amount'] as { amount?: string; currency?: string } | null | undefined;
  return (
    <>
      <div className="col body">
        <div className="row">
          <Link className="link-quiet day-next el" to="/o/$object/$id" params={{ object: to.object, id: to.id }}>{s.title}</Link>
          {s.beside && <span className="mut s13 el">{s.beside}</span>}
        </div>
        {(s.text || s.place) && <span className="sec">{[s.text, s.place].filter(Boolean).join(' · ')}</span>}
        {last && <p className="quote">{last}</p>}
        <div className="row day-now-acts">
          {caller && <a className="btn p s" href={`tel:${caller.tel}`}><Icon name="phone" />{t('home.call', { number: caller.shown })}</a>}
          {s.target && model.object('follow_up')?.rights.create && <button type="button" className={caller ? 'btn s' : 'btn p s'} onClick={() => logOn(s)}><Icon name="edit" />{t('follow.log')}</button>}
          <Link className="btn s" to="/o/$object/$id" params={{ object: to.object, id: to.id }}>
            <Icon name="right" />{amount?.amount ? t('home.see', { what: fmt.compactMoney(Number(amount.amount), amount.currency ?? model.doc.currency, lang) }) : t('act.open')}
          </Link>
          <span className="sp" />
          <Later step={s} />
        </div>
      </div>
      <span className={`s12 b ${when.late ? 'late' : 'brand'}`}>{when.text}</span>
    </>
  );
}
