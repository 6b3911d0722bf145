import { memo, useMemo } from 'react';
import { label, valueType, type Model } from '@/api/model';
import { useAggregate, useModel } from '@/api/queries';
import type { FieldMeta } from '@/api/types';
import * as fmt from '@/shared/format';
import { useLang, useT, type Lang } from '@/shared/i18n';
import type { Browse } from '../useBrowse';

/** Columns whose sum means something: money and counts, no ratings, ranks or percentages. */
export function numericColumns(fields: FieldMeta[]): FieldMeta[] {
  return fields.filter((f) => ['money', 'int', 'dec', 'dur'].includes(valueType(f)) && f.type !== 'auto' && f.name !== 'version').slice(0, 6);
}

export function sumText(f: FieldMeta, value: string | null | undefined, model: Model, lang: Lang): string {
  if (value === null || value === undefined) return '';
  const type = valueType(f);
  if (type === 'money') return fmt.money(value, model.doc.currency, lang);
  if (type === 'dur') return fmt.duration(Number(value), lang);
  return fmt.decimal(value.replace(/\.0+$/, ''));
}

/** Sums over everything the conditions let through. */
export const Sums = memo(function Sums({ browse }: { browse: Browse }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const fields = useMemo(() => numericColumns(browse.columns).slice(0, 3), [browse.columns]);
  const sums = useAggregate(browse.object.name, { ...(browse.filter ? { filter: browse.filter } : {}), ...(browse.q ? { q: browse.q } : {}), group: [], measures: fields.map((f) => ({ fn: 'sum' as const, field: f.name })) }, fields.length > 0);
  const values = sums.data?.groups[0]?.values;
  if (!values) return null;
  return fields.map((f, i) => values[i] && (
    <span key={f.name} className="foot-sum">
      {t('list.sum', { field: label(f.label, lang) })} <b>{sumText(f, values[i], model, lang)}</b>
    </span>
  ));
});
