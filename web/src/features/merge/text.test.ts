import { describe, expect, it } from 'vitest';
import { equals } from '@/shared/i18n/parity';
import en from './text.en.json';
import zh from './text.zh-CN.json';
import { say } from './text';

describe('texts of merging', () => {
  it('are equals in both languages', () => equals(en, zh));
  it('count', () => {
    expect(say('en', 'title', { count: 3 })).toBe('Merge 3 records');
  });
});
