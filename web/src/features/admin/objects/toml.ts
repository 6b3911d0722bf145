import { parse as parseToml } from 'smol-toml';

/** A value that TOML can hold; dates do not occur in a model's text. */
export type Toml = string | number | boolean | Toml[] | { [key: string]: Toml };
export type Table = { [key: string]: Toml };

export function parse(text: string): Table {
  return parseToml(text) as Table;
}

const bare = /^[A-Za-z0-9_-]+$/;
const key = (k: string): string => (bare.test(k) ? k : JSON.stringify(k));
const isTable = (v: Toml | undefined): v is Table => typeof v === 'object' && v !== null && !Array.isArray(v);
const isTables = (v: Toml | undefined): v is Table[] => Array.isArray(v) && v.length > 0 && v.every(isTable);

function text(s: string): string {
  if (!s.includes('\n')) return JSON.stringify(s);
  return `"""\n${s.replace(/\\/g, '\\\\').replace(/"""/g, '""\\"')}"""`;
}

/** A value on one line; lists of tables one row each. */
function inline(v: Toml): string {
  if (typeof v === 'string') return text(v);
  if (typeof v === 'number' || typeof v === 'boolean') return String(v);
  if (isTables(v)) return `[\n${v.map((x) => `  ${inline(x)},\n`).join('')}]`;
  if (Array.isArray(v)) return `[${v.map(inline).join(', ')}]`;
  const parts = Object.entries(v).filter(([, x]) => x !== undefined).map(([k, x]) => `${key(k)} = ${isTables(x) ? `[${x.map(inline).join(', ')}]` : inline(x)}`);
  return parts.length ? `{ ${parts.join(', ')} }` : '{}';
}

/** Lists of tables with a heading of their own; all others stand on rows of their table, as in the model's files. */
const headed = new Set(['object', 'extend', 'section', 'layout', 'transition', 'condition', 'validation']);

function body(table: Table, path: string[], out: string[]): void {
  const nested: [string, Toml][] = [];
  for (const [k, v] of Object.entries(table)) {
    if (v === undefined) continue;
    if (isTables(v) && headed.has(k)) nested.push([k, v]);
    else out.push(`${key(k)} = ${inline(v)}`);
  }
  for (const [k, v] of nested) for (const t of v as Table[]) block(t, [...path, k], true, out);
}

function block(table: Table, path: string[], list: boolean, out: string[]): void {
  if (out.length) out.push('');
  const head = path.map(key).join('.');
  out.push(list ? `[[${head}]]` : `[${head}]`);
  body(table, path, out);
}

/** The whole text in the form docs/model-format.md shows. Comments of a text written by hand are not kept. */
export function print(doc: Table): string {
  const out: string[] = [];
  for (const [k, v] of Object.entries(doc)) {
    if (isTables(v)) for (const t of v) block(t, [k], true, out);
    else if (isTable(v) && (k === 'picklist' || k === 'values')) {
      for (const [name, inner] of Object.entries(v)) {
        if (isTables(inner)) for (const t of inner) block(t, [k, name], true, out);
        else if (isTable(inner)) block(inner, [k, name], false, out);
      }
    } else if (!Array.isArray(v) || v.length > 0) out.push(`${key(k)} = ${inline(v)}`);
  }
  return out.length ? `${out.join('\n')}\n` : '';
}
