import { expanded, expandedAll, isMoney, label, targetOf, valueType, type Model } from '@/api/model';
import type { Expanded, FieldMeta, Rec } from '@/api/types';
import { isBlank, valueText } from '@/fields/display';
import * as fmt from '@/shared/format';
import type { Lang } from '@/shared/i18n';

/** A cell as text that a spreadsheet, and this page, can read back: plain numbers, ISO dates, names instead of ids. */
export function cellText(field: FieldMeta, rec: Rec, model: Model, lang: Lang): string {
  const v = rec[field.name];
  if (isBlank(v)) return '';
  const type = valueType(field);
  switch (type) {
    case 'money':
      return isMoney(v) ? v.amount : String(v);
    case 'int': case 'dec': case 'pct': case 'rating': case 'date': case 'auto': case 'id':
      return String(v);
    case 'dt':
      return fmt.exact(new Date(String(v)));
    case 'dur':
      return String(Number(v) / 60);
    case 'time':
      return fmt.timeOfDay(Number(v));
    case 'ref': case 'md': case 'user': case 'dept': case 'poly':
      return expanded(rec, field.name)?.title ?? '';
    case 'refs': case 'users': case 'depts':
      return expandedAll(rec, field.name).map((e) => e.title).join(lang === 'zh-CN' ? '、' : ', ');
    case 'phone':
      return typeof v === 'object' && v !== null ? ((v as { raw?: string }).raw ?? '') : String(v);
    default:
      return valueText(field, v, model, lang);
  }
}

export type Parsed = { ok: true; value: unknown; title?: Expanded | undefined } | { ok: false; why: Fault };
/** Why a text does not fit a field; each has a sentence `paste.why.…`. */
export type Fault = 'number' | 'whole' | 'date' | 'time' | 'bool' | 'option' | 'email' | 'record' | 'several' | 'required' | 'readonly' | 'length';

const yes = new Set(['true', 'yes', 'y', '1', '是', '对', '✓', '√']);
const no = new Set(['false', 'no', 'n', '0', '否', '不', '×', 'x']);
const units: Record<string, number> = { 亿: 8, 万: 4, 千: 3, k: 3, m: 6, b: 9 };

/** "¥ 12,300.50", "68.5万", "3.2M", "45%" as an exact decimal in text. */
export function parseNumber(text: string): string | null {
  const t = text.normalize('NFKC').replace(/[\s,，¥$€£]|元$|%$/g, '').toLowerCase();
  const m = /^([+-]?)(\d*)(?:\.(\d+))?(亿|万|千|k|m|b)?$/.exec(t);
  if (!m || (m[2] === '' && m[3] === undefined)) return null;
  const shift = m[4] ? (units[m[4]] ?? 0) : 0;
  const frac = (m[3] ?? '').padEnd(shift, '0');
  const whole = `${m[2] ?? ''}${frac.slice(0, shift)}`.replace(/^0+(?=\d)/, '') || '0';
  const rest = frac.slice(shift).replace(/0+$/, '');
  return `${m[1] === '-' && /[1-9]/.test(whole + rest) ? '-' : ''}${whole}${rest ? `.${rest}` : ''}`;
}

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

function day(y: number, m: number, d: number): string | null {
  const made = new Date(y, m - 1, d);
  if (made.getFullYear() !== y || made.getMonth() !== m - 1 || made.getDate() !== d) return null;
  return `${y}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`;
}

/** A date as people and spreadsheets write it; never guesses between day and month. */
export function parseDay(text: string, now = new Date()): string | null {
  const t = text.normalize('NFKC').trim().toLowerCase();
  const shift: Record<string, number> = { today: 0, 今天: 0, tomorrow: 1, 明天: 1, yesterday: -1, 昨天: -1, 后天: 2 };
  if (t in shift) {
    const d = new Date(now.getFullYear(), now.getMonth(), now.getDate() + (shift[t] ?? 0));
    return day(d.getFullYear(), d.getMonth() + 1, d.getDate());
  }
  let m = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(t);
  if (m) return day(Number(m[1]), Number(m[2]), Number(m[3]));
  m = /^(\d{1,2})月(\d{1,2})日?$/.exec(t);
  if (m) return day(now.getFullYear(), Number(m[1]), Number(m[2]));
  m = /^(\d{1,2})[ -]([a-z]{3})[a-z]*(?:[ -](\d{4}))?$/.exec(t);
  if (m) return day(m[3] ? Number(m[3]) : now.getFullYear(), monthNames.indexOf(m[2] ?? '') + 1, Number(m[1]));
  return null;
}

