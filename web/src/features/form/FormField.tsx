import { lazy, Suspense } from 'react';
import { label, type Model } from '@/api/model';
import type { Expanded, FieldMeta } from '@/api/types';
import { hintFor } from '@/fields/hints';
import { FieldValue } from '@/fields/FieldValue';
import FieldInput from '@/fields/inputs';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { shapeOf } from './shaped/shapes';

const ShapedInput = lazy(() => import('./shaped/ShapedInput'));

interface Props {
  object: string;
  field: FieldMeta;
  value: unknown;
  values: Record<string, unknown>;
  bad: string | undefined;
  required: boolean;
  /** Held by a condition: what stands in it is shown and cannot be written. */
  locked?: boolean;
  titles: Expanded[];
  model: Model;
  onChange: (v: unknown, titles?: Expanded | Expanded[]) => void;
  onLeave: () => void;
}

/** One field of the form: label above, the hint while typing, the error after leaving. */
export function FormField({ object, field: f, value, values, bad, required, locked = false, titles, model, onChange, onLeave }: Props) {
  const t = useT();
  const lang = useLang();
  const broad = ['long', 'rich', 'addr', 'json', 'poly', 'file', 'img'].includes(f.type);
  const hint = bad ? null : hintFor(f, value);
  const id = `new-${f.name}`;
  const shape = shapeOf(object, f.name);
  if (locked) {
    const rec = { id: '', version: 0, [f.name]: value ?? null, $expand: { [f.name]: titles } };
    return (
      <div className={broad ? 'form-item broad' : 'form-item'} data-field={f.name}>
        <span className="form-label" id={`${id}-label`}>{label(f.label, lang, f.name)}</span>
        <output className="form-locked" id={id} aria-labelledby={`${id}-label`} aria-describedby={`${id}-locked`}><Icon name="lock" size={14} /><FieldValue object={object} field={f} rec={rec} model={model} lang={lang} dense blank={<span className="mut">–</span>} /></output>
        <span id={`${id}-locked`} className="mut s12">{t('cond.locked')}</span>
      </div>
    );
  }
  return (
    <div className={broad ? 'form-item broad' : 'form-item'} data-field={f.name} onBlur={onLeave}>
      <label htmlFor={id}>{label(f.label, lang, f.name)}{required && <span className="req" aria-hidden="true"> *</span>}</label>
      {shape ? <Suspense><ShapedInput shape={shape} id={id} field={f} value={value} titles={titles} model={model} lang={lang} error={Boolean(bad)} context={values} describedBy={bad ? `bad-${f.name}` : undefined} onChange={onChange} /></Suspense> : <FieldInput id={id} field={required === (f.required === true) ? f : { ...f, required }} value={value} titles={titles} model={model} lang={lang} error={Boolean(bad)} context={values} describedBy={bad ? `bad-${f.name}` : hint ? `hint-${f.name}` : undefined} onChange={onChange} />}
      {bad ? <span id={`bad-${f.name}`} className="late s12">{bad}</span>
        : hint ? <span id={`hint-${f.name}`} className={`s12 ${hint.tone === 'ok' ? 'ok' : hint.tone === 'warn' ? 'warn' : 'mut'}`}>{t(hint.key, hint.params)} {hint.fix && <button type="button" className="link" onClick={() => onChange(hint.fix)}>{t('hint.use', { value: hint.fix })}</button>}</span>
        : f.help ? <span className="mut s12">{label(f.help, lang)}</span> : null}
    </div>
  );
}
