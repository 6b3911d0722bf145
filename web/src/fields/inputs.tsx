import Input from 'antd/es/input';
import InputNumber from 'antd/es/input-number';
import Rate from 'antd/es/rate';
import Select from 'antd/es/select';
import Switch from 'antd/es/switch';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { isMoney, label, valueType, type Model } from '@/api/model';
import type { Expanded, FieldMeta, FieldType } from '@/api/types';
import { t, type Lang } from '@/shared/i18n';
import { Ant } from './Ant';
import { FileBox } from './FileBox';
import { RefInput } from './RefInput';

const DateInput = lazy(() => import('./DateInput'));
const AddressInput = lazy(() => import('./AddressInput'));

export interface InputProps {
  field: FieldMeta;
  value: unknown;
  /** The new value as the API takes it; for references also what it is called. */
  onChange: (value: unknown, titles?: Expanded | Expanded[]) => void;
  model: Model;
  lang: Lang;
  id?: string;
  autoFocus?: boolean;
  error?: boolean;
  /** Titles of the records now referred to. */
  titles?: Expanded[];
  /** A choice was made that needs no further key (select, date). */
  onDone?: () => void;
  describedBy?: string | undefined;
  /** The other values of the form: a lookup offers what fits them (contacts of the chosen account). */
  context?: Record<string, unknown> | undefined;
  /** The record that is edited; files go to it at once. Without it they wait until it is made. */
  home?: { object: string; id: string } | undefined;
}

type InputPart = (p: InputProps) => ReactNode;

const common = (p: InputProps) => ({
  ...(p.id ? { id: p.id } : {}),
  ...(p.autoFocus ? { autoFocus: true } : {}),
  ...(p.error ? { status: 'error' as const, 'aria-invalid': true } : {}),
  ...(p.describedBy ? { 'aria-describedby': p.describedBy } : {}),
  ...(p.field.required && p.field.type !== 'bool' ? { 'aria-required': true } : {}),
  'aria-label': label(p.field.label, p.lang, p.field.name),
});

const asText = (v: unknown): string => (typeof v === 'string' ? v : v === null || v === undefined ? '' : String(v));

const text: InputPart = (p) => <Input {...common(p)} value={asText(p.value)} onChange={(e) => p.onChange(e.target.value || null)} />;
const area: InputPart = (p) => <Input.TextArea {...common(p)} value={asText(p.value)} autoSize={{ minRows: 2, maxRows: 12 }} onChange={(e) => p.onChange(e.target.value || null)} />;
const decimal: InputPart = (p) => (
  <InputNumber
    {...common(p)}
    style={{ width: '100%' }}
    stringMode
    controls={false}
    value={asText(p.value) || null}
    onChange={(v) => p.onChange(v === null ? null : String(v))}
    {...(valueType(p.field) === 'pct' ? { suffix: '%' } : {})}
  />
);
const whole: InputPart = (p) => <InputNumber {...common(p)} style={{ width: '100%' }} controls={false} precision={0} value={typeof p.value === 'number' ? p.value : asText(p.value) ? Number(p.value) : null} onChange={(v) => p.onChange(v === null ? null : Number(v))} />;

const money: InputPart = (p) => {
  const m = isMoney(p.value) ? p.value : { amount: asText(p.value), currency: p.model.doc.currency };
  return (
    <InputNumber
      {...common(p)}
      style={{ width: '100%' }}
      stringMode
      controls={false}
      value={m.amount || null}
      suffix={m.currency}
      formatter={(v, info) => (info.userTyping ? info.input : String(v ?? '').replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ','))}
      parser={(v) => (v ?? '').replace(/[,，\s¥$€]/g, '')}
      onChange={(v) => p.onChange(v === null || v === '' ? null : m.currency === p.model.doc.currency ? String(v) : { amount: String(v), currency: m.currency })}
    />
  );
};

const pick: InputPart = (p) => (
  <Select
    {...common(p)}
    style={{ width: '100%' }}
    value={asText(p.value) || undefined}
    allowClear={!p.field.required}
    showSearch={{ optionFilterProp: 'label' }}
    defaultOpen={Boolean(p.autoFocus && p.onDone)}
    options={p.model.picks(p.field.picklist).filter((v) => v.active !== false || v.key === p.value).map((v) => ({ value: v.key, label: label(v.label, p.lang, v.key) }))}
    onChange={(v: string | undefined) => {
      p.onChange(v ?? null);
      p.onDone?.();
    }}
  />
);

const multi: InputPart = (p) => (
  <Select
    {...common(p)}
    mode="multiple"
    style={{ width: '100%' }}
    value={Array.isArray(p.value) ? (p.value as string[]) : []}
    showSearch={{ optionFilterProp: 'label' }}
    options={p.model.picks(p.field.picklist).map((v) => ({ value: v.key, label: label(v.label, p.lang, v.key) }))}
    onChange={(v: string[]) => p.onChange(v)}
  />
);

