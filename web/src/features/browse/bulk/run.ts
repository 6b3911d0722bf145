import { api, Problem, url } from '@/api/client';
import { expandParam, label, titleOf, type Model } from '@/api/model';
import { client, keys, wroteMyself } from '@/api/queries';
import { words } from '@/api/problem';
import type { FieldMeta, Filter, ObjectMeta, Page, Rec } from '@/api/types';
import { startJob, type JobFault, type Work } from '@/shared/jobs';
import { saveFile } from '@/shared/save';
import { t, type Lang } from '@/shared/i18n';
import { conditions } from '../filter/filters';
import { cellText } from '../table/cellText';
import { toCsv } from '../table/tsv';
import type { Choice } from '../table/cells';
import type { BatchAnswer } from '../table/useWrite';
import type { Browse } from '../useBrowse';

/** Reads of one page and writes of one batch: small enough that progress moves and a stop is soon felt. */
const PAGE = 200;
const BATCH = 250;
/** Actions run one by one, a few at a time. */
const LANES = 4;
/** Ids that fit into one address. */
const IN_ADDRESS = 150;

export interface Target {
  object: ObjectMeta;
  model: Model;
  lang: Lang;
  choice: Choice;
  filter: Filter | undefined;
  q: string | undefined;
}

export function targetOfChoice(browse: Browse, choice: Choice, model: Model, lang: Lang): Target {
  return { object: browse.object, model, lang, choice, filter: browse.filter, q: browse.q };
}

/** The conditions that name the chosen records; nothing when there are more than an address holds. */
export function choiceFilter(target: Target): Filter | undefined | null {
  const { choice } = target;
  const ids = [...choice.ids];
  if (ids.length > IN_ADDRESS) return null;
  if (!choice.all) return { field: 'id', op: 'in', value: ids };
  const rest = conditions(target.filter);
  return ids.length ? { and: [...rest, { field: 'id', op: 'nin', value: ids }] } : target.filter;
}

/** All chosen records with the fields asked for, collected before anything is written so that writing cannot shift the pages. */
export async function collect(target: Target, fields: string[], work: Pick<Work, 'signal' | 'report'>, expand?: string): Promise<Rec[]> {
  const { object, choice } = target;
  const named = [...new Set([object.title, ...fields])].join(',');
  const out: Rec[] = [];
  const read = async (filter: Filter | undefined, q: string | undefined) => {
    let cursor: string | undefined;
    do {
      if (work.signal.aborted) return;
      const page: Page = await api.get<Page>(`/${object.name}`, { filter: filter ? JSON.stringify(filter) : undefined, q, sort: 'created_at', limit: PAGE, fields: named, expand, cursor }, work.signal);
      out.push(...page.data);
      work.report({ note: t('bulk.collected', { count: out.length }) });
      cursor = page.next ?? undefined;
    } while (cursor);
  };
  if (choice.all) {
    await read(target.filter, target.q);
    return out.filter((r) => !choice.ids.has(r.id));
  }
  const ids = [...choice.ids];
  for (let i = 0; i < ids.length; i += IN_ADDRESS) await read({ field: 'id', op: 'in', value: ids.slice(i, i + IN_ADDRESS) }, undefined);
  return out;
}

function fault(target: Target, rec: Rec, problem: Problem): JobFault {
  const w = words(problem, target.lang, target.object.name, target.model);
  return { id: rec.id, title: titleOf(target.object, rec) || t('value.untitled'), reason: [...new Set(w.lines.length ? w.lines : [w.title])].join(' '), href: `/o/${target.object.name}/${rec.id}` };
}

async function refresh(object: string): Promise<void> {
  await Promise.all([client.invalidateQueries({ queryKey: keys.lists(object) }), client.invalidateQueries({ queryKey: keys.aggregates(object) })]);
}

export type Op = { op: 'update'; data: Record<string, unknown> } | { op: 'delete' };
/** A record that is left as it is, and why. */
export type Left = { op: 'leave'; reason: string };

