import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** What axe (WCAG 2.2 AA) finds on the page, in one line each. */
export async function faultsOf(page: Page): Promise<string[]> {
  const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze();
  const lines: string[] = [];
  for (const x of found.violations) {
    const nodes = [];
    for (const n of x.nodes) {
      if (x.id !== 'target-size' || !(await cut(page, n.target.join(' ')))) nodes.push(n);
    }
    if (nodes.length) lines.push(`${x.id}: ${nodes.slice(0, 3).map((n) => `${n.target.join(' ')} ${n.failureSummary?.split('\n')[1] ?? ''}`).join(' | ')}`);
  }
  return lines;
}

/**
 * Whether the edge of what scrolls cuts the element, or an open list or a bar that stays in its place lies over a part of it: axe measures
 * such a target as if it stayed there. One scrolls it out from under the bar; what an open list covers is not meant to be met before the
 * list is closed.
 */
async function cut(page: Page, selector: string): Promise<boolean> {
  return page.evaluate((s) => {
    const target = document.querySelector(s);
    if (!target) return false;
    const box = target.getBoundingClientRect();
    const over = (other: Element) => {
      const b = other.getBoundingClientRect();
      return !other.contains(target) && b.left < box.right && b.right > box.left && b.top < box.bottom && b.bottom > box.top;
    };
    for (const list of document.querySelectorAll('[role="listbox"], [role="menu"]')) if (over(list)) return true;
    for (const x of [box.left + 1, box.right - 1])
      for (const y of [box.top + 1, box.bottom - 1])
        for (let at = document.elementFromPoint(x, y); at && !at.contains(target); at = at.parentElement) {
          if (/fixed|sticky/.test(getComputedStyle(at).position) && over(at)) return true;
        }
    for (let at = target.parentElement; at; at = at.parentElement) {
      if (!/auto|scroll/.test(getComputedStyle(at).overflowY)) continue;
      const edge = at.getBoundingClientRect();
      if (box.bottom > edge.bottom || box.top < edge.top) return true;
    }
    return false;
  }, selector);
}

/** How many pixels the page scrolls sideways. */
export async function sideways(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Both of them, in lines that begin with the name of what is looked at. */
export async function wrongWith(page: Page, name: string): Promise<string[]> {
  const over = await sideways(page);
  return [...(over > 0 ? [`${name}: ${over} px sideways`] : []), ...(await faultsOf(page)).map((f) => `${name}: ${f}`)];
}
