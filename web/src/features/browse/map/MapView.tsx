import { useEffect, useMemo, useState } from 'react';
import { label } from '@/api/model';
import { useAggregate, useModel } from '@/api/queries';
import type { FieldMeta } from '@/api/types';
import * as fmt from '@/shared/format';
import { useLang, useT } from '@/shared/i18n';
import { SkeletonRows } from '@/shared/ui';
import { Unread } from '@/fields/Unread';
import { combine, conditions } from '../filter/filters';
import { NothingHere } from '../NothingHere';
import { numericColumns } from '../table/sums';
import { addressPath, type Browse } from '../useBrowse';
import { provinceName, provinceOf, provinces } from './provinces';
import './map.css';

interface Place {
  key: string;
  title: string;
  count: number;
  sum: number;
  cities: Map<string, { count: number; sum: number }>;
}
type Addr = { country?: string | null; province?: string | null; city?: string | null; code?: string | null };

/** Where the records are: the provinces as tiles, abroad by country, cities ranked beside them. Needs no network. */
export default function MapView({ browse, onHead }: { browse: Browse; onHead: (text: string) => void }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const { object } = browse;
  const path = addressPath(object, model) ?? 'address';
  const money = useMemo((): FieldMeta | undefined => numericColumns(browse.columns)[0] ?? object.fields.find((f) => f.type === 'money' && f.section), [browse.columns, object]);
  const [by, setBy] = useState<'count' | 'sum'>('count');
  const answer = useAggregate(object.name, { ...(browse.filter ? { filter: browse.filter } : {}), ...(browse.q ? { q: browse.q } : {}), group: [path], measures: [{ fn: 'count' }, ...(money ? [{ fn: 'sum' as const, field: money.name }] : [])], limit: 10_000 });
  const { places, unknown, total } = useMemo(() => {
    const made = new Map<string, Place>();
    let blank = 0;
    let all = 0;
    const countries = new Intl.DisplayNames([lang], { type: 'region', fallback: 'code' });
    for (const g of answer.data?.groups ?? []) {
      const a = g.key[path] as unknown as Addr | null;
      const count = Number(g.values[0] ?? 0);
      all += count;
      const province = a ? provinceOf(a) : null;
      const key = province ?? (a?.country && a.country !== 'CN' ? `c${a.country}` : null);
      if (!key) {
        blank += count;
        continue;
      }
      const place = made.get(key) ?? { key, title: province ? (provinceName(province, lang) ?? '') : (countries.of(a?.country ?? '') ?? ''), count: 0, sum: 0, cities: new Map() };
      const sum = Number(g.values[1] ?? 0);
      place.count += count;
      place.sum += sum;
      const city = a?.city ?? a?.province ?? '';
      if (city) {
        const c = place.cities.get(city) ?? { count: 0, sum: 0 };
        place.cities.set(city, { count: c.count + count, sum: c.sum + sum });
      }
      made.set(key, place);
    }
    return { places: made, unknown: blank, total: all };
  }, [answer.data, path, lang]);
  const head = answer.data ? fmt.number(total, lang) : '';
  useEffect(() => onHead(head), [head, onHead]);
  const value = (p: { count: number; sum: number } | undefined) => (p ? (by === 'sum' ? p.sum : p.count) : 0);
  const ranked = [...places.values()].sort((a, b) => value(b) - value(a));
  const most = Math.max(1, ...ranked.map(value));
  const [open, setOpen] = useState<string | null>(null);
  const chosen = places.get(open ?? '') ?? ranked[0];
  const show = (n: { count: number; sum: number }) => (by === 'sum' ? fmt.compactMoney(n.sum, model.doc.currency, lang) : fmt.number(n.count, lang));
  const narrow = (p: Place) => {
    const own = p.key.startsWith('c') ? null : ({ field: path, op: 'within', value: p.key } as const);
    if (own) browse.set({ filter: combine([...conditions(browse.filter).filter((c) => !('field' in c && c.field === path)), own]), layout: 'table' });
  };
  if (answer.isLoadingError) return <Unread error={answer.error} object={object.name} />;
  if (answer.isPending) return <SkeletonRows rows={10} />;
  if (total === 0) return <NothingHere browse={browse} />;
  const abroad = ranked.filter((p) => p.key.startsWith('c'));
  return (
    <div className="map">
      <section className="map-tiles" aria-label={t('map.provinces')}>
        <div className="row map-bar">
          <h2 className="b">{t('map.title', { name: label(model.field(object.name, path.split('.')[0] ?? '')?.label, lang) })}</h2>
          <span className="sp" />
          {money && (
            <span className="seg" role="group" aria-label={t('map.measure')}>
              <button type="button" aria-pressed={by === 'count'} onClick={() => setBy('count')}>{t('map.count')}</button>
              <button type="button" aria-pressed={by === 'sum'} onClick={() => setBy('sum')}>{label(money.label, lang)}</button>
            </span>
          )}
        </div>
        <ul className="tiles">
          {provinces.map((p) => {
            const place = places.get(p.code);
            const v = value(place);
            const strength = level(v / most);
            const name = lang === 'zh-CN' ? p.zh : p.en;
            return (
              <li key={p.code} style={{ gridColumn: p.x + 1, gridRow: p.y + 1 }}>
                <button
                  type="button"
                  className={`tile${strength > 50 ? ' strong' : ''}${chosen?.key === p.code ? ' on' : ''}`}
                  disabled={!place}
                  style={strength ? { background: `color-mix(in srgb, var(--c1) ${strength}%, var(--sheet))` } : undefined}
                  aria-label={`${name}: ${place ? show(place) : '0'}`}
                  onClick={() => setOpen(p.code)}
                  onDoubleClick={() => place && narrow(place)}
                >
                  <span className="el">{name}</span>
                  {place && <b className="num">{show(place)}</b>}
                </button>
              </li>
            );
          })}
        </ul>
        {abroad.length > 0 && (
          <div className="map-abroad">
            <h3 className="s12 mut">{t('map.abroad')}</h3>
            <ul className="row wrap">
              {abroad.map((p) => <li key={p.key}><button type="button" className={chosen?.key === p.key ? 'chip on' : 'chip'} onClick={() => setOpen(p.key)}>{p.title} <b className="num">{show(p)}</b></button></li>)}
            </ul>
          </div>
        )}
        {unknown > 0 && <p className="mut s12">{t('map.unknown', { count: unknown })}</p>}
      </section>
      <section className="map-rank" aria-label={t('map.ranked')}>
        {chosen && (
          <>
            <div className="row"><h3 className="b">{chosen.title}</h3><span className="mut num">{show(chosen)}</span><span className="sp" />{!chosen.key.startsWith('c') && <button type="button" className="btn s" onClick={() => narrow(chosen)}>{t('map.show')}</button>}</div>
            <Bars rows={[...chosen.cities].map(([title, c]) => ({ key: title, title, value: value(c), said: show(c) })).sort((a, b) => b.value - a.value).slice(0, 12)} />
          </>
        )}
        <h3 className="b map-all">{t('map.ranked')}</h3>
        <Bars rows={ranked.map((p) => ({ key: p.key, title: p.title, value: value(p), said: show(p) }))} onChoose={setOpen} on={chosen?.key} />
      </section>
    </div>
  );
}

/** Five strengths of one colour, none of them in between where neither dark nor light text could be read. */
function level(share: number): number {
  if (share <= 0) return 0;
  const root = Math.sqrt(share);
  return root < 0.25 ? 14 : root < 0.45 ? 26 : root < 0.68 ? 38 : root < 0.85 ? 86 : 100;
}

function Bars({ rows, onChoose, on }: { rows: { key: string; title: string; value: number; said: string }[]; onChoose?: (key: string) => void; on?: string | undefined }) {
  const most = Math.max(1, ...rows.map((r) => r.value));
  return (
    <ol className="bars">
      {rows.map((r) => {
        const inside = (
          <>
            <span className="el">{r.title}</span>
            <span className="bar-track" aria-hidden="true"><i style={{ width: `${(100 * r.value) / most}%` }} /></span>
            <span className="num">{r.said}</span>
          </>
        );
        return <li key={r.key}>{onChoose ? <button type="button" className={on === r.key ? 'bar-row on' : 'bar-row'} onClick={() => onChoose(r.key)}>{inside}</button> : <span className="bar-row">{inside}</span>}</li>;
      })}
    </ol>
  );
}
