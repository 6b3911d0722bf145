import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dark, elevation, light, type Palette } from './palette';
import { antTheme } from './theme';

const css = readFileSync('src/shared/tokens.css', 'utf8');
const block = (selector: string) => {
  const start = css.indexOf(`${selector} {`);
  return Object.fromEntries([...css.slice(start, css.indexOf('}', start)).matchAll(/--([\w-]+): ([^;]+);/g)].map((m) => [m[1], m[2]]));
};

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p) as [number, number];
  return (x + 0.05) / (y + 0.05);
}

describe('tokens', () => {
  it('are the same for style sheets and Ant Design', () => {
    const l = block(':root');
    const d = block(":root[data-theme='dark']");
    for (const [k, v] of Object.entries(light)) expect(l[k], k).toBe(v);
    for (const [k, v] of Object.entries(dark)) expect(d[k], k).toBe(v);
    for (const k of ['e1', 'e2', 'e3'] as const) {
      expect(l[k]).toBe(elevation.light[k]);
      expect(d[k]).toBe(elevation.dark[k]);
    }
  });
  it('keep the contrast that reading needs (WCAG 2.2 AA)', () => {
    for (const c of [light as Palette, dark]) {
      for (const text of ['ink', 'ink-2', 'ink-3', 'brand', 'late', 'warn', 'ok', 'info', 'violet'] as const) expect(contrast(c[text], c.sheet), text).toBeGreaterThanOrEqual(4.5);
      for (const tone of ['brand', 'late', 'warn', 'ok', 'info', 'violet'] as const) expect(contrast(c[tone], c[`${tone}-soft`]), `${tone} on its ground`).toBeGreaterThanOrEqual(4.5);
      expect(contrast(c['ink-3'], c.hover)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(c['ink-3'], c.bg)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(c['on-brand'], c['brand-fill'])).toBeGreaterThanOrEqual(4.5);
      expect(contrast(c['line-ctl'], c.sheet)).toBeGreaterThanOrEqual(3);
    }
  });
  it('reach the Ant Design theme unchanged in the dark', () => {
    const theme = antTheme('dark', 'zh-CN');
    expect(theme.token?.colorPrimary).toBe(dark['brand-fill']);
    expect(theme.token?.colorError).toBe(dark.late);
  });
});
