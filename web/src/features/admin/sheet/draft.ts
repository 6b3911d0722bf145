import type { Model } from '@/api/model';
import type { components } from '@/api/schema';
import type { FieldType, Label } from '@/api/types';
import { putObject, type CField, type CObject, type Custom } from '../objects/custom';
import { propose } from '../objects/names';
import { uniqueTypes } from '../objects/types';
import { finish, newValue, type DraftValue } from '../objects/ValuesEditor';

type S = components['schemas'];
export type Guess = S['ObjectGuess'];
export type GuessSheet = S['GuessSheet'];
export type GuessColumn = S['GuessColumn'];

/** The owner every record has stands beside the types of fields. */
export type SheetType = FieldType | 'owner';
export type DateOrder = 'ymd' | 'mdy' | 'dmy';

/** Types a column of texts can be read as. */
export const sheetTypes = ['text', 'long', 'int', 'dec', 'money', 'pct', 'bool', 'date', 'dt', 'pick', 'ref', 'user', 'dept', 'phone', 'email', 'url', 'addr', 'owner'] as const satisfies readonly SheetType[];

export interface ColumnDraft {
  guess: GuessColumn;
  keep: boolean;
  type: SheetType;
  label: Label;
  name: string;
  required: boolean;
  unique: boolean;
  scale: number;
  target: string;
  lookup: string | undefined;
  date: DateOrder | undefined;
  /** Offered values; what they are called in the sheet, by key, stays in the guess. */
  values: DraftValue[];
}

export interface ObjectDraft {
  sheet: string;
  rows: number;
  name: string;
  label: Label;
  area: string;
  /** Place of the column records are called by; -1 = a number made by itself. */
  title: number;
  columns: ColumnDraft[];
}

export function draftOf(g: GuessSheet): ObjectDraft {
  const columns = g.columns.map((c): ColumnDraft => ({
    guess: c,
    keep: c.keep,
    type: c.type as SheetType,
    label: c.label,
    name: c.name,
    required: c.required,
    unique: c.unique,
    scale: c.scale ?? 2,
    target: c.target ?? '',
    lookup: c.lookup,
    date: c.date,
    values: (c.options ?? []).map((o) => ({ ...newValue(), key: o.key, label: { en: o.label, zh: o.label } })),
  }));
  return { sheet: g.sheet, rows: g.rows, name: g.name, label: g.label, area: 'sales', title: g.title === null ? -1 : g.columns.findIndex((c) => c.name === g.title), columns };
}

/** A label in the reader's language; the other follows as long as it says the same. */
export function relabel(was: Label, lang: 'en' | 'zh', text: string): Label {
  return was.en === was.zh ? { en: text, zh: text } : { ...was, [lang]: text };
}

export const titleable = (c: ColumnDraft): boolean => c.keep && (c.type === 'text' || c.type === 'pick') && c.guess.filled > 0;

/** Another column names the records: it becomes a required text, the one before it stays what it is. */
export function retitle(d: ObjectDraft, title: number): ObjectDraft {
  return { ...d, title, columns: d.columns.map((c, i) => (i === title ? { ...c, type: 'text', required: true } : c)) };
}

/** What has to be put right before the object can be made; keys of texts, by place (-1 = the object itself). */
export function problems(d: ObjectDraft, model: Model, custom: Custom): Map<number, string[]> {
  const out = new Map<number, string[]>();
  const say = (at: number, key: string) => out.set(at, [...(out.get(at) ?? []), key]);
  if (!d.label.en.trim() && !d.label.zh.trim()) say(-1, 'sheet.needLabel');
  if (!valid(d.name)) say(-1, 'sheet.badName');
  else if (model.object(d.name) || custom.object?.some((o) => o.name === d.name)) say(-1, 'sheet.takenName');
  const kept = d.columns.filter((c) => c.keep);
  if (kept.every((c) => c.type === 'owner')) say(-1, 'sheet.needColumn');
  const names = new Map<string, number>();
  for (const c of kept) names.set(c.name, (names.get(c.name) ?? 0) + 1);
  const owners = kept.filter((c) => c.type === 'owner').length;
  d.columns.forEach((c, i) => {
    if (!c.keep) return;
    if (c.type === 'owner') {
      if (owners > 1) say(i, 'sheet.oneOwner');
      return;
    }
    if (!c.label.en.trim() && !c.label.zh.trim()) say(i, 'sheet.needLabel');
    if (!valid(c.name)) say(i, 'sheet.badName');
    else if ((names.get(c.name) ?? 0) > 1 || (c.name === AUTO && d.title < 0)) say(i, 'sheet.takenName');
    if (c.type === 'pick' && finish(c.values, '').length === 0) say(i, 'sheet.needValues');
    if (c.type === 'ref' && !c.target) say(i, 'sheet.needTarget');
  });
  return out;
}

