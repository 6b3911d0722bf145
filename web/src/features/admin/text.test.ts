import { describe, expect, it } from 'vitest';
import { equals } from '@/shared/i18n/parity';
import en from './text.en.json';
import zh from './text.zh-CN.json';
import { sayA } from './text';

describe('texts of the administration', () => {
  it('are equals in both languages', () => equals(en, zh));
  it('count', () => {
    expect(sayA('en', 'layout.publish', { count: 1 })).toBe('Publish 1 change');
    expect(sayA('en', 'layout.publish', { count: 3 })).toBe('Publish 3 changes');
    expect(sayA('zh-CN', 'layout.publish', { count: 3 })).toBe('发布 3 处修改');
  });
});
