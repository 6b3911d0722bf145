// How the page feels, measured in Chromium against a running workspace: RAPPORT_URL=… node bench/page.mjs [--json]
// Scrolls a long table and a full board, opens pages, presses keys; frames come from requestAnimationFrame, interactions from Event Timing.
import { chromium } from 'playwright-core';

const base = (process.env.RAPPORT_URL ?? 'http://127.0.0.1:7878').replace(/\/$/, '');
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN' });
const people = await (await fetch(`${base}/api/v1/demo/people`)).json();
const user = people.data?.[0]?.id;
if (!user) throw new Error('the measurement needs a demo workspace, whose people sign in without a password');
await context.request.post(`${base}/api/v1/demo/session`, { data: { user_id: user }, headers: { Origin: base } });
await context.addInitScript(() => {
  const seen = { lcp: 0, cls: 0, events: [] };
  Object.assign(window, { seen });
  new PerformanceObserver((l) => { for (const e of l.getEntries()) seen.lcp = e.startTime; }).observe({ type: 'largest-contentful-paint', buffered: true });
  new PerformanceObserver((l) => { for (const e of l.getEntries()) if (!e.hadRecentInput) seen.cls += e.value; }).observe({ type: 'layout-shift', buffered: true });
  new PerformanceObserver((l) => { for (const e of l.getEntries()) if (e.interactionId) seen.events.push(e.duration); }).observe({ type: 'event', buffered: true, durationThreshold: 16 });
});
const page = await context.newPage();
page.setDefaultTimeout(60_000);
const out = {};
const quantile = (list, q) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * q))] ?? 0;
const still = async () => {
  await page.locator('h1').first().waitFor();
  await page.waitForFunction(() => !document.querySelector('.skel, [aria-busy="true"]'));
};

/** Frames a second while an element scrolls by `by` pixels a frame for `ms`, and the share of frames longer than 1/50 s. */
async function scroll(selector, by, ms) {
  return page.evaluate(([s, step, time]) => new Promise((done) => {
    const el = [...document.querySelectorAll(s)].sort((a, b) => b.scrollHeight - a.scrollHeight)[0];
    const gaps = [];
    const start = performance.now();
    let last = start;
    const frame = (now) => {
      gaps.push(now - last);
      last = now;
      el.scrollTop += step;
      if (now - start < time) requestAnimationFrame(frame);
      else done({ fps: Math.round((gaps.length * 1000) / (now - start)), long: Math.round((gaps.filter((g) => g > 34).length / gaps.length) * 1000) / 10, worst: Math.round(Math.max(...gaps.slice(1))), reached: el.scrollTop, nodes: document.querySelectorAll('*').length });
    };
    requestAnimationFrame(frame);
  }), [selector, by, ms]);
}

/**
 * Milliseconds from the event that starts it (click, or input for `palette`) to the frame in which `selector` stands under `path` and nothing
 * loads; both taken in the page, so that what drives the browser does not count.
 */
