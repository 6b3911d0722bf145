import { Fragment, type ReactNode } from 'react';
import { expanded, expandedAll, isMoney, label, valueType, type Model } from '@/api/model';
import type { FieldMeta, FieldType, PickValue, Rec } from '@/api/types';
import * as fmt from '@/shared/format';
import { t, type Lang } from '@/shared/i18n';
import { Icon } from '@/shared/icons';
import { Avatar, Tag } from '@/shared/ui';

export interface DisplayProps {
  field: FieldMeta;
  value: unknown;
  rec: Rec;
  model: Model;
  lang: Lang;
  /** In a table cell or card: short and one line. */
  dense: boolean;
  /** Makes a link of a title, when the place wants links. */
  link?: ((object: string, id: string, title: string) => ReactNode) | undefined;
}

type Display = (p: DisplayProps) => ReactNode;

const text: Display = ({ value }) => String(value);
const lines: Display = ({ value, dense }) => (dense ? String(value).replace(/\s+/g, ' ') : <span className="pre">{String(value)}</span>);

/** HTML as its words: the server sanitises, the page still does not insert it. */
function plain(html: string): string {
  return new DOMParser().parseFromString(html, 'text/html').body.textContent ?? '';
}

const picked = (v: PickValue | undefined, key: unknown, lang: Lang): ReactNode =>
  v?.color ? <Tag colour={v.color}>{label(v.label, lang, String(key))}</Tag> : (label(v?.label, lang, String(key)) as ReactNode);

const person: Display = ({ field, value, rec, dense }) => {
  const e = expanded(rec, field.name);
  const title = e?.title ?? (typeof value === 'string' ? '…' : '');
  return (
    <span className="row" style={{ gap: 6, display: 'inline-flex', maxWidth: '100%' }}>
      {!dense && <Avatar name={title} size="x" />}
      <span className="el">{title}</span>
    </span>
  );
};

const one: Display = ({ field, value, rec, link }) => {
  const e = expanded(rec, field.name);
  if (!e) return typeof value === 'string' ? '…' : '';
  return link ? link(e.object, e.id, e.title) : e.title;
};

const several: Display = ({ field, value, rec, lang }) => {
  const all = expandedAll(rec, field.name);
  const titles = all.length ? all.map((e) => e.title) : Array.isArray(value) ? [t('value.count', { count: value.length })] : [];
  return titles.join(lang === 'zh-CN' ? '、' : ', ');
};

const count: Display = ({ value, lang }) => <span className="num">{fmt.number(Number(value), lang)}</span>;
const files: Display = ({ value }) => {
  const ids = Array.isArray(value) ? (value as string[]) : [];
  return (
    <span className="row" style={{ gap: 6 }}>
      <Icon name="clip" size={14} />
      {ids.map((id, i) => (
        <a key={id} className="link" href={`/api/v1/files/${id}`} target="_blank" rel="noreferrer">{i + 1}</a>
      ))}
    </span>
  );
};

function moneyOf(value: unknown, model: Model): { amount: string; currency: string } | null {
  if (isMoney(value)) return { amount: value.amount, currency: value.currency };
  if (typeof value === 'string' || typeof value === 'number') return { amount: String(value), currency: model.doc.currency };
  return null;
}

