import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sessionOver } from '../client';
import { client, keys } from '../queries';
import { held, inOne, wipe } from './memory';
import { again, discard, send, waiting, write } from './outbox';
import { inOrder, judge, next, reworded, textOf, unsure, type Waiting } from './queue';

vi.mock('./device', async () => import('./memory'));

const session = (id: string, more: object = {}) => ({ user: { id, name: id }, organisation: { name: 'O' }, demo: false, via: 'password', ...more });
const answer = (status: number, body: unknown) => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
let posts: { path: string; key: string | null; body: Record<string, unknown> }[];
let online: boolean;
let whose: object;
let say: (body: Record<string, unknown>) => Response | null;

beforeEach(() => {
  wipe();
  waiting.set([]);
  [posts, online, whose] = [[], true, session('ann')];
  say = (body) => answer(201, { id: `made-${String(body['content'] ?? body['body'])}`, version: 1 });
  client.setQueryData(keys.session, session('ann'));
  vi.stubGlobal('indexedDB', {});
  vi.spyOn(navigator, 'onLine', 'get').mockImplementation(() => online);
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    if (!online) throw new TypeError('no network');
    if (init.method !== 'POST') return answer(200, whose);
    const body = JSON.parse(String(init.body)) as Record<string, unknown>;
    posts.push({ path: url, key: new Headers(init.headers).get('idempotency-key'), body });
    const said = say(body);
    if (!said) throw new TypeError('the answer was lost');
    return said;
  });
});
afterEach(() => {
  client.clear();
  sessionOver.set(false);
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const note = (content: string) => ({ object: 'follow_up' as const, on: { object: 'account', id: '1', title: 'Aldergate' }, body: { content } });
const waits = () => waiting.get().map(textOf);

describe('notes without a network', () => {
  it('wait on the device and are sent in the order they were written, each under its own key', async () => {
    online = false;
    for (const words of ['one', 'two', 'three']) expect(await write(note(words))).toBeNull();
    expect(waits()).toEqual(['one', 'two', 'three']);
    await send();
    expect(posts).toEqual([]);
    online = true;
    await send();
    expect(posts.map((p) => p.body['content'])).toEqual(['one', 'two', 'three']);
    expect(new Set(posts.map((p) => p.key)).size).toBe(3);
    expect([held('waiting'), waits()]).toEqual([[], []]);
  });
  it('keep their key when an answer was lost, so that the server writes them once', async () => {
    say = () => null;
    expect(await write(note('once'))).toBeNull();
    say = (body) => answer(201, { id: 'x', version: 1, ...body });
    await send();
    expect(posts.length).toBe(2);
    expect(posts[0]?.key).toMatch(/^[0-9a-f]{32}$/);
    expect(posts[1]?.key).toBe(posts[0]?.key);
    expect(waits()).toEqual([]);
  });
  it('stay with the reason when the server refuses them, and the others go on', async () => {
    online = false;
    for (const words of ['bad', 'good']) await write(note(words));
    online = true;
    say = (body) => (body['content'] === 'bad' ? answer(422, { status: 422, code: 'validation', title: 'No', errors: [{ field: 'content', code: 'rule', message: 'Say more' }] }) : answer(201, { id: 'x', version: 1 }));
    await send();
    expect(waiting.get()).toMatchObject([{ refused: { status: 422, code: 'validation', errors: [{ message: 'Say more' }] } }]);
    expect(waits()).toEqual(['bad']);
    await send();
    expect(posts.length).toBe(2);
    // In other words it is another note: a new key.
    await again(waiting.get()[0]!, (w, id) => reworded(w, 'better', id));
    expect(posts[2]).toMatchObject({ body: { content: 'better' } });
    expect(posts[2]?.key).not.toBe(posts[0]?.key);
    expect(held('waiting')).toEqual([]);
  });
  it('wait on while the server is busy or the session is over', async () => {
    online = false;
    await write(note('later'));
    online = true;
    say = () => answer(503, { status: 503, code: 'server.busy' });
    await send();
    expect(waits()).toEqual(['later']);
    expect(waiting.get()[0]?.refused).toBeUndefined();
    say = () => answer(401, { status: 401, code: 'auth.required' });
    await send();
    expect([waits(), sessionOver.get()]).toEqual([['later'], true]);
  });
  it('are never sent nor shown as anybody else', async () => {
    online = false;
    await write(note('of Ann'));
    online = true;
    // Another page of this browser signed in as Ben; this one does not know yet.
    whose = session('ben');
    await send();
    whose = session('ann', { view_as: { by: { id: 'boss', name: 'Boss' }, until: '' } });
    await send();
    expect(posts).toEqual([]);
    client.setQueryData(keys.session, session('ben'));
    await send();
    expect([waits(), posts, held('waiting').length]).toEqual([[], [], 1]);
    client.setQueryData(keys.session, session('ann'));
    whose = session('ann');
    await send();
    expect(posts.map((p) => p.body['content'])).toEqual(['of Ann']);
  });
  it('are not written twice after a day: a person looks first', async () => {
    say = () => null;
    await write(note('old'));
    const [w] = held('waiting');
    await inOne(['waiting'], 'readwrite', async (work) => work.put('waiting', { ...w!, tried: Date.now() - 24 * 3_600_000 }));
    await send();
    expect(posts.length).toBe(1);
    expect(waiting.get()[0]?.refused?.code).toBe('note.unsure');
  });
  it('can be discarded', async () => {
    online = false;
    await write(note('nothing'));
    await discard(waiting.get()[0]!.id);
    expect([held('waiting'), waits()]).toEqual([[], []]);
  });
  it('are refused at once when the server hears them and says no', async () => {
    say = () => answer(403, { status: 403, code: 'right.missing' });
    await expect(write(note('no'))).rejects.toMatchObject({ status: 403 });
    expect(held('waiting')).toEqual([]);
  });
});

describe('the queue', () => {
  const w = (id: string, written: number, more: Partial<Waiting> = {}): Waiting => ({ id, owner: 'ann', object: 'comment', on: { object: 'account', id: '1', title: '' }, body: { body: id }, written, ...more });
  it('is by time, passes over what was refused, and holds one person’s notes', () => {
    const all = [w('c', 3), w('a', 1, { refused: { status: 422, code: 'x' } }), w('b', 2), w('z', 0, { owner: 'ben' })];
    expect(inOrder(all, 'ann').map((x) => x.id)).toEqual(['a', 'b', 'c']);
    expect(next(all, 'ann')?.id).toBe('b');
    expect(next([], 'ann')).toBeUndefined();
    expect([unsure(w('a', 0), 1e12), unsure(w('a', 0, { tried: 0 }), 22 * 3_600_000), unsure(w('a', 0, { tried: 0 }), 24 * 3_600_000)]).toEqual([false, false, true]);
  });
  it('tells a refusal from a server that cannot yet', () => {
    const of = (status: number, code = 'x') => judge({ status, body: { status, code } });
    for (const s of [0, 401, 408, 429, 500, 503]) expect(of(s)).toBe('later');
    expect(of(409, 'idempotency.in_progress')).toBe('later');
    for (const s of [400, 403, 404, 409, 422]) expect(of(s)).toEqual({ status: s, code: 'x' });
  });
});
