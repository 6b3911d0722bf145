import { beforeEach, describe, expect, it } from 'vitest';
import { readDraft, writeDraft } from './draft';
import { nextDates } from './nextDates';

describe('a follow-up', () => {
  beforeEach(() => localStorage.clear());
  it('keeps what was typed until it is saved', () => {
    writeDraft('a', { text: '约周一', kind: 'call', next: '2026-11-23T02:00:00.000Z', who: ['c'] });
    expect(readDraft('a')).toEqual({ text: '约周一', kind: 'call', next: '2026-11-23T02:00:00.000Z', who: ['c'] });
    writeDraft('a', null);
    expect(readDraft('a').text).toBe('');
    localStorage.setItem('rapport.draft.b', '旧的文字');
    expect(readDraft('b').text).toBe('旧的文字');
  });
  it('offers each day once', () => {
    expect(nextDates(new Date(2026, 10, 19, 9)).map((d) => d.key)).toEqual(['tomorrow', 'monday', 'week']);
    expect(nextDates(new Date(2026, 10, 22, 9)).map((d) => d.key)).toEqual(['tomorrow', 'week']);
    expect(nextDates(new Date(2026, 10, 23, 9)).map((d) => d.key)).toEqual(['tomorrow', 'monday']);
  });
});
