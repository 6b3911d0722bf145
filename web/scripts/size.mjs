// What the first page costs: scripts and styles a browser fetches before the board stands, compressed with Brotli.
// `npm run size` fails above the budget (quality.md: 180 KB of scripts, 30 KB of styles, any lazy chunk 120 KB).
import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));
const br = (file) => brotliCompressSync(readFileSync(new URL(file, dist)), { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;

function reach(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const k of manifest[key].imports ?? []) reach(k, seen);
  return seen;
}
function sum(keys) {
  const js = new Set();
  const css = new Set();
  for (const k of keys) {
    js.add(manifest[k].file);
    for (const c of manifest[k].css ?? []) css.add(c);
  }
  const total = (files) => [...files].filter((f) => f.endsWith('.js') || f.endsWith('.css')).reduce((n, f) => n + br(f), 0);
  return { js: total(js), css: total(css), files: js };
}
const entry = 'index.html';
// The greater of the two files of texts; a reader fetches one.
const texts = ['src/shared/i18n/en.json', 'src/shared/i18n/zh-CN.json'].sort((a, b) => br(manifest[b].file) - br(manifest[a].file))[0];
const first = (...pages) => sum([entry, texts, ...pages].reduce((all, k) => reach(k, all), new Set()));
const pages = {
  'sign-in': ['src/features/auth/Entrance.tsx'],
  home: ['src/app/Workspace.tsx', 'src/features/home/HomePage.tsx'],
  board: ['src/app/Workspace.tsx', 'src/features/browse/BrowsePage.tsx', 'src/features/browse/board/BoardView.tsx'],
  list: ['src/app/Workspace.tsx', 'src/features/browse/BrowsePage.tsx', 'src/features/browse/table/TableView.tsx'],
  record: ['src/app/Workspace.tsx', 'src/features/record/RecordPage.tsx'],
};
const kb = (n) => `${(n / 1024).toFixed(1).padStart(6)} KB`;
let bad = false;
for (const [name, keys] of Object.entries(pages)) {
  const s = first(...keys);
  const over = s.js > 180 * 1024 || s.css > 30 * 1024;
  bad ||= over;
  console.log(`${name.padEnd(8)} js ${kb(s.js)}  css ${kb(s.css)}${over ? '  OVER BUDGET' : ''}`);
}
const chunks = Object.values(manifest).filter((c) => c.file.endsWith('.js')).map((c) => [c.file, br(c.file)]).sort((a, b) => b[1] - a[1]);
for (const [file, size] of chunks.slice(0, process.argv.includes('--all') ? 99 : 6)) {
  const over = size > 120 * 1024;
  bad ||= over;
  console.log(`  ${kb(size)}  ${file}${over ? '  OVER BUDGET' : ''}`);
}
process.exit(bad ? 1 : 0);
