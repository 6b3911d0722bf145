import { createStore, local, useStore } from '../store';
import type en from './en.json';
import { sayIn, type Params } from './say';

export type { Params } from './say';
export type Lang = 'zh-CN' | 'en';
type Base<K> = K extends `${infer B}_one` | `${infer B}_other` ? B : K;
/** Every text of the page; a missing key does not compile. */
export type TextKey = Base<keyof typeof en>;
type Texts = Record<string, string>;

const initial: Lang = document.documentElement.lang === 'en' || local.get('rapport.lang') === 'en' ? 'en' : 'zh-CN';

/** Only the language one reads is fetched; the other comes when it is chosen. */
const files: Record<Lang, () => Promise<{ default: Texts }>> = { en: () => import('./en.json'), 'zh-CN': () => import('./zh-CN.json') };
const loaded: Partial<Record<Lang, Texts>> = {};

/** Fetches the texts of a language unless they are here. */
export async function loadTexts(which: Lang): Promise<void> {
  loaded[which] ??= (await files[which]()).default;
}

/** The first texts, asked for while the rest of the first page still arrives; nothing is drawn before them. */
export const firstTexts: Promise<void> = loadTexts(initial);

export const lang = createStore<Lang>(initial);
let wanted: Lang = initial;

function turn(next: Lang): void {
  document.documentElement.lang = next;
  lang.set(next);
}

/** Changes the language without a reload, as soon as its texts are here. */
export function setLang(next: Lang): void {
  wanted = next;
  local.set('rapport.lang', next);
  if (loaded[next]) turn(next);
  else void loadTexts(next).then(() => { if (wanted === next) turn(next); });
}

export function t(key: TextKey, params?: Params): string {
  return tDynamic(key, params);
}

/** Whether a text exists under a key made at run time (error codes). */
export function has(key: string): boolean {
  const all = loaded[lang.get()] ?? {};
  return key in all || `${key}_other` in all;
}

/** A text whose key is made at run time; the caller has asked `has` first. */
export function tDynamic(key: string, params?: Params): string {
  return sayIn(loaded[lang.get()] ?? {}, lang.get(), key, params);
}

/** `t` that re-renders its component when the language changes. */
export function useT(): typeof t {
  useStore(lang);
  return t;
}

export function useLang(): Lang {
  return useStore(lang);
}
