import { readFileSync } from 'node:fs';
import { runInThisContext } from 'node:vm';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { local } from '@/shared/store';
import { askEarlier, early, forgetAsks } from './early';

/** Runs the script of the page's head as a browser does. */
const boot = (): unknown => runInThisContext(readFileSync('public/theme-boot.js', 'utf8'));

beforeEach(() => {
  localStorage.clear();
  history.replaceState(null, '', '/');
  vi.stubGlobal('matchMedia', () => ({ matches: false }));
  vi.stubGlobal('fetch', vi.fn((path: string) => Promise.resolve(Response.json({ path }))));
  vi.useFakeTimers({ toFake: ['Date'] });
});

// The other tests share this browser.
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
  localStorage.clear();
});

test('what was asked today is asked for the day it is tomorrow', async () => {
  const [today, tomorrow] = [new Date(2026, 10, 23, 9), new Date(2026, 10, 24, 8)];
  const from = (day: Date, n: number) => encodeURIComponent(new Date(day.getFullYear(), day.getMonth(), day.getDate() + n).toISOString());
  askEarlier([`/event?from=${from(today, 0)}&to=${from(today, 8)}`, '/contact/7'], today, [0, 1, 8]);
  local.set('rapport.in', '1');
  vi.setSystemTime(tomorrow);
  boot();
  const asked = `/event?from=${from(tomorrow, 0)}&to=${from(tomorrow, 8)}`;
  expect(vi.mocked(fetch).mock.calls.map(([path]) => path)).toEqual(['/session', '/meta/model', asked, '/contact/7'].map((p) => `/api/v1${p}`));
  // Each answer serves once; whoever asks again asks the server.
  expect(await (await early(asked))?.json()).toEqual({ path: `/api/v1${asked}` });
  expect(early(asked)).toBeUndefined();
});

test('nobody signed in, another page, or what somebody else wrote: nothing more is asked', () => {
  askEarlier(['/contact/7'], new Date(), []);
  boot();
  expect(fetch).not.toHaveBeenCalled();
  local.set('rapport.in', '1');
  history.replaceState(null, '', '/o/account');
  boot();
  expect(vi.mocked(fetch).mock.calls).toHaveLength(2);
  history.replaceState(null, '', '/');
  local.set('rapport.asks', '{');
  boot();
  expect(vi.mocked(fetch).mock.calls).toHaveLength(4);
});

test('an answer of the start is not told long after it, and the questions go with the session', () => {
  Object.assign(window, { rapportEarly: { '/contact/7': Promise.resolve(new Response()) } });
  vi.spyOn(performance, 'now').mockReturnValue(60_000);
  expect(early('/contact/7')).toBeUndefined();
  askEarlier(['/contact/7'], new Date(), []);
  forgetAsks();
  expect(local.get('rapport.asks')).toBeNull();
});
