import { expect, it } from 'vitest';
import { called, parts, put, typing, type Person } from './mentions';

const wang: Person = { id: '1', name: '王敏', sees: true };
const li: Person = { id: '2', name: '李', sees: false };

it('an @ begins a mention in the middle of Chinese text, not inside an address', () => {
  expect(typing('请@wm', 4)).toEqual({ from: 1, q: 'wm' });
  expect(typing('@', 1)).toEqual({ from: 0, q: '' });
  expect(typing('mail a@b', 8)).toBeNull();
  expect(typing('@王敏 好', 5)).toBeNull();
  expect(typing('@王敏，好', 5)).toBeNull();
  expect(typing('ask @Amelia Whit', 16)).toEqual({ from: 4, q: 'Amelia Whit' });
  expect(typing('ask @Amelia ', 12)).toBeNull();
  expect(typing('@Amelia Whit now', 16)).toBeNull();
});

it('what was picked stands in the place of what was typed, and only what still stands is called', () => {
  const done = put('请@wm 看一下', 4, 1, '王敏');
  expect(done).toEqual({ text: '请@王敏 看一下', caret: 5 });
  expect(called(done.text, [wang, wang, li])).toEqual([wang]);
});

it('only names of the data are mentions, the longer one first', () => {
  expect(parts('@李 和 @李明 还有 @张', ['李', '李明'])).toEqual([
    { text: '@李', mention: true }, { text: ' 和 ', mention: false }, { text: '@李明', mention: true }, { text: ' 还有 @张', mention: false },
  ]);
  expect(parts('<b>@x</b>', [])).toEqual([{ text: '<b>@x</b>', mention: false }]);
});
