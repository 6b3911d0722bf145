import { cleanup, render } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { useHotkeys } from './hotkeys';

function Keys({ run }: { run: (key: string) => void }) {
  useHotkeys([
    { key: 'c', run: () => run('c') },
    { key: '?', run: () => run('?') },
    { key: 'mod+k', run: () => run('mod+k'), always: true },
  ]);
  return (
    <>
      <input aria-label="name" />
      <button type="button">b</button>
    </>
  );
}

function press(target: Element, init: KeyboardEventInit & { keyCode?: number }) {
  target.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init }));
}

describe('keys', () => {
  afterEach(cleanup);
  it('work on the page', () => {
    const run = vi.fn();
    render(<Keys run={run} />);
    press(document.body, { key: 'c' });
    press(document.body, { key: '?', shiftKey: true });
    press(document.body, { key: 'k', ctrlKey: true });
    expect(run.mock.calls.flat()).toEqual(['c', '?', 'mod+k']);
  });
  it('rest while typing, except those that work always', () => {
    const run = vi.fn();
    const { getByLabelText } = render(<Keys run={run} />);
    press(getByLabelText('name'), { key: 'c' });
    press(getByLabelText('name'), { key: 'k', metaKey: true });
    expect(run.mock.calls.flat()).toEqual(['mod+k']);
  });
  it('rest while an input method is composing', () => {
    const run = vi.fn();
    render(<Keys run={run} />);
    press(document.body, { key: 'c', isComposing: true });
    press(document.body, { key: 'c', keyCode: 229 });
    expect(run).not.toHaveBeenCalled();
  });
  it('leave combinations with other keys alone', () => {
    const run = vi.fn();
    render(<Keys run={run} />);
    press(document.body, { key: 'c', ctrlKey: true });
    press(document.body, { key: 'c', altKey: true });
    expect(run).not.toHaveBeenCalled();
  });
});
