import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { api } from './client';
import { beganViewAs, endViewAs, noteViewAs, viewAs } from './viewAs';

const answer = (status: number, body?: unknown) => new Response(body === undefined ? null : JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
const went = vi.fn();
const reloaded = vi.fn();
let asked: [string, string][] = [];
let answers: Record<string, () => Response>;

beforeEach(() => {
  asked = [];
  answers = {};
  went.mockClear();
  reloaded.mockClear();
  sessionStorage.clear();
  vi.stubGlobal('location', { pathname: '/settings/people', search: '?a=1', assign: went, reload: reloaded });
  vi.stubGlobal('fetch', (url: string, init?: RequestInit) => {
    const method = init?.method ?? 'GET';
    asked.push([method, url]);
    return Promise.resolve(answers[`${method} ${url}`]?.() ?? answer(204));
  });
});
afterEach(() => {
  noteViewAs(null);
  vi.unstubAllGlobals();
});

const settle = () => new Promise((r) => setTimeout(r, 10));

describe('seeing as somebody else', () => {
  it('begins at the first page and ends where one was', async () => {
    beganViewAs();
    expect(went).toHaveBeenLastCalledWith('/');
    expect(await endViewAs()).toBe(true);
    expect(asked).toEqual([['DELETE', '/api/v1/session/view-as']]);
    expect(went).toHaveBeenLastCalledWith('/settings/people?a=1');
    await endViewAs();
    expect(went).toHaveBeenLastCalledWith('/');
  });
  it('never leads to another site, and stays when the server could not be told', async () => {
    sessionStorage.setItem('rapport.viewAs.back', '//elsewhere.example/');
    await endViewAs();
    expect(went).toHaveBeenLastCalledWith('/');
    went.mockClear();
    answers['DELETE /api/v1/session/view-as'] = () => answer(503);
    expect(await endViewAs()).toBe(false);
    expect(went).not.toHaveBeenCalled();
  });
  it('is ended by the page when the server says that it has ended', async () => {
    answers['GET /api/v1/account'] = () => answer(403, { status: 403, code: 'session.view_as_ended' });
    void api.get('/account');
    await settle();
    expect(asked.map((a) => a.join(' '))).toEqual(['GET /api/v1/account', 'DELETE /api/v1/session/view-as']);
    expect(went).toHaveBeenCalledTimes(1);
  });
  it('begins anew when the session is over, instead of asking to sign in under what somebody else sees', async () => {
    noteViewAs({ by: { id: '1', name: 'Ada' }, until: '2026-01-01T00:00:00.000Z' });
    expect([viewAs.get()?.by.name, document.documentElement.dataset['viewAs']]).toEqual(['Ada', 'on']);
    answers['GET /api/v1/account'] = () => answer(401, { status: 401, code: 'auth.required' });
    void api.get('/account');
    await settle();
    expect(reloaded).toHaveBeenCalledTimes(1);
    noteViewAs(null);
    expect([viewAs.get(), document.documentElement.dataset['viewAs']]).toEqual([null, undefined]);
  });
});
