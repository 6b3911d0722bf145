import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Visit } from './browser';

/** What a screen reader has to tell of an element: role, name, description, value and states as Chromium computed them for it. */
export interface Said {
  role: string;
  name: string;
  description: string;
  value: string;
  /** `focused`, `selected`, `checked`, `expanded`, `required`, `invalid`, `modal`, `level` … with their values. */
  is: Record<string, unknown>;
}

interface Heard {
  text: string;
  region: string;
}
declare global {
  interface Window {
    heard?: Heard[];
    spokenOf?: Element | null;
  }
}

/**
 * Listens as a screen reader does, from the first moment of every page of the visit: words that come into a region which stood before them,
 * or an alert that comes with its words; never what lies below a modal dialog.
 */
export async function listen(v: Visit): Promise<void> {
  await v.context.addInitScript(() => {
    const heard: Heard[] = [];
    window.heard = heard;
    const regions = '[role="status"], [role="alert"], [aria-live="polite"], [aria-live="assertive"]';
    const known = new WeakSet<Element>();
    const tell = (region: Element) => {
      const modal = [...document.querySelectorAll('dialog:modal')].at(-1);
      if (region.closest('[aria-hidden="true"], [inert]') || (modal && !modal.contains(region))) return;
      const text = (region.textContent ?? '').replace(/\s+/g, ' ').trim();
      if (text) heard.push({ text, region: region.getAttribute('role') ?? region.getAttribute('aria-live') ?? '' });
    };
    new MutationObserver((changes) => {
      const spoken = new Set<Element>();
      for (const c of changes) {
        const at = c.target instanceof Element ? c.target : c.target.parentElement;
        const region = at?.closest(regions);
        if (region && known.has(region)) spoken.add(region);
        for (const n of c.addedNodes) if (n instanceof Element) for (const r of [n, ...n.querySelectorAll(regions)]) if (r.matches('[role="alert"]')) spoken.add(r);
      }
      spoken.forEach(tell);
      document.querySelectorAll(regions).forEach((r) => known.add(r));
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
}

/** Forgets what was told so far. */
export async function hush(page: Page): Promise<void> {
  await page.evaluate(() => window.heard?.splice(0));
}

/** Waits until words were told, and forgets everything told so far. */
export async function hears(page: Page, words: string | RegExp): Promise<string> {
  const [source, flags] = typeof words === 'string' ? [words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), ''] : [words.source, words.flags];
  const found = await page
    .waitForFunction(([s, f]) => window.heard?.find((h) => new RegExp(s!, f).test(h.text))?.text, [source, flags] as const)
    .catch(async () => { throw new Error(`never told: ${words}; told: ${JSON.stringify(await page.evaluate(() => window.heard))}`); });
  await hush(page);
  return String(await found.jsonValue());
}

/** What is told of one element. */
export async function said(v: Visit, of: Locator): Promise<Said> {
  await of.evaluate((el) => { window.spokenOf = el; });
  return read(v);
}

/** What is told of where one stands: the focused element, or the one of a list or table it points at. */
export async function here(v: Visit): Promise<Said> {
  await v.page.evaluate(() => {
    const at = document.activeElement;
    window.spokenOf = document.getElementById(at?.getAttribute('aria-activedescendant') ?? '') ?? at;
  });
  return read(v);
}

/** Waits until one stands on what is told like this. */
export async function stands(v: Visit, on: Partial<Said>): Promise<Said> {
  await expect.poll(() => here(v), { timeout: 30_000 }).toMatchObject(on);
  return here(v);
}

async function read(v: Visit): Promise<Said> {
  const cdp = (sessions.get(v.page) ?? await v.context.newCDPSession(v.page));
  sessions.set(v.page, cdp);
  const { result } = await cdp.send('Runtime.evaluate', { expression: 'window.spokenOf ?? document.body' });
  const { nodes } = await cdp.send('Accessibility.getPartialAXTree', { objectId: result.objectId!, fetchRelatives: false });
  const node = nodes[0];
  const text = (x: { value?: unknown } | undefined) => String(x?.value ?? '').replace(/\s+/g, ' ').trim();
  return { role: text(node?.role), name: text(node?.name), description: text(node?.description), value: text(node?.value), is: Object.fromEntries((node?.properties ?? []).map((p) => [p.name, p.value.value])) };
}
const sessions = new WeakMap<Page, Awaited<ReturnType<Visit['context']['newCDPSession']>>>();
