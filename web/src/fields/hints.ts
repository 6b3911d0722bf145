import type { FieldMeta } from '@/api/types';

/** What a value looks like while it is typed: fine, not finished, or probably wrong; `fix` is what was likely meant. */
export interface Hint {
  tone: 'ok' | 'soft' | 'warn';
  key: 'hint.phone.ok' | 'hint.phone.short' | 'hint.phone.long' | 'hint.email.at' | 'hint.email.typo' | 'hint.uscc.ok' | 'hint.uscc.short' | 'hint.uscc.wrong' | 'hint.uscc.long';
  params?: Record<string, string | number>;
  fix?: string;
}

const domains: Record<string, string> = {
  'gmial.com': 'gmail.com', 'gmai.com': 'gmail.com', 'gamil.com': 'gmail.com', 'gmail.con': 'gmail.com', 'gmail.cn': 'gmail.com', 'hotmial.com': 'hotmail.com', 'hotmail.con': 'hotmail.com', 'outlok.com': 'outlook.com',
  'outlook.con': 'outlook.com', '136.com': '163.com', '163.con': '163.com', '163.cn': '163.com', '126.con': '126.com', 'qq.con': 'qq.com', 'qq.cn': 'qq.com', 'yahooo.com': 'yahoo.com', 'yaho.com': 'yahoo.com', 'foxmial.com': 'foxmail.com',
};

const USCC = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/** Whether a unified social credit code (GB 32100) has the right check character. */
export function usccValid(code: string): boolean {
  if (!/^[0-9A-HJ-NPQRTUWXY]{18}$/.test(code)) return false;
  const sum = WEIGHTS.reduce((n, w, i) => n + w * USCC.indexOf(code[i] ?? ''), 0);
  return USCC[(31 - (sum % 31)) % 31] === code[17];
}

export function phoneHint(raw: string): Hint | null {
  const text = raw.trim();
  const digits = text.replace(/^\+86/, '').replace(/\D/g, '');
  if (!digits || (text.startsWith('+') && !text.startsWith('+86'))) return null;
  if (!/^1[3-9]/.test(digits)) return null;
  if (digits.length < 11) return { tone: 'soft', key: 'hint.phone.short', params: { count: 11 - digits.length } };
  if (digits.length > 11) return { tone: 'warn', key: 'hint.phone.long' };
  return { tone: 'ok', key: 'hint.phone.ok' };
}

export function emailHint(raw: string): Hint | null {
  const text = raw.trim().toLowerCase();
  if (text.length < 3) return null;
  const [local, domain] = text.split('@');
  if (domain === undefined) return /\s|，|,/.test(text) || text.length > 6 ? { tone: 'soft', key: 'hint.email.at' } : null;
  const meant = domains[domain];
  return meant ? { tone: 'warn', key: 'hint.email.typo', params: { domain: meant }, fix: `${local}@${meant}` } : null;
}

export function usccHint(raw: string): Hint | null {
  const code = raw.replace(/\s/g, '').toUpperCase();
  if (!code) return null;
  if (code.length < 18) return { tone: 'soft', key: 'hint.uscc.short', params: { count: 18 - code.length } };
  if (code.length > 18) return { tone: 'warn', key: 'hint.uscc.long' };
  return usccValid(code) ? { tone: 'ok', key: 'hint.uscc.ok' } : { tone: 'warn', key: 'hint.uscc.wrong' };
}

/** The hint for what stands in a field, if its kind has hints. */
export function hintFor(f: FieldMeta, value: unknown): Hint | null {
  const text = typeof value === 'string' ? value : typeof value === 'object' && value !== null && 'raw' in value ? String((value as { raw?: unknown }).raw ?? '') : '';
  if (!text) return null;
  if (f.type === 'phone') return phoneHint(text);
  if (f.type === 'email') return emailHint(text);
  if (f.name === 'uscc') return usccHint(text);
  return null;
}
