import { useEffect, useMemo, useState } from 'react';
import { label, type Model } from '@/api/model';
import { useTitlesOf } from '@/api/queries';
import type { ObjectMeta, Rec } from '@/api/types';
import { groupText, idsIn } from '@/features/browse/filter/filters';
import { loadDivisions } from '@/fields/divisions';
import { useLang, useT, type Lang } from '@/shared/i18n';
import { aboutOf, asFilter, memberIds, readMembers, shortCode, type Shape } from './shapes';

interface Props {
  shape: Shape;
  value: unknown;
  rec: Rec;
  model: Model;
}

const joint = (lang: Lang) => (lang === 'zh-CN' ? '、' : ', ');

/** JSON of a known form, in words. */
export default function ShapedValue({ shape, value, rec, model }: Props) {
  const lang = useLang();
  const about = aboutOf(rec, model);
  const list = Array.isArray(value) ? value : [];
  switch (shape) {
    case 'filter': return about ? <Condition about={about} value={value} model={model} lang={lang} /> : null;
    case 'fields': return list.map((n) => label(model.field(about?.name ?? '', String(n))?.label, lang, String(n))).join(joint(lang));
    case 'members': return <Members rec={rec} value={value} model={model} about={about} lang={lang} />;
    case 'divisions': return <Divisions codes={list.map(String)} lang={lang} />;
    default: return list.map(String).join(joint(lang));
  }
}

function Condition({ about, value, model, lang }: { about: ObjectMeta; value: unknown; model: Model; lang: Lang }) {
  const filter = useMemo(() => asFilter(value), [value]);
  const titles = useTitlesOf(useMemo(() => [...idsIn(filter, about.name, model)], [filter, about, model]));
  return filter ? groupText(filter, about.name, model, lang, titles, false) : String(value ?? '');
}

function Members({ rec, value, model, about, lang }: { rec: Rec; value: unknown; model: Model; about: ObjectMeta | undefined; lang: Lang }) {
  const t = useT();
  const all = useMemo(() => readMembers(value), [value]);
  const titles = useTitlesOf(useMemo(() => memberIds(all), [all]));
  if (all.length === 0) return rec['strategy'] === 'territory' ? t('shape.allTerritories') : rec['strategy'] === 'to_pool' ? t('shape.fittingPool') : t('shape.nobody');
  const name = (id: string | null, kind: string) => (kind === 'field' ? label(model.field(about?.name ?? '', id ?? '')?.label, lang, id ?? '') : (titles.get(id ?? '') ?? '…'));
  return all.map((m) => `${name(m.id, m.kind)}${rec['strategy'] === 'weighted' ? ` ×${m.weight}` : ''}`).join(joint(lang));
}

function Divisions({ codes, lang }: { codes: string[]; lang: Lang }) {
  const [names, setNames] = useState<Map<string, string>>(new Map());
  useEffect(() => void loadDivisions().then((all) => {
    const out = new Map<string, string>();
    const walk = (list: typeof all) => { for (const d of list) { if (!out.has(shortCode(d.code))) out.set(shortCode(d.code), d.name); walk(d.children ?? []); } };
    walk(all);
    setNames(out);
  }), []);
  return codes.map((c) => names.get(c) ?? c).join(joint(lang));
}
