import Select from 'antd/es/select';
import { useMemo } from 'react';
import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import type { FieldMeta } from '@/api/types';
import { Ant } from '@/fields/Ant';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import type { SheetChoice, SheetColumn, Upload } from './types';

interface Props {
  upload: Upload;
  choices: SheetChoice[];
  onChange: (next: SheetChoice[]) => void;
  onBack: () => void;
  onNext: () => void;
}

/** Distinct values of a column: those the server lists, else the samples. */
function valuesOf(c: SheetColumn): string[] {
  const listed = c.values?.map((v) => (typeof v === 'string' ? v : v.value)) ?? c.samples ?? [];
  return [...new Set(listed.filter((v): v is string => typeof v === 'string' && v.trim() !== ''))].slice(0, 60);
}

/** What each value of a picklist column means. */
export function ValuesStep({ upload, choices, onChange, onBack, onNext }: Props) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const known = (f: FieldMeta, v: string) => model.picks(f.picklist).find((p) => [p.key, p.label.en, p.label.zh].some((x) => x.toLowerCase() === v.trim().toLowerCase()));
  const columns = useMemo(() => choices.flatMap((choice, sheet) => choice.mapping.flatMap((m) => {
    const f = choice.object && m.field ? model.field(choice.object, m.field) : undefined;
    const column = upload.sheets[sheet]?.columns.find((c) => c.header === m.column);
    if (!f || !column || (f.type !== 'pick' && f.type !== 'multi')) return [];
    return [{ sheet, choice, m, f, values: valuesOf(column) }];
  })), [choices, model, upload]);
  const set = (sheet: number, column: string, value: string, key: string | null) =>
    onChange(choices.map((c, i) => (i === sheet ? { ...c, mapping: c.mapping.map((m) => (m.column === column ? { ...m, values: { ...m.values, [value]: key } } : m)) } : c)));
  return (
    <Ant>
      <div className="imp-body">
        <p className="sec s13">{columns.length ? t('import.valuesText') : t('import.valuesNone')}</p>
        {columns.map(({ sheet, m, f, values }) => (
          <section key={`${sheet}/${m.column}`} className="imp-values" aria-label={m.column}>
            <h2 className="sect">{m.column} <Icon name="arrow" size={14} /> {label(f.label, lang, f.name)}</h2>
            <table className="imp-map">
              <thead><tr><th scope="col">{t('import.value')}</th><th aria-hidden="true" /><th scope="col">{t('import.meaning')}</th></tr></thead>
              <tbody>
                {values.map((v) => {
                  const said = m.values[v];
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
                          onChange={(k: string) => set(sheet, m.column, v, k || null)}
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
        <button type="button" className="btn" onClick={onBack}>{t('act.back')}</button>
        <button type="button" className="btn p" onClick={onNext}>{t('act.next')}</button>
      </footer>
    </Ant>
  );
}
