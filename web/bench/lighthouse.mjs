// What Lighthouse says of the page: RAPPORT_URL=… node bench/lighthouse.mjs. The program is fetched when it is asked for (npx), so that nobody else installs it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const base = (process.env.RAPPORT_URL ?? 'http://127.0.0.1:7878').replace(/\/$/, '');
const people = await (await fetch(`${base}/api/v1/demo/people`)).json();
const user = people.data?.[0]?.id;
if (!user) throw new Error('the measurement needs a demo workspace, whose people sign in without a password');
const signed = await fetch(`${base}/api/v1/demo/session`, { method: 'POST', body: JSON.stringify({ user_id: user }), headers: { Origin: base, 'Content-Type': 'application/json' } });
const cookie = signed.headers.getSetCookie().map((c) => c.split(';')[0]).join('; ');
const dir = mkdtempSync(join(tmpdir(), 'rapport-lighthouse-'));
for (const form of ['desktop', 'mobile']) {
  for (const path of ['/', '/o/account?layout=table', '/o/opportunity?layout=board']) {
    const to = join(dir, 'report.json');
    const args = ['--yes', 'lighthouse@13', `${base}${path}`, '--quiet', '--output=json', `--output-path=${to}`, `--extra-headers=${JSON.stringify({ Cookie: cookie })}`, '--only-categories=performance,accessibility,best-practices', '--chrome-flags=--headless=new --no-sandbox', ...(form === 'desktop' ? ['--preset=desktop'] : [])];
    execFileSync('npx', args, { env: { ...process.env, CHROME_PATH: process.env.CHROMIUM ?? '/usr/bin/chromium' }, stdio: ['ignore', 'ignore', 'inherit'] });
    const report = JSON.parse(readFileSync(to, 'utf8'));
    const scores = Object.values(report.categories).map((c) => `${c.title} ${Math.round((c.score ?? 0) * 100)}`);
    const times = ['largest-contentful-paint', 'total-blocking-time', 'cumulative-layout-shift'].map((a) => report.audits[a].displayValue);
    console.log(`${form.padEnd(8)} ${path.padEnd(32)} ${scores.join(', ')}; LCP, blocking, shift: ${times.join(', ')}`);
    for (const c of Object.values(report.categories)) {
      for (const r of c.auditRefs) {
        const a = report.audits[r.id];
        if (r.weight > 0 && a.score !== null && a.score < 0.9) console.log(`           ${c.id}: ${a.title}${a.displayValue ? ` (${a.displayValue})` : ''}`);
      }
    }
  }
}
