import en from '../src/shared/i18n/en.json';
import zh from '../src/shared/i18n/zh-CN.json';
import { sayIn, type Params } from '../src/shared/i18n/say';

export type Tongue = 'zh-CN' | 'en';

/** What the page says in a language, so that one journey holds in both. */
export const words = (lang: Tongue) => (key: keyof typeof en | string, params?: Params): string => sayIn(lang === 'en' ? en : zh, lang, key, params);
