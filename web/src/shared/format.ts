import type { Lang } from './i18n';

/** How values are said in both languages (design.md §7). Pure: every function takes the language and, where needed, now. */

const DAY = 86_400_000;
const cache = new Map<string, Intl.NumberFormat>();

function nf(lang: Lang, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = lang + JSON.stringify(options);
  let made = cache.get(key);
  if (!made) {
    made = new Intl.NumberFormat(lang, options);
    cache.set(key, made);
  }
  return made;
}

export function number(value: number, lang: Lang, digits = 0): string {
  return nf(lang, { minimumFractionDigits: 0, maximumFractionDigits: digits }).format(value);
}

/** A decimal held as text, grouped without going through a binary float. */
export function decimal(text: string, scale?: number): string {
  const m = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text.trim());
  if (!m) return text;
  const whole = (m[2] ?? '0').replace(/^0+(?=\d)/, '').replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  let frac = m[3] ?? '';
  if (scale !== undefined) frac = frac.padEnd(scale, '0').slice(0, Math.max(scale, frac.replace(/0+$/, '').length));
  return `${m[1] ? '−' : ''}${whole}${frac ? `.${frac}` : ''}`;
}

const symbols: Record<string, string> = { CNY: '¥', USD: '$', EUR: '€', GBP: '£', JPY: '¥', HKD: 'HK$', KRW: '₩' };
const minor: Record<string, number> = { JPY: 0, KRW: 0, KWD: 3, VND: 0 };

/** Full money: ¥685,000.00 in Chinese, ¥ 685,000.00 in English; whole amounts may drop the cents. */
export function money(amount: string, currency: string, lang: Lang, cents: 'always' | 'auto' = 'auto'): string {
  const digits = minor[currency] ?? 2;
  const scale = cents === 'always' || !/^-?\d+(\.0*)?$/.test(amount) ? digits : 0;
  const trimmed = scale === 0 ? amount.replace(/\.0*$/, '') : amount;
  const symbol = symbols[currency] ?? '';
  const gap = symbol && lang === 'en' ? ' ' : '';
  return `${symbol}${gap}${decimal(trimmed, scale)}${symbol ? '' : ` ${currency}`}`;
}

/** Short sums: 68.5万, 3.2亿 in Chinese; 685K, 3.24M in English. */
export function compact(value: number, lang: Lang): string {
  const abs = Math.abs(value);
  const sign = value < 0 ? '−' : '';
  if (lang === 'zh-CN') {
    if (abs >= 99_999_500) return `${sign}${fixed(abs / 1e8, abs >= 1e10 ? 0 : 1)}亿`;
    if (abs >= 10_000) return `${sign}${fixed(abs / 1e4, abs >= 1e8 ? 0 : 1)}万`;
    return sign + number(abs, lang, 2);
  }
  if (abs >= 999_500_000) return `${sign}${fixed(abs / 1e9, 2)}B`;
  if (abs >= 999_500) return `${sign}${fixed(abs / 1e6, 2)}M`;
  if (abs >= 10_000) return `${sign}${fixed(abs / 1e3, abs >= 100_000 ? 0 : 1)}K`;
  return sign + number(abs, lang, 2);
}

function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  const [whole = '0', frac] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return frac ? `${grouped}.${frac}` : grouped;
}

export function compactMoney(value: number, currency: string, lang: Lang): string {
  const symbol = symbols[currency] ?? '';
  return `${symbol}${symbol && lang === 'en' ? ' ' : ''}${compact(value, lang)}${symbol ? '' : ` ${currency}`}`;
}

/** A date without a zone as local midnight. */
export function parseDate(text: string): Date {
  const m = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  return m ? new Date(Number(m[1]), Number(m[2]) - 1, Number(m[3])) : new Date(text);
}

function midnight(d: Date): number {
  return new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime();
}

/** Whole days from `a` to `b` by the calendar. */
export function daysBetween(a: Date, b: Date): number {
  return Math.round((midnight(b) - midnight(a)) / DAY);
}

const monthsEn = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const weekEn = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const weekZh = ['周日', '周一', '周二', '周三', '周四', '周五', '周六'];
const weekLongEn = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** 周五 / Friday; narrow 五 / F. By hand: the first formatter of `Intl` takes a slow phone 40 ms, and the page of the day needs no other. */
export function weekday(d: Date, lang: Lang, style: 'long' | 'short' | 'narrow'): string {
  const n = d.getDay();
  const word = lang === 'zh-CN' ? weekZh[n]?.slice(style === 'narrow' ? 1 : 0) : style === 'long' ? weekLongEn[n] : style === 'short' ? weekEn[n] : weekEn[n]?.charAt(0);
  return word ?? '';
}

