import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsOf, wrongWith } from './axe';
import { api, base, enter, launch, looks, settled, shot, visit, type Visit } from './browser';

// Every main route in both languages, both themes, at 1440 and 390 px: nothing scrolls sideways, axe (WCAG 2.2 AA) finds nothing.

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

async function routes(v: Visit): Promise<[name: string, path: string][]> {
  const first = async (object: string) => (await api<{ data: { id: string }[] }>(v, `/${object}?limit=1`)).data[0]?.id ?? '';
  return [
    ['home', '/'],
    ['board', '/o/opportunity?layout=board'],
    ['list', '/o/account?layout=table'],
    ['account', `/o/account/${await first('account')}`],
    ['deal', `/o/opportunity/${await first('opportunity')}`],
    ['import', '/import/account'],
    ['settings', '/settings'],
  ];
}

describe.each(looks)('$name', (look) => {
  it('stands on every route without faults and without sideways scroll', async () => {
    const v = await visit(browser, look);
    await enter(v, '/');
    const wrong: string[] = [];
    for (const [name, path] of await routes(v)) {
      await v.page.goto(base() + path);
      await settled(v.page);
      await v.page.waitForTimeout(300);
      await shot(v.page, `${name}-${look.name}`);
      wrong.push(...(await wrongWith(v.page, name)));
      // What belongs at the foot of the sheet is in sight, and what is longer than the sheet scrolls inside it.
      if (name === 'list' && (look.width ?? 1440) >= 900) {
        const foot = await v.page.locator('.foot').boundingBox();
        if (!foot || foot.y + foot.height > 900) wrong.push(`list: the foot ends at ${foot ? foot.y + foot.height : 'nowhere'}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  }, 240_000);

  it('has layers without faults', async () => {
    const v = await visit(browser, look);
    await enter(v, '/o/account?layout=table');
    const wrong: string[] = [];
    if ((look.width ?? 1440) >= 900) {
      await v.page.keyboard.press('c');
      await v.page.locator('dialog[open] .form-item').first().waitFor();
      await shot(v.page, `create-${look.name}`);
      wrong.push(...(await wrongWith(v.page, 'create')));
      await v.page.keyboard.press('Escape');
      await v.page.locator('dialog[open]').waitFor({ state: 'detached' });
      await v.page.keyboard.press('Control+k');
      await v.page.locator('dialog[open] [role=option]').first().waitFor();
      wrong.push(...(await wrongWith(v.page, 'palette')));
    } else {
      await v.page.locator('.fab').click();
      await v.page.locator('dialog[open] .form-item').first().waitFor();
      await shot(v.page, `create-${look.name}`);
      wrong.push(...(await wrongWith(v.page, 'create')));
    }
    expect(wrong).toEqual([]);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });
});

it('the sign-in page has no faults', async () => {
  const v = await visit(browser);
  await v.page.goto(base());
  await v.page.locator('.door h1').waitFor();
  expect(await faultsOf(v.page)).toEqual([]);
  await v.context.close();
});
