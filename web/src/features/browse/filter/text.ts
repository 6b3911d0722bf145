import type { Filter, Leaf, Op } from '@/api/types';

/** Conditions as the server's text form (docs/api.md, Filters) and back. The server has the last word on what it means. */

const signs: Partial<Record<Op, string>> = { eq: '=', ne: '!=', lt: '<', lte: '<=', gt: '>', gte: '>=' };
const words = new Set(['and', 'or', 'not', 'is', 'empty', 'between', 'in', 'any', 'all', 'none', 'contains', 'starts', 'with', 'within', 'true', 'false', '且', '或', '非']);
export const people = ['me', 'my_reports', 'my_dept', 'my_dept_tree'];
const rels = new Set([
  ...people, 'today', 'yesterday', 'tomorrow', 'this_week', 'last_week', 'next_week', 'this_month', 'last_month', 'next_month',
  'this_quarter', 'last_quarter', 'next_quarter', 'this_year', 'last_year', 'next_year', 'overdue',
]);

function printValue(v: unknown): string {
  if (typeof v === 'object' && v !== null) {
    if ('rel' in v) {
      const r = v as { rel: string; n?: number };
      return r.n === undefined ? r.rel : `${r.rel}(${r.n})`;
    }
    if ('amount' in v) return String((v as { amount: unknown }).amount);
    if ('field' in v) return `@${String((v as { field: unknown }).field)}`;
    if ('id' in v) return String((v as { id: unknown }).id);
    return `"${JSON.stringify(v).replace(/"/g, '""')}"`;
  }
  const s = String(v ?? '');
  if (typeof v === 'number' || typeof v === 'boolean') return s;
  return /^[\p{L}\p{N}_\-+.:%/#]+$/u.test(s) && !words.has(s.toLowerCase()) && !rels.has(s.toLowerCase()) ? s : `"${s.replace(/"/g, '""')}"`;
}

function printLeaf(l: Leaf): string {
  const list = () => (Array.isArray(l.value) ? `(${l.value.map(printValue).join(', ')})` : printValue(l.value));
  const sign = signs[l.op];
  if (sign) return `${l.field} ${sign} ${printValue(l.value)}`;
  switch (l.op) {
    case 'is_empty': return `${l.field} is empty`;
    case 'not_empty': return `${l.field} is not empty`;
    case 'between': return `${l.field} between ${(Array.isArray(l.value) ? l.value : []).map(printValue).join(' and ')}`;
    case 'nin': return `${l.field} not in ${list()}`;
    case 'in': case 'any': case 'all': case 'none': return `${l.field} ${l.op} ${list()}`;
    default: return `${l.field} ${l.op} ${printValue(l.value)}`;
  }
}

/** The text form of conditions; empty for none. */
export function printFilter(f: Filter | undefined, inside: 'or' | 'and' | 'not' | null = null): string {
  if (!f) return '';
  if ('field' in f) return printLeaf(f);
  if ('not' in f) return `not ${printFilter(f.not, 'not')}`;
  const or = 'or' in f;
  const parts = or ? f.or : f.and;
  if (parts.length === 0) return '';
  if (parts.length === 1) return printFilter(parts[0], inside);
  const text = parts.map((p) => printFilter(p, or ? 'or' : 'and')).join(or ? ' or ' : ' and ');
  return inside === 'not' || (or && inside === 'and') ? `(${text})` : text;
}

/** Where a text stops making sense, in characters. */
export interface TextFault {
  at: number;
  len: number;
  expected: string;
}

interface Token {
  kind: 'word' | 'text' | 'field' | 'sign' | 'end';
  text: string;
  at: number;
  len: number;
}

const narrow: Record<string, string> = { '（': '(', '）': ')', '，': ',', '、': ',', '＝': '=', '＜': '<', '＞': '>', '！': '!', '＠': '@' };
const closing: Record<string, string> = { '"': '"', "'": "'", '“': '”', '”': '”', '‘': '’', '「': '」' };

class Halt extends Error {
  readonly fault: TextFault;
  constructor(fault: TextFault) {
    super(fault.expected);
    this.fault = fault;
  }
}

function lex(source: string): Token[] {
  const s = [...source];
  const out: Token[] = [];
  let i = 0;
  while (i < s.length) {
    const raw = s[i] ?? '';
    const c = narrow[raw] ?? raw;
    const at = i;
    if (/\s/.test(c)) i += 1;
    else if (closing[raw]) {
      const end = closing[raw];
      let text = '';
      i += 1;
      for (;;) {
        if (i >= s.length) throw new Halt({ at, len: s.length - at, expected: 'quote' });
        if (s[i] === end && s[i + 1] === end) {
          text += end;
          i += 2;
        } else if (s[i] === end) break;
        else text += s[i++];
      }
      i += 1;
      out.push({ kind: 'text', text, at, len: i - at });
    } else if ('(),'.includes(c)) out.push({ kind: 'sign', text: c, at, len: (i += 1) - at });
    else if ('=!<>'.includes(c)) {
      const two = c + (narrow[s[i + 1] ?? ''] ?? s[i + 1] ?? '');
      const text = ['!=', '<=', '>=', '<>', '=='].includes(two) ? two : c;
      i += text.length;
      out.push({ kind: 'sign', text: text === '<>' ? '!=' : text === '==' ? '=' : text, at, len: i - at });
    } else if ('≠≤≥'.includes(c)) out.push({ kind: 'sign', text: c === '≠' ? '!=' : c === '≤' ? '<=' : '>=', at, len: (i += 1) - at });
    else if (c === '@' || /[\p{L}\p{N}_\-+.:%/#]/u.test(c)) {
      i += 1;
      while (i < s.length && /[\p{L}\p{N}_\-+.:%/#]/u.test(s[i] ?? '')) i += 1;
      const text = s.slice(at, i).join('');
      out.push(c === '@' ? { kind: 'field', text: text.slice(1), at, len: i - at } : { kind: 'word', text, at, len: i - at });
    } else throw new Halt({ at, len: 1, expected: 'sign' });
  }
  out.push({ kind: 'end', text: '', at: s.length, len: 1 });
  return out;
}

/** Reads the text form; a fault says where it stops making sense. */
export function parseFilter(source: string): { filter: Filter | undefined } | { fault: TextFault } {
  try {
    const t = lex(source);
    let i = 0;
    const now = (): Token => t[i] ?? { kind: 'end', text: '', at: source.length, len: 1 };
    const fault = (expected: string): Halt => new Halt({ at: now().at, len: now().len, expected });
    const word = (w: string): boolean => now().kind === 'word' && (now().text.toLowerCase() === w || { 且: 'and', 或: 'or', 非: 'not' }[now().text] === w);
    const eat = (w: string): boolean => (word(w) ? ((i += 1), true) : false);
    const sign = (s: string): boolean => (now().kind === 'sign' && now().text === s ? ((i += 1), true) : false);
    const value = (): unknown => {
      const k = now();
      if (k.kind === 'text') return (i += 1), k.text;
      if (k.kind === 'field') return (i += 1), { field: k.text };
      if (k.kind !== 'word' || ['and', 'or', 'not', '且', '或', '非'].includes(k.text.toLowerCase())) throw fault('value');
      i += 1;
      const lower = k.text.toLowerCase();
      if ((lower === 'last_days' || lower === 'next_days') && sign('(')) {
        const n = Number(now().text);
        if (!Number.isInteger(n) || n < 1 || n > 3660) throw fault('days_1_to_3660');
        i += 1;
        if (!sign(')')) throw fault(')');
        return { rel: lower, n };
      }
      return rels.has(lower) ? { rel: lower } : lower === 'true' ? true : lower === 'false' ? false : k.text;
    };
    const values = (): unknown => {
      if (!sign('(')) {
        const v = value();
        return typeof v === 'object' && v !== null && 'rel' in v ? v : [v];
      }
      const list: unknown[] = [];
      if (sign(')')) return list;
      do list.push(value()); while (sign(','));
      if (!sign(')')) throw fault(')');
      return list;
    };
    const compare = (): Filter => {
      const k = now();
      if (k.kind !== 'word' || ['and', 'or', 'not'].includes(k.text.toLowerCase())) throw fault('field');
      i += 1;
      const field = k.text;
      const op = (Object.entries(signs) as [Op, string][]).find(([, s]) => now().kind === 'sign' && now().text === s)?.[0];
      if (op) return (i += 1), { field, op, value: value() };
      if (eat('is')) {
        const not = eat('not');
        if (!eat('empty')) throw fault('empty');
        return { field, op: not ? 'not_empty' : 'is_empty' };
      }
      if (eat('between')) {
        const low = value();
        if (!eat('and')) throw fault('and');
        return { field, op: 'between', value: [low, value()] };
      }
      if (eat('not')) {
        if (!eat('in')) throw fault('in');
        return { field, op: 'nin', value: values() };
      }
      for (const o of ['in', 'any', 'all', 'none'] as const) if (eat(o)) return { field, op: o, value: values() };
      for (const o of ['contains', 'within'] as const) if (eat(o)) return { field, op: o, value: value() };
      if (eat('starts')) {
        eat('with');
        return { field, op: 'starts', value: value() };
      }
      throw fault('operator');
    };
    const one = (): Filter => {
      if (eat('not')) return { not: one() };
      if (sign('(')) {
        const f = any();
        if (!sign(')')) throw fault(')');
        return f;
      }
      return compare();
    };
    const all = (): Filter => {
      const list = [one()];
      while (eat('and')) list.push(one());
      return list.length > 1 ? { and: list } : (list[0] as Filter);
    };
    const any = (): Filter => {
      const list = [all()];
      while (eat('or')) list.push(all());
      return list.length > 1 ? { or: list } : (list[0] as Filter);
    };
    if (now().kind === 'end') return { filter: undefined };
    const filter = any();
    if (now().kind !== 'end') throw fault('end');
    return { filter };
  } catch (e) {
    if (e instanceof Halt) return { fault: e.fault };
    throw e;
  }
}
