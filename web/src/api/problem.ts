import { has, lang, t, tDynamic, type Lang } from '@/shared/i18n';
import { toastError } from '@/shared/toast';
import { Problem } from './client';
import { offline } from './kept/port';
import { label, type Model } from './model';
import type { Label, ProblemBody } from './types';

export interface Words {
  title: string;
  lines: string[];
  trace?: string | undefined;
}

function params(p: Record<string, unknown> | undefined): Record<string, string | number> {
  const out: Record<string, string | number> = {};
  for (const [k, v] of Object.entries(p ?? {})) out[k] = typeof v === 'number' ? v : typeof v === 'string' ? v : JSON.stringify(v);
  return out;
}

/** Words that come with the refusal itself, in both languages (items of a stage's gate). */
function own(p: Record<string, unknown> | undefined): string | undefined {
  const l = p?.['label'];
  return typeof l === 'object' && l !== null && ('en' in l || 'zh' in l) ? label(l as Partial<Label>, lang.get()) : undefined;
}

/** The sentence for one code, in the reader's language; the server's own words when the code is new to this page. */
export function codeWords(code: string, p?: Record<string, unknown>, fallback?: string): string {
  const said = own(p);
  if (said) return said;
  const key = `error.${code}`;
  if (has(key)) {
    const made = tDynamic(key, params(p));
    if (!made.includes('{{')) return made;
  }
  return fallback ?? t('error.unknown', { code });
}

/** The label of a field in the reader's language. */
function fieldLabel(field: string | undefined, object: string | undefined, model: Model | undefined, reader: Lang): string {
  if (!field) return '';
  const f = object && model ? model.field(object, field) : undefined;
  return f ? label(f.label, reader, field) : field;
}

/** Sentences of every faulty field, by field name. */
export function fieldErrors(body: ProblemBody): Record<string, string> {
  const out: Record<string, string> = {};
  for (const e of body.errors ?? []) if (e.field && !out[e.field]) out[e.field] = codeWords(e.code, e.params, e.message ?? body.title);
  return out;
}

/** A refusal in words: what, and what to do where we know it. */
export function words(error: unknown, reader: Lang, object?: string, model?: Model): Words {
  if (!(error instanceof Problem)) return { title: t('error.page'), lines: error instanceof Error ? [error.message] : [] };
  const { body } = error;
  const lines = (body.errors ?? []).map((e) => {
    const sentence = codeWords(e.code, e.params, e.message ?? body.title);
    const name = fieldLabel(e.field, object, model, reader);
    return name ? t('error.fieldLine', { field: name, sentence }) : sentence;
  });
  return { title: codeWords(body.code, (body['params'] as Record<string, unknown> | undefined) ?? {}, body.title), lines, trace: body.trace_id };
}

/** Why something cannot be shown: without a network, that it was not kept. */
export function unread(error: unknown, reader: Lang, object?: string, model?: Model): Words {
  if (error instanceof Problem && error.status === 0 && offline()) return { title: t('state.notKept'), lines: [t('state.notKeptText')] };
  return words(error, reader, object, model);
}

/** Tells a refusal at the bottom of the page. */
export function tell(error: unknown, reader: Lang, object?: string, model?: Model, prefix?: string): void {
  const w = words(error, reader, object, model);
  toastError(prefix ?? w.title, { detail: prefix ? [w.title, ...w.lines] : w.lines, trace: w.trace });
}
