import Select from 'antd/es/select';
import { useState } from 'react';
import { label, targetOf } from '@/api/model';
import { useModel } from '@/api/queries';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { answer, answerOf } from './plan';
import type { Answer } from './plan';
import type { Question, SheetChoice } from './types';

interface Props {
  choices: SheetChoice[];
  questions: Question[];
  /** All rows were looked at. */
  whole: boolean;
  onChange: (next: SheetChoice[]) => void;
}

/** What the files leave open, each point once however many rows raise it. Rows of a point left open are given back with the reason. */
export function OpenPoints({ choices, questions, whole, onChange }: Props) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const left = questions.filter((q) => answerOf(choices, q) === 'open').length;
  return (
    <section className="imp-values imp-open" aria-label={t('import.open')}>
      <h2 className="sect">{t('import.open')} <span className="mut num">{left ? t('import.openLeft', { count: left }) : t('import.openNone')}</span></h2>
      <p className="sec s12">{t('import.openText')}{whole ? '' : ` ${t('import.openPart')}`}</p>
      <table className="imp-map">
        <thead><tr><th scope="col">{t('import.inFile')}</th><th aria-hidden="true" /><th scope="col">{t('import.meaning')}</th></tr></thead>
        <tbody>
          {questions.map((q) => {
            const now = answerOf(choices, q);
            const object = model.object(q.object);
            const field = label(model.field(q.object, q.field)?.label, lang, q.field);
            return (
              <tr key={`${q.sheet}/${q.object}/${q.field}/${q.open}/${q.value}`}>
                <td>
                  <b className="b">{q.open === 'blank' ? t('import.blank') : q.value}</b>
                  <span className="mut s12 el">{[q.column, object ? `${label(object.label, lang, q.object)} · ${field}` : field].filter(Boolean).join(' → ')}</span>
                </td>
                <td aria-hidden="true" className={now === 'open' ? 'warn' : 'mut'}><Icon name={now === 'open' ? 'alert' : 'arrow'} /></td>
                <td>
                  <Point q={q} now={now} onAnswer={(a) => onChange(answer(choices, q, a))} />
                  <span className="mut s12 el">{t(`import.open.${q.open}`)} · {t('import.openRows', { count: q.rows, n: fmt.number(q.rows, lang), first: q.first })}</span>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

const told = (a: Answer) => (typeof a === 'string' ? a : JSON.stringify(a));

/** The answers there are to one question; what is typed counts as one. */
function Point({ q, now, onAnswer }: { q: Question; now: Answer; onAnswer: (a: Answer) => void }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const [typed, setTyped] = useState('');
  const field = model.field(q.object, q.field);
  const target = field && targetOf(field) ? model.object(targetOf(field) ?? '') : undefined;
  const says = (text: string): Answer => (q.open === 'blank' ? { fill: text } : { means: text });
  const own = typeof now === 'object' ? ('fill' in now ? now.fill : 'means' in now ? now.means : '') : '';
  const picks = field?.picklist ? model.picks(field.picklist).map((p) => ({ value: told(says(p.key)), label: label(p.label, lang, p.key) })) : [];
  const texts = [...new Set([...q.similar, own, typed.trim()])].filter((s) => s && !picks.some((p) => p.value === told(says(s))));
  const options = [
    { value: 'open', label: t('import.leaveOpen') },
    ...texts.map((s) => ({ value: told(says(s)), label: t(q.open === 'blank' ? 'import.fillWith' : 'import.means', { what: s }) })),
    ...picks,
    ...(q.open === 'record' && field?.type === 'ref' && target?.rights.create ? [{ value: 'create', label: t('import.makeIt', { name: label(target.label, lang, target.name) }) }] : []),
    ...(q.open === 'ambiguous' && target ? ['external_id', 'code', 'email', 'username'].filter((n) => model.field(target.name, n)).map((n) => ({ value: told({ lookup: n }), label: t('import.lookup', { name: label(model.field(target.name, n)?.label, lang, n) }) })) : []),
    ...(q.open === 'blank' ? [] : [{ value: q.open === 'record' ? 'empty' : told({ means: '' }), label: t('import.valueSkip') }]),
  ];
  return (
    <Select
      aria-label={`${q.open === 'blank' ? t('import.blank') : q.value} → ${label(field?.label, lang, q.field)}`}
      style={{ width: '100%', maxWidth: 320 }}
      status={now === 'open' ? 'warning' : undefined}
      showSearch={{ optionFilterProp: 'label', onSearch: setTyped }}
      value={told(now)}
      onChange={(v: string) => onAnswer(v.startsWith('{') ? (JSON.parse(v) as Answer) : (v as Answer))}
      options={options}
    />
  );
}
