import Select from 'antd/es/select';
import { useEffect, useMemo, useState } from 'react';
import { api } from '@/api/client';
import { label } from '@/api/model';
import { words, type Words } from '@/api/problem';
import { useModel } from '@/api/queries';
import type { FieldMeta } from '@/api/types';
import { Ant } from '@/fields/Ant';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { SkeletonRows } from '@/shared/ui';
import { answerOf, planOf, sheetOf } from './plan';
import { OpenPoints } from './OpenPoints';
import { SavePlan } from './SavePlan';
import type { Questions, SheetChoice, SheetColumn, Upload } from './types';

interface Props {
  upload: Upload;
  choices: SheetChoice[];
  onChange: (next: SheetChoice[]) => void;
  onBack: () => void;
  onNext: () => void;
}

/** Distinct values of a column, where they are few enough to be listed. */
function valuesOf(c: SheetColumn): string[] {
  const listed = c.values?.map((v) => v.value) ?? c.samples;
  return [...new Set(listed.filter((v): v is string => typeof v === 'string' && v.trim() !== ''))].slice(0, 60);
}

/** What is open: records nobody finds, choices nobody knows, blanks where a value is needed; and what the values of choices mean. */
export function ValuesStep({ upload, choices, onChange, onBack, onNext }: Props) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const [asked, setAsked] = useState<Questions | null>(null);
  const [trouble, setTrouble] = useState<Words | null>(null);
  const known = (f: FieldMeta, v: string) => model.picks(f.picklist).find((p) => [p.key, p.label.en, p.label.zh].some((x) => x.toLowerCase() === v.trim().toLowerCase()));
  const columns = useMemo(() => choices.flatMap((choice, sheet) => choice.map.flatMap((m, at) => {
    const f = choice.object && m.field ? model.field(choice.object, m.field) : undefined;
    const column = sheetOf(upload, choice)?.columns.find((c) => c.header === m.column);
    if (!f || !column || (f.type !== 'pick' && f.type !== 'multi')) return [];
    return [{ sheet, at, choice, m, f, values: valuesOf(column) }];
  })), [choices, model, upload]);
  const set = (sheet: number, at: number, value: string, key: string | null) =>
    onChange(choices.map((c, i) => (i === sheet ? { ...c, map: c.map.map((m, j) => (j === at ? { ...m, values: { ...m.values, [value]: key } } : m)) } : c)));
  const ask = async () => {
    setTrouble(null);
    try {
      return await api.post<Questions>('/import/questions', { upload_id: upload.upload_id, sheets: planOf(choices) });
    } catch (e) {
      setTrouble(words(e, lang));
      return null;
    }
  };
  useEffect(() => {
    void ask().then(setAsked);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- asked once; answers are followed up by going on
  }, []);
  // Values that stand in a table below are asked there.
  const listed = (object: string, field: string, value: string) => columns.some((c) => c.choice.object === object && c.m.field === field && c.values.includes(value));
  const open = (asked?.questions ?? []).filter((q) => q.open !== 'choice' || !listed(q.object, q.field, q.value));
  // An answer may raise the next question: a record that stands in for blanks must be found, too.
  const next = async () => {
    const known = new Set(open.map((q) => JSON.stringify([q.sheet, q.object, q.field, q.column, q.open, q.value])));
    if (!open.some((q) => answerOf(choices, q) !== 'open')) return onNext();
    const again = await ask();
    if (!again) return;
    const news = again.questions.some((q) => !known.has(JSON.stringify([q.sheet, q.object, q.field, q.column, q.open, q.value])));
    if (!news) return onNext();
    setAsked(again);
  };
  const nothing = asked !== null && !open.length && !columns.length;
  return (
    <Ant>
      <div className="imp-body">
        {trouble && <div className="notice late" role="alert"><Icon name="alert" /><div className="col"><b>{trouble.title}</b>{trouble.lines.map((l) => <span key={l}>{l}</span>)}</div></div>}
        {!asked && !trouble && <SkeletonRows rows={4} />}
        {nothing && <p className="sec s13">{t('import.valuesNone')}</p>}
        {open.length > 0 && <OpenPoints choices={choices} questions={open} whole={asked?.whole ?? true} onChange={onChange} />}
        {columns.length > 0 && <p className="sec s13">{t('import.valuesText')}</p>}
        {columns.map(({ sheet, at, m, f, values }) => (
          <section key={`${sheet}/${at}`} className="imp-values" aria-label={m.column}>
            <h2 className="sect">{m.column} <Icon name="arrow" size={14} /> {label(f.label, lang, f.name)}</h2>
            <table className="imp-map">
              <thead><tr><th scope="col">{t('import.value')}</th><th aria-hidden="true" /><th scope="col">{t('import.meaning')}</th></tr></thead>
              <tbody>
                {values.map((v) => {
                  const said = m.values?.[v];
                  const guess = known(f, v)?.key;
                  const now = said === undefined ? guess : said;
                  return (
                    <tr key={v}>
                      <td>{v}</td>
                      <td aria-hidden="true" className={now ? 'mut' : 'warn'}><Icon name={now ? 'arrow' : 'alert'} /></td>
                      <td>
                        <Select
                          aria-label={`${m.column}: ${v}`}
                          style={{ width: 260 }}
                          showSearch={{ optionFilterProp: 'label' }}
                          value={now ?? ''}
                          onChange={(k: string) => set(sheet, at, v, k || null)}
                          options={[{ value: '', label: t('import.valueSkip') }, ...model.picks(f.picklist).map((p) => ({ value: p.key, label: label(p.label, lang, p.key) }))]}
                        />
                      </td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </section>
        ))}
      </div>
      <footer className="imp-foot">
        <span className="sp" />
        <SavePlan upload={upload} choices={choices} />
        <button type="button" className="btn" onClick={onBack}>{t('act.back')}</button>
        <button type="button" className="btn p" disabled={!asked && !trouble} onClick={() => void next()}>{t('act.next')}</button>
      </footer>
    </Ant>
  );
}
