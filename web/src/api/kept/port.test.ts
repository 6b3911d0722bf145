import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Session } from '../types';
import { held, wipe } from './memory';
import { asOf, find, keepFor, keepWhile, leaveDevice, note, offline } from './port';
import { placeOf } from './rules';

vi.mock('./device', async () => import('./memory'));

const who = (id: string, more: object = {}) => ({ user: { id, name: id }, organisation: { name: 'O' }, demo: false, via: 'password', ...more }) as unknown as Session;
const page = placeOf('/o/account/1');
const get = (path: string) => ({ method: 'GET', path });
const model = { objects: [{ name: 'account' }] };
const seen = { by: { id: 'boss', name: 'Boss' }, until: '2027-01-01T00:00:00.000Z' };

beforeEach(async () => {
  vi.stubGlobal('indexedDB', {});
  await leaveDevice();
  wipe();
  asOf.set(new Map());
});

async function read(): Promise<unknown> {
  return (await find(get('/account/1'), page))?.body;
}

describe('keeping what the server says', () => {
  it('is for the person of the session, and says from when it is', async () => {
    keepFor(who('ann'));
    note(get('/meta/model'), page, model);
    note(get('/account/1'), page, { id: '1' });
    expect(await read()).toEqual({ id: '1' });
    expect(offline()).toBe(true);
    expect(Date.now() - (asOf.get().get(location.pathname) ?? 0)).toBeLessThan(5000);
    keepFor(who('ben'));
    expect(await read()).toBeUndefined();
    expect(held('text')).toEqual([]);
  });
  it('waits until the page stands, or until it is left', async () => {
    keepFor(who('ann'));
    note(get('/meta/model'), page, model);
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    document.dispatchEvent(new Event('visibilitychange'));
    vi.restoreAllMocks();
    // Sooner than by itself, which takes 0.4 s.
    await vi.waitFor(() => expect(held('text')).toHaveLength(1), { timeout: 300, interval: 10 });
  });
  it('never happens while an administrator sees as somebody else, and what was kept before goes', async () => {
    keepFor(who('boss'));
    note(get('/meta/model'), page, model);
    note(get('/account/1'), page, { id: '1' });
    expect(await read()).toEqual({ id: '1' });
    keepFor(who('ann', { view_as: seen }));
    note(get('/account/1'), page, { id: '1', of: 'ann' });
    expect(await read()).toBeUndefined();
    await vi.waitFor(() => expect([held('who'), held('meta'), held('text')]).toEqual([[], [], []]));
  });
  it('ends with the session and begins again with the next', async () => {
    keepFor(who('ann'));
    note(get('/meta/model'), page, model);
    note(get('/account/1'), page, { id: '1' });
    expect(await read()).toEqual({ id: '1' });
    keepWhile(false);
    expect(await read()).toBeUndefined();
    expect(held('text')).toEqual([]);
    keepWhile(true);
    note(get('/meta/model'), page, model);
    note(get('/account/1'), page, { id: '1', again: true });
    expect(await read()).toEqual({ id: '1', again: true });
    keepFor(null);
    expect(await read()).toBeUndefined();
    await vi.waitFor(() => expect(held('text')).toEqual([]));
  });
  it('leaves nothing after a sign-out', async () => {
    keepFor(who('ann'));
    note(get('/meta/model'), page, model);
    note(get('/account/1'), page, { id: '1' });
    await read();
    await leaveDevice();
    note(get('/account/1'), page, { id: '1' });
    expect(await read()).toBeUndefined();
    await vi.waitFor(() => expect([held('who'), held('meta'), held('text')]).toEqual([[], [], []]));
  });
});
