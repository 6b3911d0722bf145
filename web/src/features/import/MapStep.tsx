import Select from 'antd/es/select';
import { useState } from 'react';
import { label, plural, targetOf } from '@/api/model';
import { useModel } from '@/api/queries';
import type { FieldMeta } from '@/api/types';
import { editable } from '@/fields/editable';
import { Ant } from '@/fields/Ant';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { TabList, tabStop } from '@/shared/tabs';
import type { ColumnChoice, ProposedMapping, SheetChoice, Upload } from './types';

interface Props {
  upload: Upload;
  choices: SheetChoice[];
  onChange: (next: SheetChoice[]) => void;
  onBack: () => void;
  onNext: () => void;
}

const lookups = new Set(['ref', 'md', 'user', 'dept']);

/** Which column goes into which field, with the reason it was recognised by. */
export function MapStep({ upload, choices, onChange, onBack, onNext }: Props) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const [at, setAt] = useState(0);
  const sheet = upload.sheets[at];
  const choice = choices[at];
  if (!sheet || !choice) return null;
  const set = (part: Partial<SheetChoice>) => onChange(choices.map((c, i) => (i === at ? { ...c, ...part } : c)));
  const setColumn = (column: string, part: Partial<ColumnChoice>) => set({ mapping: choice.mapping.map((m) => (m.column === column ? { ...m, ...part } : m)) });
  const object = choice.object ? model.object(choice.object) : undefined;
  const fields = object?.fields.filter((f) => editable(f) || ['external_id', 'auto'].includes(f.type) || f.name === 'created_at') ?? [];
  const known = choice.mapping.filter((m) => m.field).length;
  const objects = model.doc.objects.filter((o) => o.rights.import);
  const ready = choices.some((c) => c.object && c.mapping.some((m) => m.field));
  return (
    <Ant>
      <div className="imp-body">
        {upload.sheets.length > 1 && (
          <TabList className="tabs imp-tabs" label={t('import.sheet')}>
            {upload.sheets.map((s, i) => (
              <button key={s.name} type="button" role="tab" aria-selected={i === at} tabIndex={tabStop(i === at)} onClick={() => setAt(i)}>
                {s.name}
                <span className="mut num">{fmt.number(s.rows, lang)}</span>
              </button>
            ))}
          </TabList>
        )}
        <div className="imp-options">
          <p>
            <b className="b">{t('import.recognised', { known, all: sheet.columns.length })}</b>
            {sheet.columns.length > known && t('import.left', { count: sheet.columns.length - known })}
            {lang === 'zh-CN' ? '。' : '. '}
            <span className="mut">{t('import.rows', { count: sheet.rows })}</span>
          </p>
          <span className="sp" />
          <Choice text={t('import.into')} value={choice.object ?? ''} onChange={(v) => set({ object: v || null })} options={[...objects.map((o) => ({ value: o.name, label: plural(o, lang) })), { value: '', label: t('import.skipSheet') }]} width={160} />
          <Choice text={t('import.mode')} value={choice.mode} onChange={(v) => set({ mode: v as SheetChoice['mode'] })} options={(['create', 'upsert', 'update'] as const).map((m) => ({ value: m, label: t(`import.mode.${m}`) }))} width={150} />
          {choice.mode !== 'create' && object && <Choice text={t('import.match')} value={choice.match_field ?? ''} onChange={(v) => set({ match_field: v || undefined })} options={[{ value: '', label: t('import.matchAuto') }, ...choice.mapping.filter((m) => m.field).map((m) => ({ value: m.field ?? '', label: label(model.field(object.name, m.field ?? '')?.label, lang, m.field ?? '') }))]} width={140} />}
          {choice.mode !== 'update' && <Choice text={t('import.dup')} value={choice.on_duplicate} onChange={(v) => set({ on_duplicate: v as SheetChoice['on_duplicate'] })} options={(['skip', 'update', 'create'] as const).map((m) => ({ value: m, label: t(`import.dup.${m}`) }))} width={140} />}
        </div>
        {object && (
          <table className="imp-map">
            <thead>
              <tr><th scope="col">{t('import.column')}</th><th aria-hidden="true" /><th scope="col">{t('import.field')}</th><th scope="col">{t('import.why')}</th></tr>
            </thead>
            <tbody>
              {sheet.columns.map((c) => {
                const m = choice.mapping.find((x) => x.column === c.header);
                const proposed = sheet.mapping?.find((x) => x.column === c.header);
                const field = m?.field ? model.field(object.name, m.field.split('.')[0] ?? '') : undefined;
                const samples = (c.samples ?? []).filter((s): s is string => Boolean(s)).slice(0, 3);
                return (
                  <tr key={c.header}>
                    <td><b className="b">{c.header || '—'}</b><span className="mut s12 el">{samples.length ? samples.join(lang === 'zh-CN' ? '、' : ', ') : t('import.noValues')}</span></td>
                    <td aria-hidden="true" className={m?.field ? 'mut' : 'warn'}><Icon name={m?.field ? 'arrow' : 'x'} /></td>
                    <td>
                      <Select
                        aria-label={`${c.header} → ${t('import.field')}`}
                        style={{ width: '100%' }}
                        showSearch={{ optionFilterProp: 'label' }}
                        value={m?.field ?? ''}
                        onChange={(v: string) => setColumn(c.header, { field: v || null, values: {}, lookup: undefined })}
                        options={[{ value: '', label: t('import.skip') }, ...fields.map((f) => ({ value: f.name, label: label(f.label, lang, f.name), disabled: choice.mapping.some((x) => x.field === f.name && x.column !== c.header) }))]}
                      />
                    </td>
                    <td className="s12">
                      {field && lookups.has(field.type) ? <Lookup field={field} value={m?.lookup} onChange={(lookup) => setColumn(c.header, { lookup })} /> : <Why proposed={proposed} same={proposed?.field === m?.field} />}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        )}
      </div>
      <footer className="imp-foot">
        <Icon name="undo" />
        <span className="el">{t('import.undoHint')}</span>
        <span className="sp" />
        <button type="button" className="btn" onClick={onBack}>{t('act.back')}</button>
        <button type="button" className="btn p" disabled={!ready} onClick={onNext}>{t('act.next')}</button>
      </footer>
    </Ant>
  );
}

function Why({ proposed, same }: { proposed: ProposedMapping | undefined; same: boolean }) {
  const lang = useLang();
  const t = useT();
  if (!proposed?.field || !same) return null;
  const why = typeof proposed.why === 'object' ? label(proposed.why, lang) : proposed.why;
  const sure = proposed.confidence === null || proposed.confidence === undefined ? null : Math.round(proposed.confidence <= 1 ? proposed.confidence * 100 : proposed.confidence);
  return <span className="sec">{why}{sure !== null && <span className={sure < 70 ? 'warn' : 'mut'}> {t('import.confidence', { n: sure })}</span>}</span>;
}

/** Lookups are found by the title or any field that is unique. */
function Lookup({ field, value, onChange }: { field: FieldMeta; value: string | undefined; onChange: (v: string | undefined) => void }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const target = model.object(targetOf(field) ?? '');
  if (!target) return null;
  const choices = [target.title, ...['code', 'email', 'username', 'employee_no', 'external_id', 'uscc'].filter((n) => model.field(target.name, n))];
  return (
    <Select
      size="small"
      variant="filled"
      aria-label={t('import.match')}
      value={value ?? target.title}
      onChange={(v: string) => onChange(v)}
      options={[...new Set(choices)].map((n) => ({ value: n, label: t('import.lookup', { name: label(model.field(target.name, n)?.label, lang, n) }) }))}
    />
  );
}

function Choice({ text, value, onChange, options, width }: { text: string; value: string; onChange: (v: string) => void; options: { value: string; label: string }[]; width: number }) {
  return (
    <div className="col imp-choice">
      <span className="mut s12">{text}</span>
      <Select aria-label={text} style={{ width }} value={value} onChange={onChange} options={options} showSearch={options.length > 8 ? { optionFilterProp: 'label' } : false} />
    </div>
  );
}
