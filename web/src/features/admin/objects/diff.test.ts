import { describe, expect, it } from 'vitest';
import { diff } from './diff';

describe('diff', () => {
  it('says what goes and what comes, with some lines around', () => {
    const a = ['1', '2', '3', '4', '5', 'x', '6', '7', '8', '9'].join('\n');
    const b = ['1', '2', '3', '4', '5', 'y', 'z', '6', '7', '8', '9'].join('\n');
    expect(diff(a, b, 1).map((l) => l.op + l.text)).toEqual([' 5', '-x', '+y', '+z', ' 6']);
    expect(diff(a, a)).toEqual([]);
    expect(diff('', 'a\nb').map((l) => l.op + l.text)).toEqual(['-', '+a', '+b']);
  });
});
