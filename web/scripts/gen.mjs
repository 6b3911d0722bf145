// Makes src/api/schema.d.ts, the types of the client, from docs/openapi.json; with --check fails when it is stale.
//
// Left out are the paths and schemas of single objects: the page goes by the metadata of the workspace and by `{object}`.
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const here = new URL('.', import.meta.url);
const tool = new URL('../tools/openapi/', here);
const out = new URL('../src/api/schema.d.ts', here);
if (!existsSync(new URL('node_modules/openapi-typescript/package.json', tool))) {
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: tool, stdio: 'inherit' });
}
const { default: openapiTS, astToString } = await import(new URL('node_modules/openapi-typescript/dist/index.mjs', tool).href);

const text = readFileSync(new URL('../../docs/openapi.json', here), 'utf8');
const doc = JSON.parse(text);
const single = new Set(doc.tags.filter((t) => t.description).map((t) => t.name));
for (const [path, item] of Object.entries(doc.paths)) {
  if (Object.values(item).some((op) => op.tags?.some((t) => single.has(t)))) delete doc.paths[path];
}
const used = new Set(JSON.stringify(doc.paths).match(/#\/components\/schemas\/\w+/g) ?? []);
// A set that grows is walked to its end.
for (const ref of used) {
  const schema = doc.components.schemas[ref.split('/').pop()];
  for (const r of JSON.stringify(schema).match(/#\/components\/schemas\/\w+/g) ?? []) used.add(r);
}
// Bodies of events have no operation of their own.
for (const name of Object.keys(doc.components.schemas)) {
  if (!used.has(`#/components/schemas/${name}`) && /^O[A-Z]/.test(name)) delete doc.components.schemas[name];
}
const head = `// Made by \`npm run gen\` from docs/openapi.json; not edited by hand.\n// sha256 ${createHash('sha256').update(text).digest('hex')}\n`;
const made = head + astToString(await openapiTS(doc, { alphabetize: false, emptyObjectsUnknown: true }));
if (existsSync(out) && readFileSync(out, 'utf8') === made) process.exit(0);
if (process.argv.includes('--check')) {
  console.error('web/src/api/schema.d.ts is stale: run `cargo xtask gen`');
  process.exit(1);
}
writeFileSync(out, made);
