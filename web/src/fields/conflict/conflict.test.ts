import { describe, expect, it } from 'vitest';
import { Problem } from '@/api/client';
import { chosen, collided, splitMine } from './conflict';

describe('a conflict', () => {
  it('is told by the refusal, with the fields that collided', () => {
    expect(collided(new Problem({ status: 409, code: 'conflict', fields: ['name'] }))).toEqual(['name']);
    expect(collided(new Problem({ status: 409, code: 'state.invalid_transition' }))).toBeNull();
    expect(collided(new Problem({ status: 422, code: 'value.required' }))).toBeNull();
    expect(collided(new Error('x'))).toBeNull();
  });
  it('asks only about the same fields; the rest of mine is joined', () => {
    const mine = { name: 'a', level: 'b', phone: '1' };
    const { asked, joined } = splitMine(mine, ['level']);
    expect(asked).toEqual(['level']);
    expect(chosen(joined, mine, { level: 'theirs' })).toEqual({ name: 'a', phone: '1' });
    expect(chosen(joined, mine, { level: 'mine' })).toEqual({ name: 'a', phone: '1', level: 'b' });
  });
});
