import { valueText } from '@/fields/display';
import type { Model } from '@/api/model';
import type { Lang } from '@/shared/i18n';

/** A value of a past change in words; references by their titles where they are known. */
export function changeWords(object: string, field: string, v: unknown, model: Model, lang: Lang, titles: Map<string, string>): string {
  const one = (x: unknown) => (typeof x === 'string' ? titles.get(x) : undefined) ?? valueText(model.field(object, field), x, model, lang);
  return Array.isArray(v) && v.length ? v.map(one).join(lang === 'zh-CN' ? '、' : ', ') : one(v);
}

const BLOCK = /<\/(p|div|li|h\d)>|<br\s*\/?>/gi;

/** Rich text as its words. */
export function plainText(html: string): string {
  return (new DOMParser().parseFromString(html.replace(BLOCK, '\n'), 'text/html').body.textContent ?? '').trim();
}