const tags: InputPart = (p) => <Select {...common(p)} mode="tags" style={{ width: '100%' }} value={Array.isArray(p.value) ? (p.value as string[]) : []} tokenSeparators={[',', '，', '、']} onChange={(v: string[]) => p.onChange(v)} />;
const bool: InputPart = (p) => <Switch {...(p.id ? { id: p.id } : {})} autoFocus={Boolean(p.autoFocus)} checked={p.value === true} aria-label={label(p.field.label, p.lang, p.field.name)} onChange={(v) => { p.onChange(v); p.onDone?.(); }} />;
const when: InputPart = (p) => (
  <Suspense fallback={<Input disabled aria-label={label(p.field.label, p.lang, p.field.name)} />}>
    <DateInput {...p} />
  </Suspense>
);
const phone: InputPart = (p) => {
  const raw = typeof p.value === 'object' && p.value !== null ? ((p.value as { raw?: string }).raw ?? '') : asText(p.value);
  return <Input {...common(p)} inputMode="tel" value={raw} onChange={(e) => p.onChange(e.target.value || null)} />;
};
const email: InputPart = (p) => <Input {...common(p)} inputMode="email" value={asText(p.value)} onChange={(e) => p.onChange(e.target.value || null)} />;
const link: InputPart = (p) => <Input {...common(p)} inputMode="url" value={asText(p.value)} onChange={(e) => p.onChange(e.target.value || null)} />;
const reference: InputPart = (p) => <RefInput {...p} />;

const clockText = (v: unknown): string => (typeof v === 'number' ? `${String(Math.floor(v / 60)).padStart(2, '0')}:${String(v % 60).padStart(2, '0')}` : '');
const time: InputPart = (p) => (
  <Input {...common(p)} type="time" value={clockText(p.value)} onChange={(e) => {
    const [h, m] = e.target.value.split(':').map(Number);
    p.onChange(e.target.value ? (h ?? 0) * 60 + (m ?? 0) : null);
  }} />
);
/** Minutes on the page, seconds in the API. */
const duration: InputPart = (p) => <InputNumber {...common(p)} style={{ width: '100%' }} controls={false} min={0} suffix={t('value.minutes')} value={typeof p.value === 'number' ? p.value / 60 : null} onChange={(v) => p.onChange(v === null ? null : Math.round(Number(v) * 60))} />;
const rating: InputPart = (p) => <Rate value={Number(p.value ?? 0)} onChange={(v) => { p.onChange(v || null); p.onDone?.(); }} />;

const address: InputPart = (p) => (
  <Suspense fallback={<Input disabled aria-label={label(p.field.label, p.lang, p.field.name)} />}>
    <AddressInput {...p} />
  </Suspense>
);

const geo: InputPart = (p) => {
  const g = (typeof p.value === 'object' && p.value !== null ? p.value : {}) as { lat?: number; lng?: number; datum?: string };
  const set = (next: typeof g) => p.onChange(next.lat === undefined && next.lng === undefined ? null : { datum: 'wgs84', ...g, ...next });
  return (
    <div className="row">
      <InputNumber {...common(p)} controls={false} style={{ width: '100%' }} placeholder={t('geo.lat')} value={g.lat ?? null} onChange={(v) => set({ lat: v === null ? undefined! : Number(v) })} />
      <InputNumber aria-label={t('geo.lng')} controls={false} style={{ width: '100%' }} placeholder={t('geo.lng')} value={g.lng ?? null} onChange={(v) => set({ lng: v === null ? undefined! : Number(v) })} />
    </div>
  );
};

function JsonInput(p: InputProps) {
  const [draft, setDraft] = useState(p.value === null || p.value === undefined ? '' : JSON.stringify(p.value, null, 2));
  const [wrong, setWrong] = useState(false);
  return (
    <>
      <Input.TextArea
        {...common(p)}
        {...(wrong ? { status: 'error' as const } : {})}
        style={{ fontFamily: 'ui-monospace, monospace' }}
        autoSize={{ minRows: 2, maxRows: 12 }}
        value={draft}
        onChange={(e) => {
          setDraft(e.target.value);
          try {
            p.onChange(e.target.value.trim() ? JSON.parse(e.target.value) : null);
            setWrong(false);
          } catch {
            setWrong(true);
          }
        }}
      />
      {wrong && <span className="late s12">{t('error.json')}</span>}
    </>
  );
}

const files: InputPart = (p) => <FileBox value={p.value} onChange={p.onChange} label={label(p.field.label, p.lang, p.field.name)} id={p.id} home={p.home ? { ...p.home, field: p.field.name } : undefined} />;

const none: InputPart = () => null;

/** One input for every field type; what only the server writes has none. */
const inputs: Record<FieldType, InputPart> = {
  id: none, auto: none, roll: none, calc: none,
  text, long: area, rich: area, int: whole, dec: decimal, money, pct: decimal, bool, date: when, dt: when, time, dur: duration, pick, multi, tags,
  phone, email, url: link, addr: address, geo, file: files, img: files, ref: reference, refs: reference, md: reference, poly: reference,
  user: reference, users: reference, dept: reference, depts: reference, rating, json: (p) => <JsonInput {...p} />,
};

/** The input of a field. */
export default function FieldInput(p: InputProps): ReactNode {
  return <Ant>{inputs[p.field.type](p)}</Ant>;
}
