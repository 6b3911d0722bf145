import { Fragment, useEffect, type Dispatch, type SetStateAction } from 'react';
import { api } from '@/api/client';
import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import type { FieldMeta, ObjectMeta, Rec } from '@/api/types';
import FieldInput from '@/fields/inputs';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { isBlank } from '../display';
import { Below, Figure } from './LineFields';
import { lineTotal, periodsIn, sumOf } from './lineSum';
import { lineStands } from './stands';
import './lines.css';

export interface Line {
  key: number;
  product_id: string | null;
  title?: string;
  quantity: string;
  unit_price: string;
  discount: string;
  /** Billing periods of a recurring charge; one where nothing is said. */
  periods?: number;
  /** What was typed into fields without a column, which conditions call for. */
  more?: Record<string, unknown>;
  /** The record that is there already, and what it held. */
  saved?: { id: string; version: number; quantity: string; unit_price: string; discount: string; product_id: string | null; rec: Rec };
}

/** Names of what a line does not write: what a condition hides or holds. */
type Left = (l: Line) => ReadonlySet<string>;
const nothing: Left = () => new Set();
const without = (data: Record<string, unknown>, names: ReadonlySet<string>) => Object.fromEntries(Object.entries(data).filter(([k]) => !names.has(k)));

export const emptyLine = (key: number): Line => ({ key, product_id: null, quantity: '1', unit_price: '', discount: '' });
export const usedLines = (lines: Line[]): Line[] => lines.filter((l) => l.product_id !== null);
/** Billing periods while the line is as it is typed; before anything of them is, what the server counted. */
function periodsOf(l: Line): number | undefined {
  if (!l.more) return l.periods;
  const now = (name: string) => (name in l.more! ? l.more![name] : l.saved?.rec[name]);
  return periodsIn(now('charge_kind'), now('term_months'), now('billing_period'));
}
export const totalOf = (lines: Line[]): string => sumOf(usedLines(lines).map((l) => lineTotal(l.quantity, l.unit_price, l.discount, periodsOf(l))));

/** Rows for the API. */
export function lineData(l: Line, link: string, id: string, left: Left = nothing): Record<string, unknown> {
  const more = Object.fromEntries(Object.entries(l.more ?? {}).filter(([, v]) => !isBlank(v)));
  return without({ [link]: id, product_id: l.product_id, quantity: l.quantity || '1', unit_price: l.unit_price || '0', ...(l.discount ? { discount: l.discount } : {}), ...more }, left(l));
}

const bare = (v: unknown) => String(v ?? '').replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');

/** Records as rows of the table. */
export function linesFrom(recs: Rec[]): Line[] {
  return recs.map((r, i): Line => {
    const e = r.$expand?.['product_id'];
    const title = (Array.isArray(e) ? e[0] : e)?.title;
    const now = { product_id: typeof r['product_id'] === 'string' ? r['product_id'] : null, quantity: bare(r['quantity']), unit_price: bare((r['unit_price'] as { amount?: string } | null)?.amount), discount: bare(r['discount']) };
    return { key: i + 1, ...now, ...(title ? { title } : {}), periods: Number(r['periods'] ?? 1), saved: { id: r.id, version: r.version, ...now, rec: r } };
  });
}

export type LineOp = { op: 'create'; data: Record<string, unknown> } | { op: 'update'; id: string; version: number; data: Record<string, unknown> } | { op: 'delete'; id: string };

/** What has to be written so that the records become what the table shows. */
export function lineOps(before: Line[], now: Line[], link: string, id: string, left: Left = nothing): LineOp[] {
  const ops: LineOp[] = [];
  const used = usedLines(now);
  for (const l of before) if (l.saved && !used.some((x) => x.saved?.id === l.saved?.id)) ops.push({ op: 'delete', id: l.saved.id });
  for (const l of used) {
    if (!l.saved) {
      ops.push({ op: 'create', data: lineData(l, link, id, left) });
      continue;
    }
    const data: Record<string, unknown> = {};
    if (l.product_id !== l.saved.product_id) data['product_id'] = l.product_id;
    if (l.quantity !== l.saved.quantity) data['quantity'] = l.quantity || '1';
    if (l.unit_price !== l.saved.unit_price) data['unit_price'] = l.unit_price || '0';
    if (l.discount !== l.saved.discount) data['discount'] = l.discount || null;
    for (const [name, v] of Object.entries(l.more ?? {})) if ((v ?? null) !== (l.saved.rec[name] ?? null)) data[name] = v ?? null;
    const written = without(data, left(l));
    if (Object.keys(written).length) ops.push({ op: 'update', id: l.saved.id, version: l.saved.version, data: written });
  }
  return ops;
}

/** What the server takes over from the product itself, shown at once: a subscription is charged again and again. */
function kindOf(product: Rec, child: ObjectMeta): Record<string, unknown> {
  if (product['is_subscription'] !== true || !child.fields.some((f) => f.name === 'charge_kind')) return {};
  return { charge_kind: 'recurring', billing_period: product['billing_period'] ?? null };
}