const valid = (name: string): boolean => /^[a-z][a-z0-9_]{0,46}__c$/.test(name);
const AUTO = 'number__c';
const both = (l: Label): Label => ({ en: l.en.trim() || l.zh.trim(), zh: l.zh.trim() || l.en.trim() });

export const mayBeUnique = (c: ColumnDraft): boolean => c.type !== 'owner' && uniqueTypes.has(c.type);

function field(c: ColumnDraft, title: boolean, picklist: string | undefined): CField {
  const type = c.type as FieldType;
  return {
    name: c.name,
    type,
    label: both(c.label),
    ...(c.required && c.type !== 'bool' ? { required: true } : {}),
    ...(c.unique && mayBeUnique(c) ? { unique: true } : {}),
    ...(title ? { searchable: true } : {}),
    ...(type === 'dec' ? { scale: c.scale } : {}),
    ...(picklist ? { picklist } : {}),
    ...(type === 'ref' ? { target: c.target } : {}),
  };
}

/** Fields to be listed first: the title, what is filled most, no long texts. */
function listed(d: ObjectDraft, fields: string[]): string[] {
  const short = d.columns.filter((c) => c.keep && c.type !== 'owner' && c.type !== 'long' && fields.includes(c.name)).map((c) => c.name);
  const title = d.title < 0 ? AUTO : (d.columns[d.title]?.name ?? AUTO);
  return [...new Set([title, ...short])].slice(0, 8);
}

/** Writes the object with its fields and picklists into the text of the additions. */
export function putSheet(c: Custom, d: ObjectDraft): void {
  const label = both(d.label);
  const sets = new Set(Object.keys(c.picklist ?? {}));
  const fields = d.columns.flatMap((col, i): CField[] => {
    if (!col.keep || col.type === 'owner') return [];
    if (col.type !== 'pick') return [field(col, i === d.title, undefined)];
    const set = propose(`${d.name.replace(/__c$/, '').slice(0, 20)}_${col.name.replace(/__c$/, '').slice(0, 18)}`, '', sets);
    sets.add(set);
    c.picklist = { ...c.picklist, [set]: { label: both(col.label), values: finish(col.values, '') } };
    return [field(col, false, set)];
  });
  if (d.title < 0) fields.unshift({ name: AUTO, type: 'auto', pattern: `${d.name[0]?.toUpperCase() ?? 'N'}{YYYY}{0000}`, label: { en: 'Number', zh: '编号' } });
  const names = fields.map((f) => f.name);
  const object: CObject = {
    name: d.name, kind: 'ownable', label, plural: label, icon: 'box', ...(d.area ? { area: d.area } : {}), position: 500,
    title: d.title < 0 ? AUTO : (d.columns[d.title]?.name ?? AUTO), default_sort: '-updated_at',
    list: [...listed(d, names), 'owner_id', 'updated_at'],
    section: [{ key: 'main', label: { en: 'Main', zh: '基本信息' }, fields }],
  };
  putObject(c, object);
}

/** Takes the object and the picklists made with it out of the text again. */
export function dropSheet(c: Custom, name: string): void {
  const own = c.object?.find((o) => o.name === name);
  const sets = (own?.section ?? []).flatMap((s) => s.fields ?? []).flatMap((f) => (f.picklist ? [f.picklist] : []));
  c.object = (c.object ?? []).filter((o) => o.name !== name);
  c.layout = (c.layout ?? []).filter((l) => l.object !== name);
  if (c.picklist) c.picklist = Object.fromEntries(Object.entries(c.picklist).filter(([k]) => !sets.includes(k)));
}

/** The mapping of the import that brings the rows in. */
export function importOf(d: ObjectDraft): { sheet: string; object: string; mode: 'create'; map: unknown[] } {
  const map = d.columns.filter((c) => c.keep).map((c) => {
    const keys = new Set(finish(c.values, '').map((v) => v.key));
    // A value that got another label is still called as before in the sheet.
    const values = c.type === 'pick' ? Object.fromEntries((c.guess.options ?? []).filter((o) => keys.has(o.key)).map((o) => [o.label, o.key])) : {};
    return {
      column: c.guess.column,
      field: c.type === 'owner' ? 'owner_id' : c.name,
      ...(Object.keys(values).length ? { values } : {}),
      ...(c.lookup && (c.type === 'ref' || c.type === 'user' || c.type === 'owner' || c.type === 'dept') && c.target === c.guess.target ? { lookup: c.lookup } : {}),
      ...(c.date && (c.type === 'date' || c.type === 'dt') ? { date: c.date } : {}),
    };
  });
  return { sheet: d.sheet, object: d.name, mode: 'create', map };
}
