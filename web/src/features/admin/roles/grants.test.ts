import { describe, expect, it } from 'vitest';
import { differences, includes, ofRecord, setField, setFlag, setFunction, setReach } from './grants';

const g = ofRecord({ object_perms: { account: { create: true, read: 'dept', edit: 'own', also: ['claim'] } }, field_perms: null, functions: ['reports'] });

describe('what a role grants', () => {
  it('never lets an act reach further than reading', () => {
    expect(setReach(g, 'account', 'export', 'all').objects['account']).toEqual({ create: true, read: 'all', edit: 'own', export: 'all', also: ['claim'] });
    expect(setReach(g, 'account', 'read', 'none').objects['account']).toEqual({ create: true, also: ['claim'] });
    expect(setReach(setReach(g, 'account', 'edit', 'dept'), 'account', 'read', 'own').objects['account']).toMatchObject({ read: 'own', edit: 'own' });
    expect(includes('own_sub', 'dept')).toBe(false);
    expect(includes('dept_tree', 'dept')).toBe(true);
    expect(includes('all', 'own_sub_dept_tree')).toBe(true);
  });
  it('forgets lines that say nothing', () => {
    expect(setReach(g, 'lead', 'read', 'none').objects).toEqual(g.objects);
    expect(setFlag(setFlag(g, 'lead', 'create', true), 'lead', 'create', false).objects).toEqual(g.objects);
    expect(setField(setField(g, 'lead', 'name', 'hidden'), 'lead', 'name', '').fields).toEqual({});
  });
  it('counts what changed, whatever the order', () => {
    expect(differences(g, g)).toBe(0);
    const other = ofRecord({ object_perms: { account: { read: 'dept', edit: 'own', create: true, also: ['claim'] } }, functions: ['reports'] });
    expect(differences(g, other)).toBe(0);
    expect(differences(g, setFunction(setField(setReach(g, 'account', 'edit', 'dept'), 'account', 'phone', 'masked'), 'field.reveal', true))).toBe(3);
  });
});
