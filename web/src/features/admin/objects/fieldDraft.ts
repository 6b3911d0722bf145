import type { Model } from '@/api/model';
import type { FieldType, Label } from '@/api/types';
import { findField, putField, type CField, type Custom } from './custom';
import { propose } from './names';
import { draftOf, finish, newValue, type DraftValue } from './ValuesEditor';
import { written } from './types';

/** What the dialog holds while a field is made or changed. */
export interface FieldDraft {
  field: CField;
  type: FieldType;
  /** The name follows the labels until it is written by hand. */
  named: boolean;
  section: string;
  /** Values of an own picklist; null when the field uses one that is there. */
  values: DraftValue[] | null;
}

export const CUSTOM_SECTION: { key: string; label: Label } = { key: 'custom', label: { en: 'More', zh: '更多' } };

export function fresh(type: FieldType, section: string): FieldDraft {
  const field: CField = { name: '', type, label: { en: '', zh: '' } };
  if (type === 'calc') Object.assign(field, { formula: '', result: 'text' });
  if (type === 'roll') field.rollup = { object: '', via: '', fn: 'count' };
  if (type === 'auto') field.pattern = '{YYYYMM}{0000}';
  return { field, type, named: false, section, values: type === 'pick' || type === 'multi' ? [newValue(), newValue()] : null };
}

/** A field that is there, out of the text. */
export function ofField(c: Custom, object: string, name: string): FieldDraft | undefined {
  const found = findField(c, object, name);
  if (!found) return undefined;
  const own = found.field.picklist ? c.picklist?.[found.field.picklist] : undefined;
  return { field: JSON.parse(JSON.stringify(found.field)) as CField, type: found.field.type as FieldType, named: true, section: found.section.key, values: own ? own.values.map(draftOf) : null };
}

export function nameOf(d: FieldDraft, taken: ReadonlySet<string>): string {
  return d.named ? d.field.name : propose(d.field.label.en, d.field.label.zh, taken);
}

/** Only what was said, in the order of the documentation; one label serves both languages when only one was written. */
export function tidy(d: FieldDraft, name: string, picklist: string | undefined): CField {
  const f = d.field;
  const both = (l: Label): Label => ({ en: l.en.trim() || l.zh.trim(), zh: l.zh.trim() || l.en.trim() });
  const out: Record<string, unknown> = { ...f, name, type: d.type, label: both(f.label) };
  if (picklist) out['picklist'] = picklist;
  if (f.help && (f.help.en.trim() || f.help.zh.trim())) out['help'] = both(f.help);
  else delete out['help'];
  if (!written(d.type)) for (const k of ['required', 'default', 'required_if', 'readonly_if']) delete out[k];
  if (f.rollup) out['rollup'] = Object.fromEntries(Object.entries(f.rollup).filter(([k, v]) => v && !(k === 'field' && f.rollup?.fn === 'count')));
  for (const [k, v] of Object.entries(out)) if (v === '' || v === false || v === undefined || v === null || (typeof v === 'number' && Number.isNaN(v))) delete out[k];
  if (f.default !== undefined && f.default !== '' && f.default !== null && written(d.type)) out['default'] = f.default;
  return out as unknown as CField;
}

/** Writes the draft into the text: the picklist, the field, its section. */
export function putDraft(c: Custom, model: Model, object: string, d: FieldDraft): string {
  const taken = new Set(model.object(object)?.fields.map((f) => f.name) ?? []);
  if (!d.named) for (const s of [...(c.extend ?? []), ...(c.object ?? [])]) for (const f of s.section.flatMap((x) => x.fields ?? [])) if (s.name === object) taken.add(f.name);
  const name = nameOf(d, taken);
  let picklist = d.field.picklist;
  if (d.values) {
    picklist ??= propose(`${object.replace(/__c$/, '')}_${name.replace(/__c$/, '')}`, '', new Set(Object.keys(c.picklist ?? {})));
    const was = c.picklist?.[picklist];
    c.picklist = { ...c.picklist, [picklist]: { ...was, label: { ...d.field.label, en: d.field.label.en || d.field.label.zh, zh: d.field.label.zh || d.field.label.en }, values: finish(d.values, '') } };
  }
  const there = model.object(object)?.sections?.find((s) => s.key === d.section);
  const section = there ? { key: d.section } : d.section === CUSTOM_SECTION.key ? CUSTOM_SECTION : { key: d.section };
  // A section that only this text makes needs its label there, once.
  const own = c.extend?.find((e) => e.name === object)?.section.find((s) => s.key === d.section);
  putField(c, object, own?.label ? { key: d.section, label: own.label } : section, tidy(d, name, picklist));
  return name;
}

/** What is missing before the server need be asked. */
export function missing(d: FieldDraft): string | undefined {
  const f = d.field;
  if (!f.label.en.trim() && !f.label.zh.trim()) return 'label';
  if (d.values && finish(d.values, '').length === 0) return 'values';
  if ((d.type === 'pick' || d.type === 'multi') && !d.values && !f.picklist) return 'picklist';
  if (d.type === 'ref' && !f.target) return 'target';
  if (d.type === 'calc' && !f.formula?.trim()) return 'formula';
  if (d.type === 'roll' && (!f.rollup?.object || !f.rollup.via || (f.rollup.fn !== 'count' && !f.rollup.field))) return 'rollup';
  return undefined;
}
