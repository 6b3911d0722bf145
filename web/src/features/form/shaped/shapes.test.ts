import { describe, expect, it } from 'vitest';
import { asFilter, mayBeEmpty, memberIds, readMembers, shortCode, takes, writeMembers } from './shapes';

describe('JSON whose form is known', () => {
  it('reads a condition written as text and one written as JSON', () => {
    expect(asFilter("source = 'website'")).toEqual({ field: 'source', op: 'eq', value: 'website' });
    expect(asFilter({ field: 'level', op: 'eq', value: 'a' })).toEqual({ field: 'level', op: 'eq', value: 'a' });
    for (const none of [null, undefined, 'source = =', []]) expect(asFilter(none)).toBeUndefined();
  });
  it('reads members of a rule and writes them as they were', () => {
    const kept = [{ user: 'u1', weight: 3 }, { department: 'd1' }, { field: 'owner_id' }];
    expect(writeMembers(readMembers(kept))).toEqual(kept);
    expect(writeMembers([...readMembers(kept), { kind: 'team', id: null, weight: 1 }])).toEqual(kept);
    expect(readMembers('x')).toEqual([]);
    expect(memberIds(readMembers(kept))).toEqual([['user', ['u1']], ['department', ['d1']]]);
  });
  it('knows whom each strategy takes', () => {
    expect(takes('fixed_user')).toEqual({ kinds: ['user'], most: 1 });
    expect([mayBeEmpty('assignment_rule', 'members', { strategy: 'territory' }), mayBeEmpty('assignment_rule', 'members', { strategy: 'weighted' }), mayBeEmpty('team', 'members', { strategy: 'territory' })]).toEqual([true, false, false]);
    expect(takes('weighted').kinds).toEqual(['user', 'department', 'team', 'territory']);
  });
  it('names divisions of every level by their shortest code', () => {
    expect(['110000', '130100', '110105', '469000'].map(shortCode)).toEqual(['11', '1301', '110105', '4690']);
  });
});