interface Props {
  child: ObjectMeta;
  link: string;
  lines: Line[];
  setLines: Dispatch<SetStateAction<Line[]>>;
  /** It was sent in vain: what is missing is marked. */
  tried: boolean;
}

/** Line items as a small table with exact sums: choosing a product brings its price, the next empty row is always there. */
export function Lines({ child, link, lines, setLines, tried }: Props) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const field = (n: string) => model.field(child.name, n);
  const [product, quantity, price, discount, subtotal] = [field('product_id')!, field('quantity')!, field('unit_price')!, field('discount'), field('subtotal')];
  useEffect(() => {
    setLines((now) => {
      const last = now.at(-1);
      return !last || last.product_id !== null ? [...now, emptyLine((last?.key ?? 0) + 1)] : now;
    });
  }, [lines, setLines]);
  const set = (key: number, more: Partial<Line>) => setLines((now) => now.map((l) => (l.key === key ? { ...l, ...more } : l)));
  const choose = (key: number, id: string | null, title?: string) => {
    set(key, { product_id: id, ...(title ? { title } : {}) });
    if (!id) return;
    const fields = ['list_price', 'is_subscription', 'billing_period'].filter((f) => model.field('product', f)).join(',');
    void api.get<Rec>(`/product/${id}`, { fields }).then((p) => {
      const amount = (p['list_price'] as { amount?: string } | null)?.amount?.replace(/(\.\d\d)0+$/, '$1');
      setLines((now) => now.map((l) => (l.key === key && l.product_id === id ? { ...l, unit_price: l.unit_price || amount || '', ...(l.saved ? {} : { more: kindOf(p, child) }) } : l)));
    }, () => undefined);
  };
  const name = (f: FieldMeta) => label(f.label, lang, f.name);
  const show = (text: string | null) => (text === null ? '–' : fmt.money(text, model.doc.currency, lang, 'always'));
  return (
    <fieldset className="form-sect">
      <legend className="sect">{label(child.plural, lang, label(child.label, lang, child.name))}<span className="ct s12">{usedLines(lines).length || ''}</span></legend>
      <table className="lines">
        <thead><tr><th scope="col">{name(product)}</th><th scope="col">{name(quantity)}</th><th scope="col">{name(price)}</th>{discount && <th scope="col">{name(discount)} %</th>}<th scope="col">{subtotal ? name(subtotal) : t('lines.sum')}</th><th><span className="sr">{t('act.remove')}</span></th></tr></thead>
        <tbody>
          {lines.map((l, i) => {
            const stands = lineStands(child, link, l, model);
            const cell = (f: FieldMeta, n: 'quantity' | 'unit_price' | 'discount', bare: (text: string) => string) => (
              <Figure name={`${name(f)} ${i + 1}`} value={l[n]} stand={stands.of(f)} missing={l.product_id !== null && stands.missing.has(n)} tried={tried} onChange={(text) => set(l.key, { [n]: bare(text) })} />
            );
            return (
              <Fragment key={l.key}>
                <tr className="line">
                  <td>{stands.of(product).locked ? <span className="el">{l.title}</span> : <FieldInput id={`line-${i}`} field={product} value={l.product_id} titles={l.product_id && l.title ? [{ object: 'product', id: l.product_id, title: l.title }] : []} model={model} lang={lang} onChange={(v, e) => choose(l.key, typeof v === 'string' ? v : null, Array.isArray(e) ? e[0]?.title : e?.title)} />}</td>
                  <td>{cell(quantity, 'quantity', (text) => text)}</td>
                  <td>{cell(price, 'unit_price', (text) => text.replace(/[,，¥\s]/g, ''))}</td>
                  {discount && <td>{cell(discount, 'discount', (text) => text.replace('%', ''))}</td>}
                  <td className="num">{l.product_id ? show(lineTotal(l.quantity, l.unit_price, l.discount, periodsOf(l))) : ''}</td>
                  <td>{l.product_id && <button type="button" className="tap" aria-label={t('lines.remove', { n: i + 1 })} onClick={() => setLines(lines.filter((x) => x.key !== l.key))}><Icon name="x" size={14} /></button>}</td>
                </tr>
                {l.product_id && stands.below.length > 0 && (
                  <tr className="line-more">
                    <td colSpan={discount ? 6 : 5}>
                      <div className="line-below" role="group" aria-label={l.title ?? `${name(product)} ${i + 1}`}>
                        {stands.below.map((f) => <Below key={f.name} field={f} id={`line-${i}-${f.name}`} child={child} line={l} stands={stands} tried={tried} onChange={(v) => set(l.key, { more: { ...l.more, [f.name]: v } })} />)}
                      </div>
                    </td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
        <tfoot><tr><th scope="row" colSpan={discount ? 4 : 3}>{t('lines.sum')}</th><td className="num b">{show(totalOf(lines))}</td><td /></tr></tfoot>
      </table>
    </fieldset>
  );
}
