import { expanded, expandedAll, titleOf, type Model } from '@/api/model';
import type { ListParams } from '@/api/queries';
import type { Rec } from '@/api/types';
import { daysBetween } from '@/shared/format';

/** One thing a day asks for: a follow-up planned on a record, a task, an appointment, or what is done already. */
export interface Step {
  key: string;
  kind: 'record' | 'task' | 'event' | 'done';
  object: string;
  rec: Rec;
  /** The record a task is about, when it is planned for the same hour: whom to call, how much it is worth. */
  about?: Rec;
  at: Date;
  /** Whether the hour means something; a date alone stands at midnight. */
  timed: boolean;
  /** Whom it is about, who else, and what to do. */
  title: string;
  beside: string;
  text: string;
  /** The record a follow-up would be written on. */
  target: { object: string; id: string; title: string } | null;
  owner: string;
  place?: string | undefined;
}

export interface Day {
  late: Step[];
  /** Of today: what is done and what is open, by the clock. */
  today: Step[];
  ahead: Step[];
  /** The one that is opened. */
  next: Step | undefined;
  open: number;
  done: number;
}

const text = (v: unknown): string => (typeof v === 'string' ? v.trim() : '');

function moment(v: unknown): { at: Date; timed: boolean } | null {
  if (typeof v !== 'string' || !v) return null;
  const at = new Date(v);
  if (Number.isNaN(at.getTime())) return null;
  return { at, timed: at.getHours() !== 0 || at.getMinutes() !== 0 };
}

const poly = (v: unknown): { object: string; id: string } | null => {
  const p = v as { object?: unknown; id?: unknown } | null;
  return p && typeof p.object === 'string' && typeof p.id === 'string' ? { object: p.object, id: p.id } : null;
};

/** A follow-up planned on a lead, account, contact or deal. */
export function recordStep(object: string, rec: Rec, model: Model): Step | null {
  const when = moment(rec['next_follow_at']);
  if (!when) return null;
  const own = titleOf(model.object(object), rec);
  const account = expanded(rec, 'account_id')?.title ?? '';
  const person = expanded(rec, 'primary_contact_id')?.title ?? '';
  const deal = object === 'opportunity';
  return {
    key: `${object}/${rec.id}`, kind: 'record', object, rec, ...when,
    title: deal && account ? account : own,
    beside: deal ? person : object === 'contact' ? account : text(rec['company_name']),
    text: deal ? [text(rec['next_step']), account ? own : ''].filter(Boolean).join(' · ') : text(rec['last_follow_note']),
    target: { object, id: rec.id, title: own },
    owner: expanded(rec, 'owner_id')?.title ?? '',
  };
}

export function taskStep(rec: Rec): Step | null {
  const when = moment(rec['due_at']);
  if (!when) return null;
  const to = poly(rec['related']);
  const about = expanded(rec, 'related')?.title ?? '';
  return {
    key: `task/${rec.id}`, kind: 'task', object: 'task', rec, ...when,
    title: about || text(rec['subject']), beside: '', text: about ? text(rec['subject']) : '',
    target: to ? { ...to, title: about } : null, owner: expanded(rec, 'owner_id')?.title ?? '',
  };
}

export function eventStep(rec: Rec): Step | null {
  const when = moment(rec['start_at']);
  if (!when) return null;
  const to = poly(rec['related']);
  const about = expanded(rec, 'related')?.title ?? '';
  return {
    key: `event/${rec.id}`, kind: 'event', object: 'event', rec, at: when.at, timed: rec['all_day'] !== true,
    title: about || text(rec['subject']), beside: expandedAll(rec, 'contacts').map((e) => e.title).join('、'), text: about ? text(rec['subject']) : '',
    target: to ? { ...to, title: about } : null, owner: expanded(rec, 'owner_id')?.title ?? '', place: text(rec['location']) || undefined,
  };
}

/** A follow-up written today. */
export function doneStep(rec: Rec): Step | null {
  const when = moment(rec['occurred_at']);
  const to = poly(rec['target']);
  if (!when || !to) return null;
  const about = expanded(rec, 'target')?.title ?? '';
  return { key: `done/${rec.id}`, kind: 'done', object: 'follow_up', rec, at: when.at, timed: true, title: about, beside: '', text: text(rec['content']), target: { ...to, title: about }, owner: expanded(rec, 'owner_id')?.title ?? '' };
}

/** A task about a record at the hour of the record's own next follow-up says the same thing, in better words. */
export function joinSteps(steps: Step[]): Step[] {
  const tasks = steps.filter((s) => s.kind === 'task' || s.kind === 'event');
  const said = (s: Step) => tasks.find((x) => x.target?.object === s.object && x.target.id === s.rec.id && Math.abs(x.at.getTime() - s.at.getTime()) < 60_000);
  const out: Step[] = [];
  for (const s of steps) {
    const by = s.kind === 'record' ? said(s) : undefined;
    if (by) {
      by.title = s.title;
      by.beside = by.beside || s.beside;
      by.about = s.rec;
    } else out.push(s);
  }
  return out.sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** Sorts what is open and done into late, today and ahead, and opens the one that is next. */
export function planDay(steps: Step[], now: Date): Day {
  const day = (s: Step) => daysBetween(now, s.at);
  const open = joinSteps(steps).filter((s) => s.kind !== 'done');
  const done = steps.filter((s) => s.kind === 'done' && day(s) === 0);
  const late = open.filter((s) => day(s) < 0);
  const ofToday = open.filter((s) => day(s) === 0);
  const ahead = open.filter((s) => day(s) > 0);
  const next = ofToday.find((s) => s.at.getTime() > now.getTime() - 30 * 60_000) ?? ofToday[0] ?? late[0] ?? ahead[0];
  return { late, today: [...ofToday, ...done].sort((a, b) => a.at.getTime() - b.at.getTime()), ahead, next, open: late.length + ofToday.length, done: done.length };
}

/** "in 25 min", "2 h ago": minutes between, for the card that is next. Null beyond a day. */
export function minutesTo(at: Date, now: Date): number | null {
  const m = Math.round((at.getTime() - now.getTime()) / 60_000);
  return Math.abs(m) <= 12 * 60 ? m : null;
}

/** What one needs beside a step to act on it: the record that has the number to call, and the question for what was said last. */
export function backgroundOf(s: Step, model: Model): { holder: { object: string; id: string; title: string } | undefined; talks: ListParams | undefined } {
  const person = expanded(s.about ?? s.rec, 'primary_contact_id') ?? (s.target?.object === 'contact' ? s.target : undefined);
  const holder = person ?? (s.target && ['account', 'lead'].includes(s.target.object) ? s.target : undefined);
  const may = model.object('follow_up')?.rights.read === true;
  const talks: ListParams | undefined = s.target && may ? { filter: { field: 'target', op: 'eq', value: { object: s.target.object, id: s.target.id } }, sort: '-occurred_at', limit: 1, fields: 'content,follow_type,occurred_at' } : undefined;
  return { holder, talks };
}