const dates = new Map<string, Intl.DateTimeFormat>();

/** A date as `Intl` says it; the formatters are kept. */
export function dateAs(d: Date, lang: Lang, options: Intl.DateTimeFormatOptions): string {
  const key = lang + JSON.stringify(options);
  let made = dates.get(key);
  if (!made) dates.set(key, (made = new Intl.DateTimeFormat(lang, options)));
  return made.format(d);
}

/** 11月25日 / 25 Nov; the year only when it is another one. */
export function date(d: Date, lang: Lang, now = new Date()): string {
  const same = d.getFullYear() === now.getFullYear();
  if (lang === 'zh-CN') return `${same ? '' : `${d.getFullYear()}年`}${d.getMonth() + 1}月${d.getDate()}日`;
  return `${d.getDate()} ${monthsEn[d.getMonth()]}${same ? '' : ` ${d.getFullYear()}`}`;
}

export function clock(d: Date): string {
  return `${String(d.getHours()).padStart(2, '0')}:${String(d.getMinutes()).padStart(2, '0')}`;
}

/** Dates as people say them: today, tomorrow, yesterday, a weekday of this week, else day and month. */
export function dateWords(d: Date, lang: Lang, now = new Date()): string {
  const diff = daysBetween(now, d);
  const zh = lang === 'zh-CN';
  if (diff === 0) return zh ? '今天' : 'Today';
  if (diff === 1) return zh ? '明天' : 'Tomorrow';
  if (diff === -1) return zh ? '昨天' : 'Yesterday';
  const mondayNow = (now.getDay() + 6) % 7;
  if (diff > -mondayNow - 1 && diff <= 6 - mondayNow) return (zh ? weekZh : weekEn)[d.getDay()] ?? '';
  return date(d, lang, now);
}

export function dateTimeWords(d: Date, lang: Lang, now = new Date()): string {
  return `${dateWords(d, lang, now)} ${clock(d)}`;
}

/** Exact, for tooltips and history: 2026-11-25 14:00. */
export function exact(d: Date): string {
  return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, '0')}-${String(d.getDate()).padStart(2, '0')} ${clock(d)}`;
}

export function timeOfDay(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

export function duration(seconds: number, lang: Lang): string {
  const h = Math.floor(seconds / 3600);
  const m = Math.round((seconds % 3600) / 60);
  const d = Math.floor(h / 24);
  const zh = lang === 'zh-CN';
  if (d > 0) return zh ? `${d}天${h % 24 ? `${h % 24}小时` : ''}` : `${d}d${h % 24 ? ` ${h % 24}h` : ''}`;
  if (h > 0) return zh ? `${h}小时${m ? `${m}分` : ''}` : `${h}h${m ? ` ${m}m` : ''}`;
  if (m > 0) return zh ? `${m}分` : `${m}m`;
  return zh ? `${seconds}秒` : `${seconds}s`;
}

/** 今天 → week and month names for groups of a timeline. */
export function periodOf(d: Date, lang: Lang, now = new Date()): string {
  const zh = lang === 'zh-CN';
  const diff = daysBetween(d, now);
  const mondayNow = (now.getDay() + 6) % 7;
  if (diff <= mondayNow) return zh ? '本周' : 'This week';
  if (diff <= mondayNow + 7) return zh ? '上周' : 'Last week';
  const same = d.getFullYear() === now.getFullYear();
  if (zh) return `${same ? '' : `${d.getFullYear()}年`}${d.getMonth() + 1}月`;
  return `${monthsEn[d.getMonth()]}${same ? '' : ` ${d.getFullYear()}`}`;
}

/** National number at home (138 0013 8000), international abroad. */
export function phone(e164: string | null | undefined, raw: string): string {
  if (!e164) return raw;
  const cn = /^\+86(1\d{2})(\d{4})(\d{4})$/.exec(e164);
  if (cn) return `${cn[1]} ${cn[2]} ${cn[3]}`;
  return raw.startsWith('+') || !e164.startsWith('+86') ? e164 : raw;
}

/** First character of a Chinese name, up to two initials of a Latin one. */
export function initials(name: string): string {
  const trimmed = name.trim();
  if (!trimmed) return '?';
  if (/[㐀-鿿]/.test(trimmed.charAt(0))) return trimmed.charAt(0);
  const words = trimmed.split(/\s+/);
  return ((words[0]?.charAt(0) ?? '') + (words.length > 1 ? (words[words.length - 1]?.charAt(0) ?? '') : '')).toUpperCase();
}
