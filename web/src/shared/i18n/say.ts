export type Params = Record<string, string | number>;

const rules = new Map<string, Intl.PluralRules>();

/** One text of a language: `_one` or `_other` by `count`, `{{holes}}` filled; a key without text comes back as it is. */
export function sayIn(all: Record<string, string>, lang: string, key: string, params: Params = {}): string {
  let text = all[key];
  if (text === undefined) {
    let rule = rules.get(lang);
    if (!rule) rules.set(lang, (rule = new Intl.PluralRules(lang)));
    text = all[`${key}_${rule.select(Number(params['count'] ?? 0)) === 'one' ? 'one' : 'other'}`] ?? all[`${key}_other`] ?? key;
  }
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(params[name] ?? ''));
}
