import { expanded, type Model } from '@/api/model';
import type { FieldMeta, HistoryEntry, Rec } from '@/api/types';

/** The kinds a timeline can be narrowed to. */
export type Kind = 'follow' | 'discuss' | 'plan' | 'talk' | 'file' | 'change';
export const kinds: Kind[] = ['follow', 'discuss', 'plan', 'talk', 'file', 'change'];

/** One thing that happened, whatever object it comes from. */
export type Item = { key: string; at: Date; kind: Kind } & ({ rec: Rec; object: string; replies?: Rec[]; entry?: undefined } | { entry: HistoryEntry; rec?: undefined; object?: undefined });

/** Where the parts of a timeline come from: which field tells when, and which field points at the record. */
export interface Source {
  object: string;
  kind: Kind;
  at: string[];
  link: string;
  expand: string[];
}

const sources: Source[] = [
  { object: 'follow_up', kind: 'follow', at: ['occurred_at'], link: 'target', expand: ['owner_id', 'target', 'contacts'] },
  { object: 'comment', kind: 'discuss', at: ['created_at'], link: 'record', expand: ['created_by', 'mentions'] },
  { object: 'task', kind: 'plan', at: ['completed_at', 'created_at'], link: 'related', expand: ['owner_id', 'created_by', 'related'] },
  { object: 'event', kind: 'plan', at: ['start_at'], link: 'related', expand: ['owner_id', 'related'] },
  { object: 'visit', kind: 'talk', at: ['checkin_at', 'planned_at', 'created_at'], link: 'account_id', expand: ['owner_id'] },
  { object: 'call', kind: 'talk', at: ['started_at'], link: 'related', expand: ['owner_id', 'contact_id', 'related'] },
  { object: 'email_message', kind: 'talk', at: ['sent_at', 'created_at'], link: 'related', expand: ['owner_id', 'related'] },
  { object: 'message', kind: 'talk', at: ['sent_at', 'created_at'], link: 'related', expand: ['owner_id', 'related'] },
  { object: 'note', kind: 'file', at: ['created_at'], link: 'related', expand: ['owner_id', 'related'] },
  { object: 'attachment', kind: 'file', at: ['created_at'], link: 'related', expand: ['created_by', 'related'] },
  { object: 'stage_history', kind: 'change', at: ['created_at'], link: 'opportunity_id', expand: ['created_by', 'from_stage_id', 'to_stage_id'] },
];

/** Parts this person may read and that can point at records of this object. */
export function sourcesOf(object: string, model: Model): Source[] {
  return sources.filter((s) => {
    const link = model.field(s.object, s.link);
    if (!link || model.object(s.object)?.rights.read !== true) return false;
    if (link.type === 'poly') return !link.targets?.length || link.targets.includes(object);
    return link.target === object;
  });
}

export function itemOf(s: Source, rec: Rec): Item {
  const at = s.at.map((f) => rec[f]).find((v) => typeof v === 'string' && v !== '');
  return { key: `${s.object}/${rec.id}`, at: new Date(String(at ?? rec.created_at)), kind: s.kind, rec, object: s.object };
}

/** Comments with their answers under them; a conversation stands where its last word was said. */
export function threads(rows: Rec[], s: Source): Item[] {
  const answers = new Map<string, Rec[]>();
  for (const r of rows) if (typeof r['parent_id'] === 'string') answers.set(r['parent_id'], [...(answers.get(r['parent_id']) ?? []), r]);
  return rows.filter((r) => typeof r['parent_id'] !== 'string').map((r): Item => {
    const replies = (answers.get(r.id) ?? []).sort((a, b) => String(a.created_at).localeCompare(String(b.created_at)) || a.id.localeCompare(b.id));
    const last = replies.at(-1);
    return { ...itemOf(s, r), object: s.object, rec: r, replies, at: new Date(String(last?.created_at ?? r.created_at)) } as Item;
  });
}

const quiet = new Set(['updated_at', 'updated_by', 'version', 'stage_entered_at', 'name_key', 'name_key_loose', 'last_activity_at', 'probability', 'weighted_base', 'root_id', 'depth', 'recycle_due_on', 'recycle_reason']);

/** Values the engine keeps up by itself say nothing new in a timeline. */
export function isQuiet(f: FieldMeta | undefined, name: string): boolean {
  if (quiet.has(name)) return true;
  if (!f) return true;
  return f.type === 'roll' || f.type === 'calc' || (f.system === true && ['dt', 'int', 'text', 'long', 'money', 'dec'].includes(f.type));
}

/** Changes worth telling; a move of the stage is told by its own entry with the days it took. */
export function tellChanges(entries: HistoryEntry[], object: string, model: Model, staged: boolean): HistoryEntry[] {
  const hidden = (name: string) => isQuiet(model.field(object, name), name) || (staged && name === model.object(object)?.board);
  return entries.map((e) => (e.op === 'update' ? { ...e, changes: e.changes.filter((c) => !hidden(c.field)) } : e)).filter((e) => e.op !== 'update' || e.changes.length > 0);
}

/** Newest first; what falls on the same moment keeps its order. */
export function sortItems(items: Item[]): Item[] {
  return items.filter((i) => !Number.isNaN(i.at.getTime())).sort((a, b) => b.at.getTime() - a.at.getTime());
}

/** Whom an entry speaks of besides the record itself (a deal in the timeline of its customer). */
export function elsewhere(item: Item, home: string): { object: string; id: string; title: string } | null {
  if (!item.rec) return null;
  for (const f of ['target', 'related']) {
    const v = item.rec[f] as { object?: string; id?: string } | null | undefined;
    if (v?.id && v.object && v.id !== home) return { object: v.object, id: v.id, title: expanded(item.rec, f)?.title ?? '' };
  }
  return null;
}
