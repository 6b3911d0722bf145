import { beforeEach, describe, expect, it } from 'vitest';
import { favourites, isFavourite, recents, toggleFavourite, visited, visitsOf } from './visits';

describe('favourites and recents', () => {
  beforeEach(() => {
    localStorage.clear();
    visitsOf(`user ${Math.random()}`);
  });
  it('keep the newest first, each once, and not for ever', () => {
    for (let i = 0; i < 25; i++) visited({ path: `/o/account/${i % 22}`, title: `No. ${i}` });
    expect(recents.get()).toHaveLength(20);
    expect(recents.get()[0]).toEqual({ path: '/o/account/2', title: 'No. 24' });
    expect(new Set(recents.get().map((r) => r.path)).size).toBe(20);
  });
  it('belong to one person', () => {
    visitsOf('a');
    expect(toggleFavourite({ path: '/x', title: 'X' })).toBe(true);
    visitsOf('b');
    expect(favourites.get()).toEqual([]);
    visitsOf('a');
    expect(isFavourite('/x')).toBe(true);
    visited({ path: '/x', title: 'X renamed' });
    expect(favourites.get()[0]?.title).toBe('X renamed');
    expect(toggleFavourite({ path: '/x', title: 'X' })).toBe(false);
  });
});