async function until(act, selector, { path = '', event = 'click' } = {}) {
  const end = page.evaluate(([sel, at, name]) => new Promise((done) => {
    let start = 0;
    addEventListener(name, (e) => { start = e.timeStamp; }, { capture: true, once: true });
    const look = () => {
      if (start && location.pathname.startsWith(at) && document.querySelector(sel) && !document.querySelector('.sheet .skel')) setTimeout(() => done(Math.round(performance.now() - start)));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }), [selector, path, event]);
  await act();
  return end;
}

// First load, cold cache.
await page.goto(`${base}/o/account?layout=table`);
await page.locator('td.cell-title').first().waitFor();
await page.waitForTimeout(1500);
out['first load: LCP ms, CLS'] = await page.evaluate(() => [Math.round(window.seen.lcp), Math.round(window.seen.cls * 1000) / 1000]);
out['records in the table'] = (await page.locator('.top .num').innerText()).trim();

// The table: far enough that new pages are fetched on the way.
out['table, 40 px a frame'] = await scroll('.grid-wrap', 40, 5000);
out['table, 400 px a frame'] = await scroll('.grid-wrap', 400, 5000);

// Keys in the table.
await page.locator('.grid-wrap').evaluate((el) => { el.scrollTop = 0; });
await page.waitForTimeout(500);
await page.locator('tr[data-id] td[data-field="level"]').first().click();
await page.evaluate(() => { window.seen.events.length = 0; });
for (let i = 0; i < 40; i++) await page.keyboard.press(i % 4 === 3 ? 'ArrowRight' : 'ArrowDown');
await page.waitForTimeout(300);
const keys = await page.evaluate(() => window.seen.events);
out['arrow keys in the table: p75, p95 ms'] = [quantile(keys, 0.75), quantile(keys, 0.95)];

// Warm changes of place.
const nav = (n) => page.locator('.nav .it').nth(n);
for (let i = 0; i < 5; i++) {
  await nav(i).click();
  await still();
}
const warm = [];
for (let round = 0; round < 3; round++) {
  for (let i = 1; i < 5; i++) {
    const path = await nav(i).getAttribute('href');
    warm.push(await until(() => nav(i).click(), 'td.cell-title, [data-card], .empty', { path }));
    await still();
  }
}
out['warm route: p75, p95 ms'] = [quantile(warm, 0.75), quantile(warm, 0.95)];

// A record from the list.
await page.goto(`${base}/o/account?layout=table`);
await page.locator('td.cell-title a').first().waitFor();
const opened = [];
for (let i = 0; i < 5; i++) {
  opened.push(await until(() => page.locator('td.cell-title a').nth(i).click(), '.record h1', { path: '/o/account/' }));
  await page.goBack();
  await page.locator('td.cell-title a').first().waitFor();
}
out['record from the list: p75 ms'] = quantile(opened, 0.75);

// The palette.
const found = [];
for (const q of ['科技', '新能源', '精工', '电子']) {
  await page.keyboard.press('Control+k');
  const box = page.locator('dialog[open] input');
  await box.waitFor();
  found.push(await until(() => box.fill(q), 'dialog[open] [role=option] mark', { event: 'input' }));
  await page.keyboard.press('Escape');
  await page.locator('dialog[open]').waitFor({ state: 'detached' });
}
out['palette result: p75 ms'] = quantile(found, 0.75);

// The board.
const start = Date.now();
await page.goto(`${base}/o/opportunity?layout=board`);
await page.locator('[data-card]').first().waitFor();
out['board, cold ms'] = Date.now() - start;
await still();
out['board, cards of all open deals'] = (await page.locator('.top .num').innerText()).trim();
out['board, 40 px a frame'] = await scroll('ul.cell, .board, .board-body', 40, 5000);

// The first page on a slow phone network and a quarter of the processor: the home page was opened before, nothing of it is cached.
await page.setViewportSize({ width: 390, height: 844 });
await page.goto(base);
await page.locator('.home h1').waitFor();
await still();
const slow = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'zh-CN', storageState: await context.storageState() });
await slow.addInitScript(() => {
  const seen = { lcp: 0, cls: 0 };
  Object.assign(window, { seen });
  new PerformanceObserver((l) => { for (const e of l.getEntries()) seen.lcp = e.startTime; }).observe({ type: 'largest-contentful-paint', buffered: true });
  new PerformanceObserver((l) => { for (const e of l.getEntries()) if (!e.hadRecentInput) seen.cls += e.value; }).observe({ type: 'layout-shift', buffered: true });
});
const phone = await slow.newPage();
const cdp = await slow.newCDPSession(phone);
await cdp.send('Network.enable');
await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 150, downloadThroughput: (1.6 * 1024 * 1024) / 8, uploadThroughput: (750 * 1024) / 8 });
await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 });
await phone.goto(base, { timeout: 120_000 });
await phone.locator('.home h1').waitFor({ timeout: 120_000 });
await phone.waitForTimeout(6000);
out['home, slow 4G and CPU x4: LCP ms, CLS'] = await phone.evaluate(() => [Math.round(window.seen.lcp), Math.round(window.seen.cls * 1000) / 1000]);

await browser.close();
if (process.argv.includes('--json')) console.log(JSON.stringify(out, null, 1));
else for (const [k, v] of Object.entries(out)) console.log(`${k.padEnd(40)} ${JSON.stringify(v)}`);
