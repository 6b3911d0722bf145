import { beforeEach, describe, expect, it, vi } from 'vitest';
import { begin, find, forget, forgetAll, keep } from './keeper';
import { held, inOne, wipe } from './memory';
import { DAYS, placeOf } from './rules';

vi.mock('./device', async () => import('./memory'));

const page = placeOf('/o/account/1');
const get = (path: string) => ({ method: 'GET', path });
const at = Date.now();
const model = { asked: get('/meta/model'), place: page, at, body: { objects: [{ name: 'account' }, { name: 'follow_up' }], rights: 1 } };
const session = { asked: get('/session'), place: page, at, body: { user: { id: 'ann' } } };
const record = { asked: get('/account/1'), place: page, at, body: { id: '1', name: 'Aldergate' } };
const told = async (owner: string | null, path: string, now?: number) => (await find(owner, get(path), page, now))?.body;

beforeEach(async () => {
  wipe();
  await begin('ann');
  await keep('ann', [session, model, record]);
});

describe('answers on the device', () => {
  it('are found again by whoever they were given to, with their time, for seven days', async () => {
    expect(await find('ann', get('/account/1'), page)).toEqual({ body: record.body, at });
    expect(await told(null, '/session')).toEqual(session.body);
    expect(await told('ann', '/account/1', at + DAYS + 1)).toBeUndefined();
    // The same record in a list's side panel.
    expect((await find('ann', get('/account/1'), placeOf('/o/account')))?.body).toEqual(record.body);
  });
  it('are nobody else’s: not found, gone when another person signs in, not written by a page that is still the first one’s', async () => {
    expect(await told('ben', '/account/1')).toBeUndefined();
    expect(await told(null, '/account/1')).toBeUndefined();
    await begin('ben');
    expect(held('meta')).toEqual([]);
    expect(held('text')).toEqual([]);
    await keep('ann', [record]);
    expect(held('text')).toEqual([]);
    expect(held('who')).toEqual([{ key: 'owner', owner: 'ben' }]);
  });
  it('go when the session ends, and only with the sign-out go notes that wait', async () => {
    await inOne(['waiting'], 'readwrite', async (work) => work.put('waiting', { id: 'k', owner: 'ann', object: 'comment', on: { object: 'account', id: '1', title: '' }, body: {}, written: at }));
    await forget();
    expect([held('who'), held('meta'), held('text'), held('waiting').length]).toEqual([[], [], [], 1]);
    await keep('ann', [record]);
    expect(held('text')).toEqual([]);
    await forgetAll();
    expect(held('waiting')).toEqual([]);
  });
  it('go with their page when the server no longer tells them', async () => {
    const list = { asked: get('/follow_up'), place: page, at, body: { data: [] } };
    const other = { asked: get('/account/2'), place: placeOf('/o/account/2'), at, body: { id: '2' } };
    await keep('ann', [list, other]);
    await keep('ann', [{ asked: get('/account/1'), place: placeOf('/'), at }]);
    expect(held('meta').map((m) => m.place).sort()).toEqual(['/o/account/2', 'shell', 'shell']);
  });
  it('go when rights or fields change', async () => {
    await keep('ann', [model]);
    expect(await told('ann', '/account/1')).toEqual(record.body);
    await keep('ann', [{ ...model, body: { ...model.body, rights: 0 } }]);
    expect(await told('ann', '/account/1')).toBeUndefined();
    expect(await told('ann', '/session')).toEqual(session.body);
  });
  it('are of objects only, and never what lies outside a page of reading', async () => {
    await keep('ann', [{ ...record, place: null }, { asked: get('/tokens'), place: page, at, body: {} }]);
    expect(held('meta').length).toBe(3);
  });
});
