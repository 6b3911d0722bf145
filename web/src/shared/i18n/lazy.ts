import { useLang, type Lang, type Params } from './index';
import { sayIn } from './say';

type Base<K> = K extends `${infer B}_one` | `${infer B}_other` ? B : K;

/**
 * Texts of a part of the page that most people never open: they load with it and not with the first page. Same rules as the
 * other texts (both languages, plurals by `_one` and `_other`, `{{holes}}`).
 */
export function texts<T extends Record<string, string>>(en: T, zh: Record<keyof T, string>) {
  type Key = Base<keyof T & string>;
  const say = (lang: Lang, key: Key, params: Params = {}): string => sayIn(lang === 'en' ? en : zh, lang, key, params);
  return {
    say,
    /** `t` for these texts; re-renders when the language changes. */
    useT: () => {
      const lang = useLang();
      return (key: Key, params?: Params) => say(lang, key, params);
    },
  };
}
