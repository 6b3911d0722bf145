import { useEffect } from 'react';
import { api } from '@/api/client';
import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import type { FieldMeta, ObjectMeta, Rec } from '@/api/types';
import FieldInput from '@/fields/inputs';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { lineTotal, sumOf } from './lineSum';
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
  /** The record that is there already, and what it held. */
  saved?: { id: string; version: number; quantity: string; unit_price: string; discount: string; product_id: string | null };
}

export const emptyLine = (key: number): Line => ({ key, product_id: null, quantity: '1', unit_price: '', discount: '' });
export const usedLines = (lines: Line[]): Line[] => lines.filter((l) => l.product_id !== null);
export const totalOf = (lines: Line[]): string => sumOf(usedLines(lines).map((l) => lineTotal(l.quantity, l.unit_price, l.discount, l.periods)));

/** Rows for the API. */
export function lineData(l: Line, link: string, id: string): Record<string, unknown> {
  return { [link]: id, product_id: l.product_id, quantity: l.quantity || '1', unit_price: l.unit_price || '0', ...(l.discount ? { discount: l.discount } : {}) };
}

const bare = (v: unknown) => String(v ?? '').replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');

/** Records as rows of the table. */
export function linesFrom(recs: Rec[]): Line[] {
  return recs.map((r, i): Line => {
    const e = r.$expand?.['product_id'];
    const title = (Array.isArray(e) ? e[0] : e)?.title;
    const now = { product_id: typeof r['product_id'] === 'string' ? r['product_id'] : null, quantity: bare(r['quantity']), unit_price: bare((r['unit_price'] as { amount?: string } | null)?.amount), discount: bare(r['discount']) };
    return { key: i + 1, ...now, ...(title ? { title } : {}), periods: Number(r['periods'] ?? 1), saved: { id: r.id, version: r.version, ...now } };
  });
}

export type LineOp = { op: 'create'; data: Record<string, unknown> } | { op: 'update'; id: string; version: number; data: Record<string, unknown> } | { op: 'delete'; id: string };

/** What has to be written so that the records become what the table shows. */
export function lineOps(before: Line[], now: Line[], link: string, id: string): LineOp[] {
  const ops: LineOp[] = [];
  const used = usedLines(now);
  for (const l of before) if (l.saved && !used.some((x) => x.saved?.id === l.saved?.id)) ops.push({ op: 'delete', id: l.saved.id });
  for (const l of used) {
    if (!l.saved) {
      ops.push({ op: 'create', data: lineData(l, link, id) });
      continue;
    }
    const data: Record<string, unknown> = {};
    if (l.product_id !== l.saved.product_id) data['product_id'] = l.product_id;
    if (l.quantity !== l.saved.quantity) data['quantity'] = l.quantity || '1';
    if (l.unit_price !== l.saved.unit_price) data['unit_price'] = l.unit_price || '0';
    if (l.discount !== l.saved.discount) data['discount'] = l.discount || null;
    if (Object.keys(data).length) ops.push({ op: 'update', id: l.saved.id, version: l.saved.version, data });
  }
  return ops;
}

/** Line items as a small table with exact sums: choosing a product brings its price, the next empty row is always there. */
export function Lines({ child, lines, setLines }: { child: ObjectMeta; lines: Line[]; setLines: (next: Line[]) => void }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const field = (n: string) => model.field(child.name, n);
  const [product, quantity, price, discount, subtotal] = [field('product_id')!, field('quantity')!, field('unit_price')!, field('discount'), field('subtotal')];
  useEffect(() => {
    const last = lines.at(-1);
    if (!last || last.product_id !== null) setLines([...lines, emptyLine((last?.key ?? 0) + 1)]);
  }, [lines, setLines]);
  const set = (key: number, more: Partial<Line>) => setLines(lines.map((l) => (l.key === key ? { ...l, ...more } : l)));
  const choose = (key: number, id: string | null, title?: string) => {
    set(key, { product_id: id, ...(title ? { title } : {}) });
    if (!id) return;
    void api.get<Rec>(`/product/${id}`, { fields: 'list_price' }).then((p) => {
      const amount = (p['list_price'] as { amount?: string } | null)?.amount;
      if (amount) setLines(lines.map((l) => (l.key === key ? { ...l, product_id: id, ...(title ? { title } : {}), unit_price: l.unit_price || amount.replace(/(\.\d\d)0+$/, '$1') } : l)));
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
          {lines.map((l, i) => (
            <tr key={l.key}>
              <td><FieldInput id={`line-${i}`} field={product} value={l.product_id} titles={l.product_id && l.title ? [{ object: 'product', id: l.product_id, title: l.title }] : []} model={model} lang={lang} onChange={(v, e) => choose(l.key, typeof v === 'string' ? v : null, Array.isArray(e) ? e[0]?.title : e?.title)} /></td>
              <td><input className="line-num" inputMode="decimal" aria-label={`${name(quantity)} ${i + 1}`} value={l.quantity} onChange={(e) => set(l.key, { quantity: e.target.value })} /></td>
              <td><input className="line-num" inputMode="decimal" aria-label={`${name(price)} ${i + 1}`} value={l.unit_price} onChange={(e) => set(l.key, { unit_price: e.target.value.replace(/[,，¥\s]/g, '') })} /></td>
              {discount && <td><input className="line-num" inputMode="decimal" aria-label={`${name(discount)} ${i + 1}`} value={l.discount} onChange={(e) => set(l.key, { discount: e.target.value.replace('%', '') })} /></td>}
              <td className="num">{l.product_id ? show(lineTotal(l.quantity, l.unit_price, l.discount, l.periods)) : ''}</td>
              <td>{l.product_id && <button type="button" className="tap" aria-label={t('lines.remove', { n: i + 1 })} onClick={() => setLines(lines.filter((x) => x.key !== l.key))}><Icon name="x" size={14} /></button>}</td>
            </tr>
          ))}
        </tbody>
        <tfoot><tr><th scope="row" colSpan={discount ? 4 : 3}>{t('lines.sum')}</th><td className="num b">{show(totalOf(lines))}</td><td /></tr></tfoot>
      </table>
    </fieldset>
  );
}