/** Writes the chosen records in batches; what is undone is undone batch by batch, the newest first. */
export function runBatches(target: Target, title: string, reads: string[], make: (rec: Rec) => Op | Left | null): Promise<unknown> {
  const { object } = target;
  return startJob(title, async (work) => {
    const recs = await collect(target, reads, work);
    const made = recs.map((rec) => ({ rec, op: make(rec) }));
    const todo = made.filter((x): x is { rec: Rec; op: Op } => x.op !== null && x.op.op !== 'leave');
    const faults: JobFault[] = made.flatMap(({ rec, op }) => (op?.op === 'leave' ? [{ id: rec.id, title: titleOf(object, rec) || t('value.untitled'), reason: op.reason, href: `/o/${object.name}/${rec.id}` }] : []));
    const left = faults.length;
    const batches: string[] = [];
    work.report({ total: todo.length, done: 0, note: undefined, ...(left ? { faults: [...faults] } : {}) });
    const undo = async () => {
      for (const id of [...batches].reverse()) {
        const answer = await api.post<BatchAnswer>(`/batches/${id}/undo`);
        for (const r of answer.results) if (r.id) wroteMyself(object.name, r.id, r.version);
      }
      await refresh(object.name);
    };
    try {
      for (let i = 0; i < todo.length && !work.signal.aborted; i += BATCH) {
        const part = todo.slice(i, i + BATCH);
        const answer = await api.post<BatchAnswer>(`/${object.name}/batch`, { ops: part.map(({ rec, op }) => ({ ...op, id: rec.id })) });
        if (answer.batch_id) batches.push(answer.batch_id);
        answer.results.forEach((r, k) => {
          const one = part[k];
          if (!one) return;
          if (r.status < 300) wroteMyself(object.name, one.rec.id, r.version);
          else faults.push(fault(target, one.rec, new Problem({ status: r.status, code: `http.${r.status}`, ...r.error })));
        });
        work.report({ done: i + part.length, faults: [...faults], ...(faults.length - left < i + part.length ? { undo } : {}) });
      }
    } finally {
      await refresh(object.name);
    }
  });
}

/** Runs an action of the registry on every chosen record. */
export function runAction(target: Target, title: string, action: string, input: Record<string, unknown>): Promise<unknown> {
  const { object } = target;
  return startJob(title, async (work) => {
    const recs = await collect(target, [], work);
    const faults: JobFault[] = [];
    let next = 0;
    let done = 0;
    work.report({ total: recs.length, done: 0, note: undefined });
    const lane = async () => {
      while (next < recs.length && !work.signal.aborted) {
        const rec = recs[next];
        next += 1;
        if (!rec) continue;
        try {
          await api.post(`/${object.name}/${rec.id}/actions/${action}`, input);
        } catch (e) {
          if (!(e instanceof Problem) || e.status === 0) throw e;
          faults.push(fault(target, rec, e));
        }
        done += 1;
        work.report({ done, faults: [...faults] });
      }
    };
    try {
      await Promise.all(Array.from({ length: LANES }, lane));
    } finally {
      await refresh(object.name);
    }
  });
}

/** Exports the chosen records: by the server where the address can name them, else gathered here as CSV. */
export async function exportChosen(target: Target, browse: Browse, format: 'csv' | 'xlsx'): Promise<void> {
  const { object, lang, model } = target;
  const filter = choiceFilter(target);
  if (filter !== null) {
    saveFile('', url(`/${object.name}/export`, { format, filter: filter ? JSON.stringify(filter) : undefined, sort: browse.sort, q: target.choice.all ? target.q : undefined, fields: browse.columns.map((f) => f.name).join(',') }));
    return;
  }
  await startJob(t('bulk.exporting'), async (work) => {
    const fields: FieldMeta[] = browse.columns;
    const recs = await collect(target, fields.map((f) => f.name), work, expandParam(fields));
    if (work.signal.aborted) return;
    const text = toCsv([fields.map((f) => label(f.label, lang, f.name)), ...recs.map((r) => fields.map((f) => guarded(cellText(f, r, model, lang))))]);
    saveFile(`${object.name}.csv`, new Blob(['\uFEFF', text], { type: 'text/csv;charset=utf-8' }));
    work.report({ total: recs.length, done: recs.length });
  });
}

/** A cell that a spreadsheet would run as a formula is kept as text; plain numbers stay numbers. */
export function guarded(text: string): string {
  return /^[=+\-@\t\r]/.test(text) && !/^[+-]?[\d.,]+$/.test(text) ? `'${text}` : text;
}
