import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fromServer, own, ownOf, setOwn, subscribeOwn } from './own';

describe("a person's own settings", () => {
  const sent: Record<string, unknown>[] = [];
  const server = async (some: Record<string, unknown>) => void sent.push(some);
  beforeEach(() => {
    vi.useFakeTimers();
    localStorage.clear();
    sent.length = 0;
    ownOf(`user ${Math.random()}`);
  });
  afterEach(() => vi.useRealTimers());

  it('are sent once the hand rests', async () => {
    fromServer({ 'look.account': { a: 1 } }, server);
    expect(own('look.account')).toEqual({ a: 1 });
    for (let w = 0; w < 20; w++) setOwn('look.account', { a: w });
    setOwn('views.account', ['x']);
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent).toEqual([{ 'look.account': { a: 19 }, 'views.account': ['x'] }]);
    setOwn('views.account', undefined);
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent[1]).toEqual({ 'views.account': null });
  });
  it('changed while the server was asked count more than what it knew', () => {
    setOwn('pipeline.opportunity', 'mine');
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual([]);
    fromServer({ 'pipeline.opportunity': 'older', 'views.lead': ['v'] }, server);
    expect([own('pipeline.opportunity'), own('views.lead')]).toEqual(['mine', ['v']]);
    expect(sent).toEqual([{ 'pipeline.opportunity': 'mine' }]);
  });
  it('changed just before the page was left are sent by the next visit', async () => {
    ownOf('d');
    setOwn('look.account', { a: 1 });
    ownOf('e');
    ownOf('d');
    fromServer({ 'look.account': { a: 0 } }, server);
    expect(own('look.account')).toEqual({ a: 1 });
    expect(sent).toEqual([{ 'look.account': { a: 1 } }]);
    await vi.advanceTimersByTimeAsync(0);
    ownOf('e');
    ownOf('d');
    fromServer({ 'look.account': { a: 2 } }, server);
    expect(own('look.account')).toEqual({ a: 2 });
  });
  it('that could not be sent go with the next change', async () => {
    let away = true;
    fromServer({}, async (some) => {
      if (away) throw new Error('no network');
      sent.push(some);
    });
    setOwn('a', 1);
    await vi.advanceTimersByTimeAsync(1000);
    away = false;
    setOwn('b', 2);
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent).toEqual([{ a: 1, b: 2 }]);
  });
  it('are one person’s, and stay in the browser until the server is heard', () => {
    ownOf('a');
    setOwn('look.lead', 1);
    ownOf('b');
    expect(own('look.lead')).toBeUndefined();
    const told = vi.fn();
    const off = subscribeOwn(told);
    ownOf('a');
    expect(own('look.lead')).toBe(1);
    expect(told).toHaveBeenCalledTimes(1);
    off();
  });
  it('of somebody who is only looked at are shown and never changed', () => {
    ownOf('c', true);
    fromServer({ 'look.lead': 1 }, server);
    setOwn('look.lead', 2);
    vi.advanceTimersByTime(1000);
    expect(own('look.lead')).toBe(2);
    expect(sent).toEqual([]);
    expect(localStorage.getItem('rapport.own.c')).toBeNull();
  });
});