function parseMoment(text: string): string | null {
  const m = /^(.+?)(?:[ T](\d{1,2}):(\d{2})(?::\d{2})?)?$/.exec(text.normalize('NFKC').trim());
  const d = m ? parseDay(m[1] ?? '') : null;
  if (!m || !d) return null;
  const [h, min] = [Number(m[2] ?? 0), Number(m[3] ?? 0)];
  if (h > 23 || min > 59) return null;
  const at = fmt.parseDate(d);
  at.setHours(h, min);
  return at.toISOString();
}

const bad = (why: Fault): Parsed => ({ ok: false, why });
const good = (value: unknown, title?: Expanded): Parsed => ({ ok: true, value, title });

/** Titles that a block refers to, by object: looked up before the block is checked. */
export function titlesIn(field: FieldMeta, text: string): { object: string; title: string } | null {
  const target = ['ref', 'md', 'user', 'dept'].includes(field.type) ? targetOf(field) : undefined;
  return target && text.trim() ? { object: target, title: text.trim() } : null;
}

/** Reads what was typed or pasted for a field; `find` answers the records of an object with that very title. */
export function parseCell(field: FieldMeta, raw: string, model: Model, find: (object: string, title: string) => Expanded[]): Parsed {
  const text = raw.trim();
  if (text === '') return field.required ? bad('required') : good(null);
  switch (field.type) {
    case 'text': case 'long': case 'rich': case 'url': case 'phone':
      return text.length > ((field as { max?: number }).max ?? 100_000) ? bad('length') : good(text);
    case 'email':
      return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text) ? good(text) : bad('email');
    case 'int': case 'rating': {
      const n = parseNumber(text);
      return n === null ? bad('number') : /\./.test(n) ? bad('whole') : good(Number(n));
    }
    case 'dec': case 'pct': case 'money': {
      const n = parseNumber(text);
      return n === null ? bad('number') : good(n);
    }
    case 'dur': {
      const n = parseNumber(text);
      return n === null ? bad('number') : good(Math.round(Number(n) * 60));
    }
    case 'bool': {
      const t = text.toLowerCase();
      return yes.has(t) ? good(true) : no.has(t) ? good(false) : bad('bool');
    }
    case 'date': {
      const d = parseDay(text);
      return d ? good(d) : bad('date');
    }
    case 'dt': {
      const d = parseMoment(text);
      return d ? good(d) : bad('date');
    }
    case 'time': {
      const m = /^(\d{1,2}):(\d{2})$/.exec(text);
      return m && Number(m[1]) < 24 && Number(m[2]) < 60 ? good(Number(m[1]) * 60 + Number(m[2])) : bad('time');
    }
    case 'pick': {
      const key = pickKey(field, text, model);
      return key === undefined ? bad('option') : good(key);
    }
    case 'multi': {
      const all = text.split(/[,，、;；]/).map((x) => pickKey(field, x.trim(), model));
      return all.some((k) => k === undefined) ? bad('option') : good(all);
    }
    case 'tags':
      return good([...new Set(text.split(/[,，、;；]/).map((x) => x.trim()).filter(Boolean))]);
    case 'ref': case 'md': case 'user': case 'dept': {
      const all = find(targetOf(field) ?? '', text);
      return all.length === 0 ? bad('record') : all.length > 1 ? bad('several') : good(all[0]?.id, all[0]);
    }
    default:
      return bad('readonly');
  }
}

function pickKey(field: FieldMeta, text: string, model: Model): string | undefined {
  const t = text.toLowerCase();
  const values = model.picks(field.picklist).filter((v) => v.active !== false);
  return (values.find((v) => v.key.toLowerCase() === t) ?? values.find((v) => [label(v.label, 'zh-CN'), label(v.label, 'en')].some((l) => l.toLowerCase() === t)))?.key;
}
