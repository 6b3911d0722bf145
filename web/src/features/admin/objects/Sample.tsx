import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { api, Problem } from '@/api/client';
import { inner, plural } from '@/api/model';
import { codeWords } from '@/api/problem';
import { useModel } from '@/api/queries';
import type { components } from '@/api/schema';
import type { FieldMeta, FieldType } from '@/api/types';
import { FieldValue } from '@/fields/FieldValue';
import FieldInput from '@/fields/inputs';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { lang, useLang, useT } from '@/shared/i18n';
import { sayA, useA } from '../text';

type Ask = components['schemas']['FormulaTrial'];
export type Answer = components['schemas']['FormulaResult'];

/** What the server says is wrong with a formula, and where. */
function wrong(e: unknown): string[] {
  if (!(e instanceof Problem)) return [];
  const all = e.body.errors ?? [];
  // The name that was meant, when one is near.
  const near = (p: Record<string, unknown> | undefined) => (typeof p?.['near'] === 'string' ? ` ${sayA(lang.get(), 'formula.near', { near: p['near'] })}` : '');
  return all.length ? all.map((x) => codeWords(x.code, x.params, x.message) + near(x.params)) : [codeWords(e.body.code, (e.body['params'] as Record<string, unknown> | undefined) ?? {}, e.body.title)];
}

/** Tries a formula half a second after the last key: what is wrong with it, or what it gives. */
export function useTrial(ask: { object: string; formula: string; result: string | undefined; scale: number | undefined; count: boolean | undefined }): { answer: Answer | null; faults: string[]; choose: (id: string) => void } {
  const { object, formula, result, scale, count } = ask;
  const [id, choose] = useState<string>();
  const [state, setState] = useState<{ answer: Answer | null; faults: string[] }>({ answer: null, faults: [] });
  useEffect(() => {
    let gone = false;
    const timer = setTimeout(() => {
      if (!formula.trim()) return setState({ answer: null, faults: [] });
      const body: Ask = { object, formula, result: (result as Ask['result']) ?? null, scale: scale ?? null, id: id ?? null, count: count ?? null };
      void api.post<Answer>('/meta/formula', body).then((answer) => ({ answer, faults: [] as string[] }), (e: unknown) => ({ answer: null, faults: wrong(e) })).then((r) => {
        if (!gone) setState(r);
      });
    }, 500);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [object, formula, result, scale, count, id]);
  return { ...state, choose };
}

/** What the formula gives for a real record, which can be another one; for a rule also how many records break it. */
export function Sample({ id, object, answer, result, scale, breaks, onChoose }: { id: string; object: string; answer: Answer; result: string | undefined; scale: number | undefined; breaks: boolean | undefined; onChoose: (id: string) => void }) {
  const a = useA();
  const t = useT();
  const reader = useLang();
  const model = useModel();
  const meta = model.object(object)!;
  const [any, setAny] = useState(false);
  const { record, records, broken } = answer;
  const name = inner(plural(meta, reader), reader);
  if (!record) return <p className="sample mut s12">{a('sample.none', { name })}</p>;
  const f: FieldMeta = { name: 'sample', type: (result ?? 'bool') as FieldType, label: { en: 'Result', zh: '结果' }, access: 'read', ...(scale === undefined ? {} : { scale }) };
  // Sums in the base currency come as a number; they are read as money.
  const value = result === 'money' && typeof answer.value === 'string' ? { amount: answer.value, currency: model.doc.currency } : answer.value;
  const others = records.some((r) => r.id === record.id) ? records : [record, ...records];
  return (
    <div className="sample" role="group" aria-label={a('sample.title')}>
      <div className="sample-line">
        <label className="mut" htmlFor={`${id}-on`}>{a('sample.for')}</label>
        {any ? (
          <span className="sample-any"><FieldInput id={`${id}-on`} field={{ name: 'sample', type: 'ref', target: object, label: { en: 'Record', zh: '记录' }, access: 'edit' }} value={record.id} titles={[{ object, id: record.id, title: record.title }]} model={model} lang={reader} autoFocus onChange={(v) => { if (typeof v === 'string') onChoose(v); }} onDone={() => setAny(false)} /></span>
        ) : (
          <select id={`${id}-on`} className="adm-in" value={record.id} onChange={(e) => (e.target.value ? onChoose(e.target.value) : setAny(true))}>
            {others.map((r) => <option key={r.id} value={r.id}>{r.title || t('value.untitled')}</option>)}
            <option value="">{a('sample.other')}</option>
          </select>
        )}
        <span className="mut">{a('sample.gives')}</span>
        <output className="b" data-sample>
          {answer.beyond ? <span className="mut">{a('sample.beyond')}</span>
            : breaks !== undefined ? (answer.value === breaks ? <span className="late">{a('sample.broken')}</span> : <span className="ok">{a('sample.kept')}</span>)
            : result === undefined || result === 'bool' ? a(answer.value === true ? 'sample.yes' : 'sample.no')
            : <FieldValue object="" field={f} rec={{ id: '', version: 0, sample: value } as never} model={model} lang={reader} blank={<span className="mut">{t('value.blank')}</span>} />}
        </output>
      </div>
      {broken && (
        <p className={broken.count ? 'row warn' : 'row ok'} role="status" data-broken={broken.count}>
          <Icon name={broken.count ? 'alert' : 'check'} size={14} />
          <span>{broken.count === 0 ? a('sample.noneBroken', { name }) : a(broken.capped ? 'sample.manyBroken' : 'sample.someBroken', { count: broken.count, n: fmt.number(broken.count, reader), name })}{broken.among ? ` ${a('sample.among', { n: fmt.number(broken.among, reader) })}` : ''}</span>
          {broken.ids.length > 0 && <Link className="link" to="/o/$object" params={{ object }} search={{ layout: 'table', filter: { and: [{ field: 'id', op: 'in', value: broken.ids }] } }} target="_blank">{broken.ids.length < broken.count ? a('sample.showFirst', { n: fmt.number(broken.ids.length, reader) }) : a('sample.show')}</Link>}
        </p>
      )}
    </div>
  );
}
