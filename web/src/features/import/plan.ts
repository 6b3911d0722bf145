import type { ColumnChoice, ProposedMapping, Question, Sheet, SheetChoice, SheetPlan, Upload } from './types';

/** What a wizard begins with: the plan that came with the files, else what each sheet seems to be. */
export function begun(upload: Upload, object: string): SheetChoice[] {
  if (upload.plan) return upload.plan;
  return upload.sheets.map((s): SheetChoice => ({
    file: s.file,
    sheet: s.name,
    object: s.suggested_object ?? (upload.sheets.length === 1 ? object : null),
    mode: 'create',
    on_duplicate: 'skip',
    map: s.columns.map((c) => proposed(s.mapping.find((m) => m.column === c.header), c.header)),
  }));
}

function proposed(m: ProposedMapping | undefined, column: string): ColumnChoice {
  if (!m) return { column, field: null };
  const { confidence: _sure, why: _why, ...plan } = m;
  return { ...plan, column };
}

/** What is sent: sheets and columns that lead somewhere. */
export function planOf(choices: SheetChoice[]): SheetPlan[] {
  return sent(choices).map((c) => ({ ...c, object: c.object ?? '', map: c.map.filter((m) => m.field).map((m) => ({ ...m, field: m.field ?? '' })) }));
}

function sent(choices: SheetChoice[]): SheetChoice[] {
  return choices.filter((c) => c.object && c.map.some((m) => m.field));
}

/** The uploaded sheet a choice takes its rows from; rows written in the plan look like one. */
export function sheetOf(upload: Upload, c: SheetChoice): Sheet | undefined {
  if (!c.rows?.length) return upload.sheets.find((s) => (!c.file || s.file === c.file) && (!c.sheet || s.name === c.sheet));
  const rows = c.rows;
  const headers = [...new Set(rows.flatMap((r) => Object.keys(r)))];
  const columns = headers.map((header) => ({ header, samples: rows.map((r) => r[header] ?? null), values: null }));
  return { file: '', name: '', rows: rows.length, columns, suggested_object: c.object, mapping: [] };
}

/** Does a column of the sheet lead anywhere: into a field, a text made of several columns, a record made with the row? */
export function used(c: SheetChoice, header: string): boolean {
  const reads = (m: ColumnChoice) => m.column === header || m.template?.includes(`{${header}}`) || m.blank?.some((b) => b.column === header);
  return c.map.some((m) => m.field && reads(m)) || (c.child ?? []).some((k) => k.map.some(reads));
}

/** How the rows of a choice are called. */
export function nameOf(upload: Upload, c: SheetChoice): string {
  const s = sheetOf(upload, c);
  const twice = upload.sheets.filter((o) => o.name === s?.name).length > 1;
  return s ? (twice ? `${s.file} · ${s.name}` : s.name) : '';
}

/** An answer to a question, as the command line knows it. */
export type Answer = { means: string } | { lookup: string } | { fill: string } | 'create' | 'empty' | 'open';

/** Columns of the plan a question is about: the sheet's own, or those of the records made with its rows. */
function about(q: Question, c: SheetChoice): (m: ColumnChoice, object: string) => boolean {
  return (m, object) => object === q.object && m.field === q.field && (m.column ?? null) === q.column && c.object !== null;
}

function answered(m: ColumnChoice, q: Question, a: Answer): ColumnChoice {
  const { [q.value]: _old, ...values } = m.values ?? {};
  // One of all open answers holds: what was said before is taken back.
  if (q.open === 'blank') return typeof a === 'object' && 'fill' in a ? { ...m, blank: [{ value: a.fill }] } : { ...m, blank: [] };
  if (typeof a === 'object' && 'means' in a) return { ...m, values: { ...values, [q.value]: a.means } };
  if (typeof a === 'object' && 'lookup' in a) return { ...m, values, lookup: a.lookup };
  return a === 'open' ? { ...m, values, missing: 'error' } : { ...m, values, missing: a === 'create' ? 'create' : 'empty' };
}

/** Writes an answer into the choices. */
export function answer(choices: SheetChoice[], q: Question, a: Answer): SheetChoice[] {
  const at = sent(choices)[q.sheet];
  return choices.map((c) => {
    if (c !== at) return c;
    const mine = about(q, c);
    const turn = <T extends ColumnChoice>(all: T[], object: string) => all.map((m) => (mine(m, object) ? { ...m, ...answered(m, q, a) } : m));
    const known = c.map.some((m) => mine(m, c.object ?? ''));
    // A field no column leads to gets its value from here.
    const map = known || q.object !== c.object ? c.map : [...c.map, { field: q.field }];
    return { ...c, map: turn(map, c.object ?? ''), ...(c.child ? { child: c.child.map((k) => ({ ...k, map: turn(k.map, k.object) })) } : {}) };
  });
}

/** What was answered, told from the choices alone. */
export function answerOf(choices: SheetChoice[], q: Question): Answer {
  const c = sent(choices)[q.sheet];
  if (!c) return 'open';
  const mine = about(q, c);
  const m = [...c.map.filter((x) => mine(x, c.object ?? '')), ...(c.child ?? []).flatMap((k) => k.map.filter((x) => mine(x, k.object)))][0];
  if (!m) return 'open';
  if (q.open === 'blank') {
    const fill = m.blank?.find((b) => b.value !== undefined)?.value;
    return fill === undefined ? 'open' : { fill };
  }
  const means = m.values?.[q.value];
  if (means !== undefined && means !== null) return { means };
  if (q.open === 'ambiguous') return m.lookup ? { lookup: m.lookup } : 'open';
  return m.missing === 'create' || m.missing === 'empty' ? m.missing : 'open';
}
