import { api } from '@/api/client';
import { label, titleOf } from '@/api/model';
import { useModel } from '@/api/queries';
import type { Expanded, FieldMeta, Page, Rec } from '@/api/types';
import { ofRecord, open as openFor, standing } from '@/fields/conditions/conditions';
import { editable } from '@/fields/editable';
import { useLang, useT } from '@/shared/i18n';
import { toast, toastError } from '@/shared/toast';
import type { Browse } from '../useBrowse';
import type { Block } from './cells';
import { cellText, parseCell, titlesIn, type Fault } from './cellText';
import { parseTsv, toTsv } from './tsv';
import { useWrite, type Change } from './useWrite';

export interface CellFault {
  row: string;
  field: string;
  text: string;
  why: Fault;
}

/** A block read and checked, before anything is written. */
export interface Plan {
  changes: Change[];
  cells: number;
  faults: CellFault[];
  /** Rows of the block that reach below the last row shown. */
  beyond: number;
}

/** Types that are not written in a cell. */
const elsewhere = new Set(['file', 'img', 'json', 'rich', 'geo', 'addr', 'poly', 'refs', 'users', 'depts']);

export function inCell(f: FieldMeta): boolean {
  return editable(f) && !elsewhere.has(f.type);
}

/** Copying, pasting, filling and clearing of marked cells. */
export function useBlocks(browse: Browse, fields: FieldMeta[], rows: Rec[]) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const { object } = browse;
  const { write } = useWrite(object);

  const copy = (b: Block): string =>
    toTsv(rows.slice(b.top, b.bottom + 1).map((rec) => fields.slice(b.left, b.right + 1).map((f) => cellText(f, rec, model, lang))));

  /** Checks a pasted block against the fields it falls on; one single cell fills all that is marked. */
  const plan = async (text: string, b: Block): Promise<Plan> => {
    const src = parseTsv(text);
    const one = src.length === 1 && src[0]?.length === 1;
    const high = one ? b.bottom - b.top + 1 : src.length;
    const at = (r: number, c: number): string | undefined => (one ? src[0]?.[0] : src[r]?.[c]);
    const wide = one ? b.right - b.left + 1 : Math.max(...src.map((r) => r.length), 0);
    const fs = fields.slice(b.left, b.left + wide);
    const rs = rows.slice(b.top, b.top + high);
    const asked = new Map<string, Set<string>>();
    rs.forEach((_, r) => fs.forEach((f, c) => {
      const want = titlesIn(f, at(r, c) ?? '');
      if (want) asked.set(want.object, (asked.get(want.object) ?? new Set()).add(want.title));
    }));
    const known = await lookUp(asked, (o) => model.object(o)?.title ?? 'name');
    const find = (o: string, title: string): Expanded[] => known.get(`${o}/${title}`) ?? [];
    const made: Plan = { changes: [], cells: 0, faults: [], beyond: Math.max(0, high - rs.length) };
    rs.forEach((rec, r) => {
      const change: Change = { rec, data: {}, expand: {} };
      fs.forEach((f, c) => {
        const cell = at(r, c);
        if (cell === undefined) return;
        const p = inCell(f) && openFor(f, rec, model) && !rec.$masked?.includes(f.name) ? parseCell(f, cell, model, find) : { ok: false as const, why: 'readonly' as const };
        if (!p.ok) {
          // What stands there already is no fault even where nothing may be written.
          if (p.why !== 'readonly' || cell.trim() !== cellText(f, rec, model, lang)) made.faults.push({ row: titleOf(object, rec), field: label(f.label, lang, f.name), text: cell, why: p.why });
          return;
        }
        made.cells += 1;
        change.data[f.name] = p.value;
        if (p.title && change.expand) change.expand[f.name] = p.title;
      });
      if (Object.keys(change.data).length) made.changes.push(change);
    });
    return made;
  };

  const apply = (p: Plan) => write(p.changes, t('paste.done', { count: p.cells }));

  /** Puts the values of the first marked row into the rows below it. */
  const fillDown = async (b: Block) => {
    const src = rows[b.top];
    const fs = fields.slice(b.left, b.right + 1).filter(inCell);
    const below = rows.slice(b.top + 1, b.bottom + 1);
    if (!src || below.length === 0) return toast(t('fill.mark'));
    if (fs.length === 0) return toastError(t('paste.why.readonly'));
    const data = Object.fromEntries(fs.map((f) => [f.name, bare(src[f.name])]));
    const expand: Record<string, Expanded> = {};
    for (const f of fs) {
      const e = src.$expand?.[f.name];
      if (e && !Array.isArray(e)) expand[f.name] = e;
    }
    const changes = below.map((rec) => ({ rec, data: Object.fromEntries(fs.filter((f) => openFor(f, rec, model)).map((f) => [f.name, data[f.name]])), expand })).filter((c) => Object.keys(c.data).length > 0);
    await write(changes, t('fill.done', { count: changes.reduce((n, c) => n + Object.keys(c.data).length, 0) }));
  };

  const clearCells = async (b: Block) => {
    const fs = fields.slice(b.left, b.right + 1).filter((f) => inCell(f) && !f.required && f.name !== object.title);
    if (fs.length === 0) return toastError(t('paste.why.readonly'));
    const rs = rows.slice(b.top, b.bottom + 1).filter((rec) => fs.some((f) => rec[f.name] !== null && rec[f.name] !== undefined));
    const may = (f: FieldMeta, rec: Rec) => openFor(f, rec, model) && !standing(f, ofRecord(rec, model)).required;
    const changes = rs.map((rec) => ({ rec, data: Object.fromEntries(fs.filter((f) => may(f, rec)).map((f) => [f.name, null])) })).filter((c) => Object.keys(c.data).length > 0);
    if (changes.length === 0) return toastError(t('paste.why.readonly'));
    await write(changes, t('fill.cleared', { count: changes.reduce((n, c) => n + Object.keys(c.data).length, 0) }));
  };

  return { copy, plan, apply, fillDown, clearCells };
}

/** Money goes in with amount and currency only: the server knows the rate. */
function bare(v: unknown): unknown {
  if (typeof v === 'object' && v !== null && 'amount' in v && 'currency' in v) return { amount: (v as { amount: string }).amount, currency: (v as { currency: string }).currency };
  return v ?? null;
}

async function lookUp(asked: Map<string, Set<string>>, titleField: (object: string) => string): Promise<Map<string, Expanded[]>> {
  const out = new Map<string, Expanded[]>();
  for (const [object, titles] of asked) {
    const field = titleField(object);
    const page = await api.get<Page>(`/${object}`, { filter: JSON.stringify({ field, op: 'in', value: [...titles].slice(0, 200) }), limit: 200, fields: field });
    for (const r of page.data) {
      const key = `${object}/${String(r[field])}`;
      out.set(key, [...(out.get(key) ?? []), { object, id: r.id, title: String(r[field]) }]);
    }
  }
  return out;
}
