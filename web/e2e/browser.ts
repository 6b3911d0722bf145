import { mkdirSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { expect, inject } from 'vitest';

export const base = (): string => inject('base');
const shots = new URL('../../test-artifacts/', import.meta.url).pathname;

export async function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
}

export interface Look {
  lang?: 'zh-CN' | 'en';
  theme?: 'light' | 'dark';
  width?: number;
}

export interface Visit {
  context: BrowserContext;
  page: Page;
  /** What the page complained about; a journey ends by asking that this is empty. */
  complaints: string[];
}

/** A record as the API answers it. */
export interface Row {
  id: string;
  version: number;
  [field: string]: unknown;
}

/** The four looks every screen must stand in. */
export const looks: (Look & { name: string })[] = [
  { name: 'zh-light-1440', lang: 'zh-CN', theme: 'light', width: 1440 },
  { name: 'en-dark-1440', lang: 'en', theme: 'dark', width: 1440 },
  { name: 'zh-dark-390', lang: 'zh-CN', theme: 'dark', width: 390 },
  { name: 'en-light-390', lang: 'en', theme: 'light', width: 390 },
];

/** Each language, theme and width once: for pages that are many and alike. */
export const twoLooks: (Look & { name: string })[] = [
  { name: 'zh-light-1440', lang: 'zh-CN', theme: 'light', width: 1440 },
  { name: 'en-dark-390', lang: 'en', theme: 'dark', width: 390 },
];

/** A fresh browser profile in one language, theme and width. */
export async function visit(browser: Browser, look: Look = {}): Promise<Visit> {
  const { lang = 'zh-CN', theme = 'light', width = 1440 } = look;
  const phone = width < 900;
  const context = await browser.newContext({ viewport: { width, height: phone ? 844 : 900 }, colorScheme: theme, locale: lang, reducedMotion: 'reduce', hasTouch: phone, acceptDownloads: true });
  await context.addInitScript(([l, th]) => {
    if (!localStorage.getItem('rapport.lang')) localStorage.setItem('rapport.lang', l ?? '');
    if (!localStorage.getItem('rapport.theme')) localStorage.setItem('rapport.theme', th ?? '');
  }, [lang, theme]);
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const complaints: string[] = [];
  page.on('pageerror', (e) => complaints.push(`error: ${e.message}`));
  page.on('console', (m) => {
    // A refused request (401 before signing in, 422 of a gate) is an answer, not a fault of the page.
    if (m.type() === 'error' && !m.text().startsWith('Failed to load resource')) complaints.push(`console: ${m.text()}`);
  });
  return { context, page, complaints };
}

/** Signs in as a demo person through the page; without a name as the first administrator among them. */
export async function signIn(v: Visit, path = '/'): Promise<void> {
  await v.page.goto(base() + path);
  await v.page.locator('.people button').first().click();
  await v.page.locator('.sheet h1').first().waitFor();
}

/** Signs in as the first administrator without a page. */
export async function admit(v: Visit): Promise<void> {
  const people = (await (await fetch(`${base()}/api/v1/demo/people`)).json()) as { data: { id: string }[] };
  const answer = await v.context.request.post(`${base()}/api/v1/demo/session`, { data: { user_id: people.data[0]?.id }, headers: { Origin: base() } });
  expect(answer.status()).toBe(200);
}

/** Signs in without clicking, for journeys that are about something else. */
export async function enter(v: Visit, path: string): Promise<void> {
  await admit(v);
  await v.page.goto(base() + path);
  await settled(v.page);
}

/** The page stands: heading there, nothing loading. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.waitForFunction(() => document.querySelector('.skel, [aria-busy="true"]') === null);
}

export async function api<T>(v: Visit, path: string): Promise<T> {
  const answer = await v.context.request.get(`${base()}/api/v1${path}`);
  expect(answer.ok(), path).toBe(true);
  return (await answer.json()) as T;
}

export async function shot(page: Page, name: string): Promise<void> {
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: `${shots}${name}.png` });
}
