import { lang as reader, type Lang } from '@/shared/i18n';
import { shippedName } from '@/shared/i18n/shipped';
import type { Expanded, FieldMeta, FieldType, Label, ModelDoc, Money, ObjectMeta, PickValue, Rec } from './types';

/** Reads the metadata of one workspace for one person: quick look-ups, labels in the reader's language, sensible fallbacks. */
export class Model {
  readonly doc: ModelDoc;
  private readonly objectsByName: Map<string, ObjectMeta>;
  private readonly fieldsByObject = new Map<string, Map<string, FieldMeta>>();

  constructor(doc: ModelDoc) {
    this.doc = doc;
    this.objectsByName = new Map(doc.objects.map((o) => [o.name, o]));
    for (const o of doc.objects) this.fieldsByObject.set(o.name, new Map(o.fields.map((f) => [f.name, f])));
  }

  object(name: string): ObjectMeta | undefined {
    return this.objectsByName.get(name);
  }

  field(object: string, name: string): FieldMeta | undefined {
    return this.fieldsByObject.get(object)?.get(name);
  }

  /** Values of a picklist in order; the inactive ones too, for old records. */
  picks(name: string | undefined): PickValue[] {
    return (name && this.doc.picklists[name]?.values) || [];
  }

  pick(name: string | undefined, key: unknown): PickValue | undefined {
    return this.picks(name).find((v) => v.key === key);
  }

  /** Objects for the navigation, by area. */
  navigation(): { area: string; label: Label; objects: ObjectMeta[] }[] {
    const byArea = (area: string) => this.doc.objects.filter((o) => o.area === area && o.rights.read).sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
    return this.doc.areas.filter((a) => a.name !== 'settings').map((a) => ({ area: a.name, label: a.label, objects: byArea(a.name) })).filter((a) => a.objects.length > 0);
  }

  /** Objects that administrators set things up with; they live behind the settings, not in the navigation. */
  administration(): ObjectMeta[] {
    return this.doc.objects.filter((o) => o.area === 'settings' && o.rights.read).sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
  }

  /** Where a person lands: the deals, else the first object with a board, else the first of the navigation. */
  home(): ObjectMeta | undefined {
    const all = this.navigation().flatMap((a) => a.objects);
    return all.find((o) => o.name === 'opportunity') ?? all.find((o) => o.board) ?? all[0];
  }

  listFields(o: ObjectMeta, names?: string[] | null): FieldMeta[] {
    const wanted = names?.length ? names : o.list?.length ? o.list : [o.title, ...o.fields.filter((f) => f.sortable).slice(0, 5).map((f) => f.name)];
    const seen = new Set<string>();
    const fields = wanted.filter((n) => !seen.has(n) && seen.add(n)).map((n) => this.field(o.name, n)).filter((f): f is FieldMeta => f !== undefined);
    return fields.some((f) => f.name === o.title) ? fields : [this.field(o.name, o.title), ...fields].filter((f): f is FieldMeta => f !== undefined);
  }
}

export function label(l: Partial<Label> | null | undefined, lang: Lang, fallback = ''): string {
  if (!l) return fallback;
  return (lang === 'zh-CN' ? l.zh : l.en) ?? l.en ?? l.zh ?? fallback;
}

/** The plural in English; Chinese has none. */
export function plural(o: ObjectMeta, lang: Lang): string {
  return label(o.plural?.en || o.plural?.zh ? o.plural : o.label, lang, label(o.label, lang, o.name));
}

/** A name inside an English sentence: "New account", not "New Account". Names with capitals of their own (VAT, iCal) keep them. */
export function inner(name: string, lang: Lang): string {
  return lang === 'en' ? name.replace(/\b[A-Z](?=[a-z]+\b)/g, (c) => c.toLowerCase()) : name;
}

/** The type that decides display and input: for a formula or rollup what it yields. */
export function valueType(f: FieldMeta): FieldType {
  if (f.type === 'roll' || f.type === 'calc') return f.result ?? (f.scale !== undefined ? 'dec' : 'text');
  return f.type;
}

const refTypes: ReadonlySet<FieldType> = new Set<FieldType>(['ref', 'md', 'user', 'dept', 'poly', 'refs', 'users', 'depts']);

export function isReference(f: FieldMeta): boolean {
  return refTypes.has(f.type);
}

/** The object a reference points at. */
export function targetOf(f: FieldMeta): string | undefined {
  if (f.type === 'user' || f.type === 'users') return 'user';
  if (f.type === 'dept' || f.type === 'depts') return 'department';
  return f.target ?? f.targets?.[0];
}

export function expandParam(fields: FieldMeta[]): string | undefined {
  const names = fields.filter(isReference).map((f) => f.name);
  return names.length ? names.join(',') : undefined;
}

/** May people talk on records of this object, and follow them? As the server has it. */
export function discussable(object: ObjectMeta): boolean {
  return object.kind === 'ownable' && object.name !== 'saved_view' && object.name !== 'import_job';
}

/** The record a reference points at, under the name the reader knows it by. */
export function expanded(rec: Rec, field: string): Expanded | undefined {
  return expandedAll(rec, field)[0];
}

export function expandedAll(rec: Rec, field: string): Expanded[] {
  const e = rec.$expand?.[field];
  return (Array.isArray(e) ? e : e ? [e] : []).map(inReaders);
}

function inReaders(e: Expanded): Expanded {
  const title = shippedName(e.object, e.title, reader.get());
  return title === e.title ? e : { ...e, title };
}

export function isMoney(v: unknown): v is Money {
  return typeof v === 'object' && v !== null && 'amount' in v;
}

/** What a record is called. */
export function titleOf(o: ObjectMeta | undefined, rec: Rec): string {
  if (!o) return '';
  const e = expanded(rec, o.title);
  if (e) return e.title;
  const v = rec[o.title];
  return typeof v === 'string' ? shippedName(o.name, v, reader.get()) : '';
}
