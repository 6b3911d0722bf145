import { describe, expect, it } from 'vitest';
import { askOf, DAYS, fits, homeOf, keepable, placeOf, surplus, type Meta, type Place } from './rules';

const objects = new Set(['account', 'follow_up', 'audit_log']);
const get = (path: string, query?: Record<string, string | boolean>) => ({ method: 'GET', path, query });

describe('what is kept', () => {
  it('is asked from the day, from lists and records, not from settings and imports', () => {
    expect(['/', '/o/account', '/o/account/1', '/settings/people', '/import/account', '/o/account/1/x'].map((p) => placeOf(p)?.kind)).toEqual(['home', 'list', 'record', undefined, undefined, undefined]);
    expect(homeOf(get('/session'), null)?.kind).toBe('shell');
    expect(homeOf(get('/account/1'), null)).toBeNull();
  });
  it('is the session, the model, and what one reads of records', () => {
    for (const yes of [get('/session'), get('/meta/model'), get('/account', { limit: '4', cursor: '' }), get('/account/1', { expand: 'owner_id' }), get('/account/1/history'), { method: 'POST', path: '/account/aggregate', body: {} }]) expect(keepable(yes, objects), yes.path).toBe(true);
    for (const no of [get('/search', { q: 'a' }), get('/account', { q: 'typed' }), get('/account', { cursor: 'x' }), get('/account', { deleted: true }), get('/account/1', { as_of: '2026-01-01' }), get('/account/1/readers'), get('/account/1/mentionable'), get('/account/1/history/x'), get('/tokens'), get('/audit_log'), get('/unknown/1'), { method: 'POST', path: '/account' }, { method: 'POST', path: '/session' }, { method: 'PATCH', path: '/account/1' }]) expect(keepable(no, objects), JSON.stringify(no)).toBe(false);
  });
  it('is found by the same question however it is written, and the day of yesterday by the question of today', () => {
    const [home, list] = [placeOf('/'), placeOf('/o/account')];
    expect(askOf(get('/account', { a: '1', b: '2', c: '' }), list)).toBe(askOf(get('/account', { b: '2', a: '1' }), list));
    const of = (day: string, place: Place | null) => askOf(get('/event', { filter: JSON.stringify({ field: 'start_at', op: 'lt', value: `2026-11-${day}T16:00:00.000Z` }) }), place);
    expect(of('22', home)).toBe(of('23', home));
    expect(of('22', list)).not.toBe(of('23', list));
    expect(askOf({ method: 'POST', path: '/account/aggregate', body: { group: ['a'] } }, list)).not.toBe(askOf({ method: 'POST', path: '/account/aggregate', body: { group: ['b'] } }, list));
  });
});

describe('how much is kept', () => {
  const now = 1_800_000_000_000;
  const meta = (kind: Place['kind'], place: string, at: number, n = 0, size = 10): Meta => ({ id: `${place} ${n}`, ask: String(n), place, kind, at, size });
  it('is seven days', () => {
    expect(surplus([meta('record', '/o/a/1', now - DAYS - 1), meta('record', '/o/a/2', now - DAYS + 1)], now)).toEqual(['/o/a/1 0']);
  });
  it('is the newest 200 records and 20 lists, with everything that was read on them', () => {
    const records = Array.from({ length: 203 }, (_, i) => [meta('record', `/o/a/${i}`, now - i * 1000), meta('record', `/o/a/${i}`, now - i * 1000 - 1, 1)]).flat();
    const lists = Array.from({ length: 21 }, (_, i) => meta('list', `/o/l${i}`, now - i * 1000));
    expect(surplus([...records.toReversed(), ...lists, meta('home', '/', now - DAYS / 2), meta('shell', 'shell', now - DAYS / 2)], now).sort()).toEqual(['/o/a/200 0', '/o/a/200 1', '/o/a/201 0', '/o/a/201 1', '/o/a/202 0', '/o/a/202 1', '/o/l20 0']);
  });
  it('is sixty answers of one page and 25 MB of all, the newest first', () => {
    expect(surplus(Array.from({ length: 62 }, (_, i) => meta('list', '/o/a', now - i, i)), now)).toEqual(['/o/a 60', '/o/a 61']);
    expect(surplus(Array.from({ length: 27 }, (_, i) => meta('record', `/o/a/${i}`, now - i, 0, 1 << 20)), now)).toEqual(['/o/a/25 0', '/o/a/26 0']);
    expect([fits(1 << 20), fits((1 << 20) + 1)]).toEqual([true, false]);
  });
});
