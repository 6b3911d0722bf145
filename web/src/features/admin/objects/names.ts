import { initial } from '@/shared/pinyin';

/** An api name out of the label in English, or of the pinyin initials of the Chinese one; `taken` are in use. */
export function propose(en: string, zh: string, taken: ReadonlySet<string>): string {
  const base = en.trim() || [...zh].map(initial).join('');
  let slug = base.normalize('NFKD').replace(/\p{M}+/gu, '').toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '');
  if (!slug) slug = 'field';
  if (!/^[a-z]/.test(slug)) slug = `f_${slug}`;
  slug = slug.slice(0, 40).replace(/_+$/, '');
  let name = `${slug}__c`;
  for (let n = 2; taken.has(name); n++) name = `${slug}_${n}__c`;
  return name;
}

/** A key for a value of a picklist. */
export function proposeKey(en: string, zh: string, taken: ReadonlySet<string>, suffix = ''): string {
  const name = propose(en, zh, new Set()).replace(/__c$/, '');
  let key = `${name}${suffix}`;
  for (let n = 2; taken.has(key); n++) key = `${name}_${n}${suffix}`;
  return key;
}
