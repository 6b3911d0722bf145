import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import type { FieldMeta, ObjectMeta, Rec } from '@/api/types';
import { FieldValue } from '@/fields/FieldValue';
import FieldInput from '@/fields/inputs';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import type { Standing } from '../conditions/conditions';
import type { Line } from './Lines';
import type { LineStands } from './stands';

interface FigureProps {
  name: string;
  value: string;
  stand: Standing;
  missing: boolean;
  tried: boolean;
  onChange: (text: string) => void;
}

/** A figure in its column: hidden, held or asked for as the conditions of its field say while one types. */
export function Figure({ name, value, stand, missing, tried, onChange }: FigureProps) {
  const t = useT();
  if (!stand.shown) return <span className="mut line-num none">–</span>;
  if (stand.locked) return <output className="line-num held" aria-label={name} title={t('cond.locked')}><Icon name="lock" size={12} />{value || '–'}<span className="sr">{t('cond.locked')}</span></output>;
  return <input className="line-num" inputMode="decimal" aria-label={name} aria-required={stand.required || undefined} aria-invalid={(missing && tried) || undefined} placeholder={missing ? t('lines.need') : undefined} value={value} onChange={(e) => onChange(e.target.value)} />;
}

interface BelowProps {
  field: FieldMeta;
  id: string;
  child: ObjectMeta;
  line: Line;
  stands: LineStands;
  tried: boolean;
  onChange: (v: unknown) => void;
}

/** A field without a column, below its line because a condition calls for it. */
export function Below({ field: f, id, child, line, stands, tried, onChange }: BelowProps) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const stand = stands.of(f);
  const rec: Rec = { id: '', version: 0, ...line.saved?.rec, [f.name]: stands.value(f) };
  const titles = [line.saved?.rec.$expand?.[f.name] ?? []].flat();
  const bad = tried && stands.missing.has(f.name);
  if (stand.locked) {
    return (
      <div className="form-item">
        <span className="form-label" id={`${id}-label`}>{label(f.label, lang, f.name)}</span>
        <output className="form-locked" aria-labelledby={`${id}-label`} title={t('cond.locked')}><Icon name="lock" size={14} /><FieldValue object={child.name} field={f} rec={rec} model={model} lang={lang} dense blank={<span className="mut">–</span>} /></output>
      </div>
    );
  }
  return (
    <div className="form-item" data-field={f.name}>
      <label htmlFor={id}>{label(f.label, lang, f.name)}{stand.required && <span className="req" aria-hidden="true"> *</span>}</label>
      <FieldInput id={id} field={stand.required === (f.required === true) ? f : { ...f, required: stand.required }} value={stands.value(f)} titles={titles} model={model} lang={lang} error={bad} describedBy={bad ? `${id}-bad` : undefined} onChange={onChange} />
      {bad && <span id={`${id}-bad`} className="late s12">{t('error.value.required')}</span>}
    </div>
  );
}