/** One display for every field type; a new type does not compile without one. */
const displays: Record<FieldType, Display> = {
  id: text,
  text,
  auto: ({ value }) => <span className="num">{String(value)}</span>,
  long: lines,
  rich: (p) => lines({ ...p, value: plain(String(p.value)) }),
  int: count,
  dec: ({ value, field, dense }) => <span className="num">{dense ? fmt.decimal(String(value).replace(/\.?0+$/, (z) => (String(value).includes('.') ? '' : z))) : fmt.decimal(String(value), field.scale)}</span>,
  pct: ({ value }) => <span className="num">{fmt.decimal(String(value).replace(/\.0+$/, ''))}%</span>,
  money: ({ value, model, lang, dense }) => {
    const m = moneyOf(value, model);
    return m && <span className="num">{fmt.money(m.amount, m.currency, lang, dense ? 'auto' : 'always')}</span>;
  },
  bool: ({ value }) => (value ? t('value.yes') : t('value.no')),
  date: ({ value, lang, dense }) => {
    const d = fmt.parseDate(String(value));
    return <time dateTime={String(value)} className="num">{dense ? fmt.dateWords(d, lang) : fmt.date(d, lang)}</time>;
  },
  dt: ({ value, lang }) => {
    const d = new Date(String(value));
    return <time dateTime={String(value)} title={fmt.exact(d)} className="num">{fmt.dateTimeWords(d, lang)}</time>;
  },
  time: ({ value }) => <span className="num">{fmt.timeOfDay(Number(value))}</span>,
  dur: ({ value, lang }) => <span className="num">{fmt.duration(Number(value), lang)}</span>,
  pick: ({ field, value, model, lang }) => picked(model.pick(field.picklist, value), value, lang),
  multi: ({ field, value, model, lang }) => (
    <span className="row" style={{ gap: 4, flexWrap: 'wrap' }}>
      {(Array.isArray(value) ? value : []).map((k) => (
        <Tag key={String(k)} colour={model.pick(field.picklist, k)?.color}>{label(model.pick(field.picklist, k)?.label, lang, String(k))}</Tag>
      ))}
    </span>
  ),
  tags: ({ value }) => (
    <span className="row" style={{ gap: 4, flexWrap: 'wrap' }}>
      {(Array.isArray(value) ? value : []).map((k) => (
        <Tag key={String(k)}>{String(k)}</Tag>
      ))}
    </span>
  ),
  phone: ({ value, rec, field }) => {
    if (typeof value !== 'object' || value === null) return <span className="num">{String(value)}</span>;
    const p = value as { raw?: string; e164?: string | null; ext?: string | null };
    const shown = fmt.phone(p.e164, p.raw ?? '') + (p.ext ? ` - ${p.ext}` : '');
    const masked = rec.$masked?.includes(field.name);
    return masked ? <span className="num">{shown}</span> : <a className="num" href={`tel:${p.e164 ?? p.raw ?? ''}`} onClick={(e) => e.stopPropagation()}>{shown}</a>;
  },
  email: ({ value, rec, field }) =>
    rec.$masked?.includes(field.name) ? String(value) : <a href={`mailto:${String(value)}`} onClick={(e) => e.stopPropagation()}>{String(value)}</a>,
  url: ({ value }) => (
    <a className="link" href={/^https?:\/\//.test(String(value)) ? String(value) : `https://${String(value)}`} target="_blank" rel="noreferrer noopener" onClick={(e) => e.stopPropagation()}>
      {String(value).replace(/^https?:\/\//, '').replace(/\/$/, '')}
    </a>
  ),
  addr: ({ value, lang }) => {
    const a = (typeof value === 'object' && value !== null ? value : { detail: value }) as Record<string, string | null | undefined>;
    const cn = !a['country'] || a['country'] === 'CN';
    const parts = [a['province'], a['city'] === a['province'] ? null : a['city'], a['district'], a['town'], a['detail']].filter(Boolean) as string[];
    return cn && lang === 'zh-CN' ? parts.join('') : [...parts].reverse().concat(cn ? [] : [a['country'] ?? '']).join(', ');
  },
  geo: ({ value }) => {
    const g = value as { lat?: number; lng?: number };
    return <span className="num">{`${g.lat?.toFixed(5) ?? ''}, ${g.lng?.toFixed(5) ?? ''}`}</span>;
  },
  file: files,
  img: files,
  ref: one,
  md: one,
  dept: one,
  user: person,
  poly: (p) => {
    const v = p.value as { object?: string; id?: string } | null;
    const e = expanded(p.rec, p.field.name);
    if (e) return one(p);
    return v?.object ? label(p.model.object(v.object)?.label, p.lang, v.object) : '';
  },
  refs: several,
  users: several,
  depts: several,
  roll: text,
  calc: text,
  rating: ({ value }) => {
    const n = Math.max(0, Math.min(10, Number(value)));
    return (
      <span aria-label={`${n} / 5`} role="img">
        <span aria-hidden="true">{'★'.repeat(n)}{'☆'.repeat(Math.max(0, 5 - n))}</span>
      </span>
    );
  },
  json: ({ value, dense }) => (dense ? JSON.stringify(value) : <code className="pre s12">{JSON.stringify(value, null, 1)}</code>),
};

export function isBlank(v: unknown): boolean {
  return v === null || v === undefined || v === '' || (Array.isArray(v) && v.length === 0);
}

/** The value of a field, ready to show; nothing for a blank. */
export function showValue(p: Omit<DisplayProps, 'value'> & { value?: unknown }): ReactNode {
  const value = 'value' in p ? p.value : p.rec[p.field.name];
  if (isBlank(value)) return null;
  if (p.rec.$masked?.includes(p.field.name) && typeof value === 'string') return <span className="num">{value}</span>;
  return <Fragment>{displays[valueType(p.field)]({ ...p, value })}</Fragment>;
}

/** Numbers stand right. */
export function isNumeric(f: FieldMeta): boolean {
  return ['int', 'dec', 'money', 'pct', 'dur'].includes(valueType(f));
}

/** A value as plain words (history, toasts, chips). */
export function valueText(field: FieldMeta | undefined, value: unknown, model: Model, lang: Lang): string {
  if (isBlank(value)) return t('value.blank');
  if (!field) return typeof value === 'object' ? JSON.stringify(value) : String(value);
  const type = valueType(field);
  switch (type) {
    case 'money': {
      const m = moneyOf(value, model);
      return m ? fmt.money(m.amount, m.currency, lang) : String(value);
    }
    case 'pick':
      return label(model.pick(field.picklist, value)?.label, lang, String(value));
    case 'multi':
      return (Array.isArray(value) ? value : [value]).map((k) => label(model.pick(field.picklist, k)?.label, lang, String(k))).join(lang === 'zh-CN' ? '、' : ', ');
    case 'bool':
      return value ? t('value.yes') : t('value.no');
    case 'date':
      return fmt.date(fmt.parseDate(String(value)), lang);
    case 'dt':
      return fmt.dateTimeWords(new Date(String(value)), lang);
    case 'pct':
      return `${String(value).replace(/\.0+$/, '')}%`;
    case 'dec':
      return fmt.decimal(String(value), field.scale);
    case 'int':
      return fmt.number(Number(value), lang);
    case 'dur':
      return fmt.duration(Number(value), lang);
    case 'rich':
      return plain(String(value));
    case 'phone':
      return typeof value === 'object' ? fmt.phone((value as { e164?: string }).e164, (value as { raw?: string }).raw ?? '') : String(value);
    default:
      if (Array.isArray(value)) return value.map(String).join(', ');
      if (typeof value === 'object') {
        const o = value as Record<string, unknown>;
        if (typeof o['title'] === 'string') return o['title'];
        return ['province', 'city', 'district', 'detail'].map((k) => o[k]).filter(Boolean).join('') || JSON.stringify(value);
      }
      return String(value);
  }
}
