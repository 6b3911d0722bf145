import { render, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { articles, find } from './articles';
import { Markdown } from './Markdown';

describe('help', () => {
  it('has the same articles in both languages, each with a title and a text', () => {
    expect(articles('en').map((a) => a.key)).toEqual(articles('zh-CN').map((a) => a.key));
    expect(articles('en').length).toBeGreaterThanOrEqual(10);
    for (const lang of ['en', 'zh-CN'] as const) for (const a of articles(lang)) expect(a.title && a.text.length > 60, a.key).toBeTruthy();
  });
  it('finds by words, titles first', () => {
    expect(find('en', 'import')[0]?.key).toBe('import');
    expect(find('zh-CN', '拼音').map((a) => a.key)).toContain('find');
    expect(find('en', 'recovery code')[0]?.key).toBe('security');
    expect(find('en', 'zebra crossing')).toEqual([]);
  });
  it('draws our documents and never takes HTML from them', () => {
    const { container } = render(<Markdown text={'# Head\nText with **bold** and `code` <img src=x onerror=alert(1)>\n\n- one\n- two\n  goes on\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[away](javascript:alert(1)) [docs](/api/docs)'} />);
    expect(container.querySelector('img')).toBeNull();
    expect(container.querySelectorAll('li')).toHaveLength(2);
    expect(container.querySelectorAll('a')).toHaveLength(1);
    expect(screen.getByText('2')).toBeTruthy();
    expect(screen.getByText('bold').tagName).toBe('B');
  });
});
