import { expect } from 'vitest';

type Texts = Record<string, string>;

const holes = (s: string) => [...s.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1]).sort();

/** What holds for the texts of every part: both languages, nothing empty, the same placeholders, and the voice of a colleague (你, never 您; no exclamation mark, no "please"). */
export function equals(en: Texts, zh: Texts): void {
  expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
  for (const [key, text] of Object.entries(en)) {
    const other = zh[key] ?? '';
    expect(text.trim(), key).not.toBe('');
    expect(other.trim(), key).not.toBe('');
    // An English singular may say "one" instead of the number.
    if (!key.endsWith('_one')) expect(holes(other), key).toEqual(holes(text));
    expect(other, key).not.toMatch(/您|[!！]/);
    expect(text, key).not.toMatch(/!|\bplease\b|\boops\b/i);
  }
}
