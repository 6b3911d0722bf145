import { describe, expect, it } from 'vitest';
import { doc } from '../../../../dev/mock/model';
import { Model } from '@/api/model';
import type { HistoryEntry, Rec } from '@/api/types';
import { elsewhere, itemOf, sortItems, sourcesOf, tellChanges } from './items';

const model = new Model(doc);
const entry = (seq: number, fields: string[], op = 'update'): HistoryEntry => ({ seq, at: '2026-11-19T01:00:00Z', actor: null, op, changes: fields.map((field) => ({ field, before: 1, after: 2 })) });

describe('a timeline', () => {
  it('is made of what can point at the record and may be read', () => {
    const names = sourcesOf('opportunity', model).map((s) => s.object);
    expect(names).toContain('follow_up');
    expect(names).not.toContain('visit');
  });
  it('does not tell what the engine keeps up by itself', () => {
    const told = tellChanges([entry(1, ['last_activity_at']), entry(2, ['name', 'version']), entry(3, [], 'create')], 'account', model, false);
    expect(told.map((e) => [e.seq, e.changes.map((c) => c.field)])).toEqual([[2, ['name']], [3, []]]);
  });
  it('leaves the stage to its own entry', () => {
    expect(tellChanges([entry(1, ['stage_id'])], 'opportunity', model, true)).toEqual([]);
    expect(tellChanges([entry(1, ['stage_id'])], 'opportunity', model, false)).toHaveLength(1);
  });
  it('stands newest first by the moment that counts', () => {
    const s = sourcesOf('opportunity', model).find((x) => x.object === 'follow_up')!;
    const rec = (id: string, at: string): Rec => ({ id, version: 1, occurred_at: at, created_at: '2020-01-01T00:00:00Z' });
    expect(sortItems([itemOf(s, rec('a', '2026-11-01T00:00:00Z')), itemOf(s, rec('b', '2026-11-02T00:00:00Z')), itemOf(s, rec('c', 'never'))]).map((i) => i.rec?.id)).toEqual(['b', 'a']);
  });
  it('names the deal an entry of the customer belongs to', () => {
    const s = sourcesOf('account', model).find((x) => x.object === 'follow_up')!;
    const rec: Rec = { id: 'f', version: 1, occurred_at: '2026-11-01T00:00:00Z', target: { object: 'opportunity', id: 'o' }, $expand: { target: { object: 'opportunity', id: 'o', title: '三坐标' } } };
    expect(elsewhere(itemOf(s, rec), 'a')).toEqual({ object: 'opportunity', id: 'o', title: '三坐标' });
    expect(elsewhere(itemOf(s, rec), 'o')).toBeNull();
  });
});
