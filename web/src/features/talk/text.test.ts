import { describe, expect, it } from 'vitest';
import { equals } from '@/shared/i18n/parity';
import en from './text.en.json';
import zh from './text.zh-CN.json';
import { say } from './text';

describe('texts of discussion and notifications', () => {
  it('are equals in both languages', () => equals(en, zh));
  it('count', () => {
    expect(say('en', 'followers', { count: 1 })).toBe('1 follower');
  });
});
