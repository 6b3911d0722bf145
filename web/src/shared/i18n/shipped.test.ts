import { readFileSync } from 'node:fs';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { shippedName, shippedNames } from './shipped';

const shipped = (file: string) => parse(readFileSync(`../model/defaults/${file}.toml`, 'utf8')) as Record<string, Record<string, { name?: { en: string; zh: string } }>>;

describe('names of shipped records', () => {
  it('are all known in both languages', () => {
    const all = { ...shipped('pipelines'), ...shipped('roles'), ...shipped('pools'), ...shipped('worktime') };
    for (const object of Object.keys(shippedNames)) {
      const records = Object.values(all[object] ?? {}).flatMap((r) => (r.name ? [r.name] : []));
      expect(records.length, object).toBeGreaterThan(0);
      for (const { en, zh } of records) {
        expect(shippedName(object, en, 'zh-CN'), `${object} ${en}`).toBe(zh);
        expect(shippedName(object, zh, 'en'), `${object} ${zh}`).toBe(en);
      }
    }
  });
  it('leave what was renamed, and records of other objects, alone', () => {
    expect(shippedName('stage', 'Won over', 'zh-CN')).toBe('Won over');
    expect(shippedName('account', 'Won', 'zh-CN')).toBe('Won');
  });
});
