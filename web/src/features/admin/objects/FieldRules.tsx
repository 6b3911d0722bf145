import { useState } from 'react';
import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import type { FieldMeta } from '@/api/types';
import FieldInput from '@/fields/inputs';
import { useLang } from '@/shared/i18n';
import { Choice, Row } from '../parts';
import { useA, type AdminKey } from '../text';
import type { CField } from './custom';
import type { PartProps } from './FieldTypePart';
import { Formula } from './Formula';
import { defaultTypes, written } from './types';
import type { Toml } from './toml';

/** Default, help, pattern, mask and conditions: everything that is not needed for a first field. */
export function FieldRules(p: PartProps) {
  const a = useA();
  const { draft } = p;
  const f = draft.field;
  const set = (part: Partial<CField>) => p.setDraft({ ...draft, field: { ...f, ...part } });
  const rules = (['visible_if', 'required_if', 'readonly_if'] as const).filter((k) => written(draft.type) || k === 'visible_if');
  const [open] = useState(Boolean(f.help || f.default !== undefined || f.regex || f.mask || rules.some((k) => f[k])));
  return (
    <details className="adm-more" open={open}>
      <summary>{a('field.more')}</summary>
      {defaultTypes.has(draft.type) && <Default {...p} />}
      <div className="adm-two">
        <Row label={a('field.helpZh')}>{(id) => <input id={id} className="adm-in" lang="zh-CN" value={f.help?.zh ?? ''} onChange={(e) => set({ help: { en: f.help?.en ?? '', zh: e.target.value } })} />}</Row>
        <Row label={a('field.helpEn')}>{(id) => <input id={id} className="adm-in" lang="en" value={f.help?.en ?? ''} onChange={(e) => set({ help: { zh: f.help?.zh ?? '', en: e.target.value } })} />}</Row>
      </div>
      {draft.type === 'text' && (
        <div className="adm-two">
          <Row label={a('field.regex')} hint={a('field.regexHint')}>{(id, by) => <input id={id} className="adm-in" aria-describedby={by} spellCheck={false} value={f.regex ?? ''} onChange={(e) => set({ regex: e.target.value })} />}</Row>
          <Row label={a('field.mask')}>{(id) => <Choice id={id} value={f.mask ?? ''} options={[{ value: '', text: a('mask.none') }, ...(['text', 'name', 'bank', 'wechat', 'address'] as const).map((m) => ({ value: m, text: a(`mask.${m}`) }))]} onChange={(v) => set({ mask: v })} />}</Row>
        </div>
      )}
      {rules.map((k) => (
        <Row key={k} label={a(`rule.${k}` as AdminKey)}>
          {(id) => <Formula id={id} object={p.object} rows={1} value={f[k] ?? ''} change={p.change} placeholder={'level = "a"'} onChange={(v) => set({ [k]: v })} />}
        </Row>
      ))}
    </details>
  );
}

function Default(p: PartProps) {
  const a = useA();
  const lang = useLang();
  const model = useModel();
  const { draft } = p;
  const f = draft.field;
  const set = (v: Toml | undefined) => p.setDraft({ ...draft, field: { ...f, default: v! } });
  if (draft.type === 'pick' && draft.values) {
    const options = draft.values.filter((v) => v.key).map((v) => ({ value: v.key, text: label(v.label, lang, v.key) }));
    return <Row label={a('field.default')} hint={options.length < draft.values.length ? a('field.defaultAfter') : undefined}>{(id, by) => <Choice id={id} describedBy={by} value={typeof f.default === 'string' ? f.default : ''} options={[{ value: '', text: a('field.noDefault') }, ...options]} onChange={(v) => set(v || undefined)} />}</Row>;
  }
  const meta: FieldMeta = { name: 'default', type: draft.type, label: { en: 'Default', zh: '默认值' }, access: 'edit', ...(f.picklist ? { picklist: f.picklist } : {}), ...(f.scale === undefined ? {} : { scale: f.scale }) };
  return <Row label={a('field.default')}>{(id) => <FieldInput id={id} field={meta} value={f.default ?? null} model={model} lang={lang} onChange={(v) => set(v === null || v === undefined ? undefined : (v as Toml))} />}</Row>;
}
