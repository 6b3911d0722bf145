import { describe, expect, it } from 'vitest';
import { changed, lines, move, step, type Node } from './tree';

const all: Node[] = [
  { id: 'hq', name: '总部', parent: null, position: 0 },
  { id: 'b', name: '市场', parent: 'hq', position: 1 },
  { id: 'a', name: '销售', parent: 'hq', position: 0 },
  { id: 'a1', name: '华东', parent: 'a', position: 0 },
  { id: 'a2', name: '华北', parent: 'a', position: 1 },
];
const shape = (n: readonly Node[]) => lines(n).map((l) => `${'-'.repeat(l.depth)}${l.id}`).join(' ');

describe('the tree of departments', () => {
  it('is drawn in order', () => {
    expect(shape(all)).toBe('hq -a --a1 --a2 -b');
    expect(shape(all.filter((n) => n.id !== 'hq'))).toBe('a -a1 -a2 b');
  });
  it('moves, but nothing into itself', () => {
    expect(shape(move(all, 'a2', 'b', 0))).toBe('hq -a --a1 -b --a2');
    expect(shape(move(all, 'b', 'hq', 0))).toBe('hq -b -a --a1 --a2');
    expect(shape(move(all, 'a', 'a1', 0))).toBe(shape(all));
    expect(shape(move(all, 'hq', 'hq', 0))).toBe(shape(all));
  });
  it('moves by keyboard', () => {
    expect(shape(step(all, 'a2', 'up'))).toBe('hq -a --a2 --a1 -b');
    expect(shape(step(all, 'b', 'in'))).toBe('hq -a --a1 --a2 --b');
    expect(shape(step(all, 'a1', 'out'))).toBe('hq -a --a2 -a1 -b');
    expect(shape(step(all, 'a', 'out'))).toBe(shape(all));
  });
  it('writes only what differs', () => {
    expect(changed(all, step(all, 'a2', 'up')).map((n) => n.id).sort()).toEqual(['a1', 'a2']);
    expect(changed(all, move(all, 'a2', 'b', 0)).map((n) => n.id)).toEqual(['a2']);
  });
});
