import { describe, expect, it } from 'vitest';
import { lang, setLang, t } from './index';
import en from './en.json';
import { equals } from './parity';
import zh from './zh-CN.json';

describe('texts', () => {
  it('are equals in both languages', () => equals(en, zh));
  it('switch without a reload', () => {
    setLang('en');
    expect(t('act.save')).toBe('Save');
    expect(t('board.days', { count: 1 })).toBe('1 day');
    expect(t('board.days', { count: 2 })).toBe('2 days');
    setLang('zh-CN');
    expect(t('act.save')).toBe('保存');
    expect(document.documentElement.lang).toBe('zh-CN');
    expect(lang.get()).toBe('zh-CN');
  });
});
