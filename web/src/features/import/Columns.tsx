import Select from 'antd/es/select';
import { label, targetOf } from '@/api/model';
import { useModel } from '@/api/queries';
import type { FieldMeta, ObjectMeta } from '@/api/types';
import { editable } from '@/fields/editable';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { used } from './plan';
import type { ColumnChoice, ProposedMapping, Sheet, SheetChoice, SheetColumn } from './types';

const lookups = new Set(['ref', 'md', 'user', 'dept', 'refs', 'users', 'depts']);

/** One line of the table: a column of the sheet and what it fills, or a text made of several columns. */
interface Line {
  at: number | null;
  column: SheetColumn | undefined;
}

function linesOf(sheet: Sheet, choice: SheetChoice): Line[] {
  const own = sheet.columns.flatMap((column): Line[] => {
    const at = choice.map.flatMap((m, i) => (m.column === column.header ? [i] : []));
    return at.length ? at.map((i) => ({ at: i, column })) : [{ at: null, column }];
  });
  return [...own, ...choice.map.flatMap((m, i): Line[] => (m.column ? [] : [{ at: i, column: undefined }]))];
}

/** Which column goes into which field. A column may fill several. */
export function Columns({ sheet, choice, object, onChange }: { sheet: Sheet; choice: SheetChoice; object: ObjectMeta; onChange: (map: ColumnChoice[]) => void }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const fields = object.fields.filter((f) => editable(f) || ['external_id', 'auto'].includes(f.type) || f.name === 'created_at' || f.name === 'external_id');
  const set = (line: Line, part: Partial<ColumnChoice>) =>
    onChange(line.at === null ? [...choice.map, { column: line.column?.header ?? '', field: null, ...part }] : choice.map.map((m, i) => (i === line.at ? { ...m, ...part } : m)));
  const head = (line: Line, m: ColumnChoice | undefined) => {
    const samples = (line.column?.samples ?? []).filter((s): s is string => Boolean(s)).slice(0, 3);
    if (!line.column) return <><b className="b">{m?.template ?? t('import.noColumn')}</b><span className="mut s12 el">{t('import.several')}</span></>;
    return <><b className="b">{line.column.header || '—'}</b><span className="mut s12 el">{samples.length ? samples.join(lang === 'zh-CN' ? '、' : ', ') : t('import.noValues')}</span></>;
  };
  return (
    <table className="imp-map">
      <thead>
        <tr><th scope="col">{t('import.column')}</th><th aria-hidden="true" /><th scope="col">{t('import.field')}</th><th scope="col">{t('import.why')}</th></tr>
      </thead>
      <tbody>
        {linesOf(sheet, choice).map((line, row) => {
          const m = line.at === null ? undefined : choice.map[line.at];
          const header = line.column?.header ?? m?.template ?? '';
          const beside = !m?.field && used(choice, header);
          const proposed = sheet.mapping.find((x) => x.column === header);
          const field = m?.field ? model.field(object.name, m.field) : undefined;
          const options = fields.map((f) => ({ value: f.name, label: label(f.label, lang, f.name), disabled: choice.map.some((x, i) => x.field === f.name && i !== line.at) }));
          return (
            // oxlint-disable-next-line react/no-array-index-key -- a column may fill several fields; its place is what tells the lines apart
            <tr key={row}>
              <td>{head(line, m)}</td>
              <td aria-hidden="true" className={m?.field || beside ? 'mut' : 'warn'}><Icon name={m?.field || beside ? 'arrow' : 'x'} /></td>
              <td>
                <Select
                  aria-label={`${header} → ${t('import.field')}`}
                  style={{ width: '100%' }}
                  showSearch={{ optionFilterProp: 'label' }}
                  value={m?.field ?? ''}
                  onChange={(v: string) => set(line, { field: v || null, values: {}, lookup: null, missing: 'error', blank: [] })}
                  options={[{ value: '', label: t(beside ? 'import.beside' : 'import.skip') }, ...options]}
                />
              </td>
              <td className="s12">
                <div className="row imp-how">
                  {field && m && lookups.has(field.type) ? <Lookup field={field} m={m} onChange={(part) => set(line, part)} /> : <Why proposed={proposed} same={proposed?.field === m?.field} />}
                  {m && <Said m={m} />}
                  {m?.field && line.column && (
                    <button type="button" className="ib imp-also" aria-label={t('import.alsoInto', { name: header })} title={t('import.alsoInto', { name: header })} onClick={() => onChange([...choice.map, { column: header, field: null }])}>
                      <Icon name="plus" />
                    </button>
                  )}
                </div>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** What a plan says of a column beside its field. */
function Said({ m }: { m: ColumnChoice }) {
  const t = useT();
  const values = Object.keys(m.values ?? {}).length;
  const blank = (m.blank ?? []).map((b) => b.value ?? b.column ?? '').filter(Boolean);
  const parts = [
    values > 0 && t('import.said.values', { count: values }),
    blank.length > 0 && t('import.said.blank', { what: blank.join(' / ') }),
    m.times && `× ${m.times}`,
    m.among !== undefined && m.among !== null && t('import.said.among'),
    m.date && m.date.toUpperCase(),
  ].filter(Boolean);
  return parts.length ? <span className="mut">{parts.join(' · ')}</span> : null;
}

function Why({ proposed, same }: { proposed: ProposedMapping | undefined; same: boolean }) {
  const lang = useLang();
  const t = useT();
  if (!proposed?.field || !same) return null;
  const why = proposed.why ? label(proposed.why, lang) : null;
  const sure = Math.round(proposed.confidence);
  return <span className="sec">{why} <span className={sure < 70 ? 'warn' : 'mut'}>{t('import.confidence', { n: sure })}</span></span>;
}

/** Lookups are found by the title or any field that is unique; what is not found may be made. */
function Lookup({ field, m, onChange }: { field: FieldMeta; m: ColumnChoice; onChange: (part: Partial<ColumnChoice>) => void }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const target = model.object(targetOf(field) ?? '');
  if (!target) return null;
  const choices = [target.title, ...['code', 'email', 'username', 'employee_no', 'external_id', 'uscc'].filter((n) => model.field(target.name, n))];
  const missing = field.type === 'ref' && target.rights.create ? (['error', 'empty', 'create'] as const) : (['error', 'empty'] as const);
  return (
    <>
      <Select
        size="small"
        variant="filled"
        aria-label={t('import.match')}
        value={m.lookup ?? target.title}
        onChange={(v: string) => onChange({ lookup: v === target.title ? null : v })}
        options={[...new Set(choices)].map((n) => ({ value: n, label: t('import.lookup', { name: label(model.field(target.name, n)?.label, lang, n) }) }))}
      />
      <Select
        size="small"
        variant="filled"
        aria-label={t('import.missing')}
        value={m.missing ?? 'error'}
        onChange={(v) => onChange({ missing: v })}
        options={missing.map((v) => ({ value: v, label: t(`import.missing.${v}`) }))}
      />
    </>
  );
}
