import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wrongWith } from './axe';
import { api, base, enter, launch, settled, shot, visit, type Row, type Visit } from './browser';

// The session ends under an open page: signing in again returns to the same place with everything that was typed.

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

/** Ends this session on the server, as its expiry would, without the page knowing. */
async function expire(v: Visit): Promise<void> {
  const all = await api<{ data: { id: string; current?: boolean }[] }>(v, '/sessions');
  for (const s of all.data.filter((x) => x.current)) await v.context.request.delete(`${base()}/api/v1/sessions/${s.id}`, { headers: { Origin: base() } });
  expect((await v.context.request.get(`${base()}/api/v1/session`)).status()).toBe(401);
}

describe('the session is over', () => {
  it.each([['zh-CN', 'light', 1440], ['en', 'dark', 390]] as const)('while one writes a new customer: the form stays and is saved after signing in (%s, %s, %i)', async (lang, theme, width) => {
    const v = await visit(browser, { lang, theme, width });
    const zh = lang === 'zh-CN';
    await enter(v, '/o/account?layout=table&sort=name');
    const place = v.page.url();
    await v.page.getByRole('button', { name: zh ? '新建客户' : 'New account' }).first().click();
    const form = v.page.locator('dialog[open].side');
    const name = zh ? `会话${Date.now() % 1_000_000}仪表` : `Vellum ${Date.now() % 1_000_000} Quarters`;
    await form.locator('#new-name').fill(name);
    await expire(v);
    await v.page.keyboard.press('Control+Enter');
    const again = v.page.locator('dialog[open]', { hasText: zh ? '重新登录' : 'Sign in again' }).last();
    await again.getByRole('button', { name: zh ? /^继续以/ : /^Go on as/ }).waitFor();
    await shot(v.page, `session-over-${lang}-${theme}-${width}`);
    expect(await wrongWith(v.page, 'sign in again')).toEqual([]);
    expect(v.page.url()).toBe(place);
    expect(await form.locator('#new-name').inputValue()).toBe(name);
    await again.getByRole('button', { name: zh ? /^继续以/ : /^Go on as/ }).click();
    // The save that waited goes through by itself.
    await v.page.locator('.record h1', { hasText: name }).waitFor();
    await settled(v.page);
    await shot(v.page, `session-back-${lang}-${theme}-${width}`);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('and the page is loaded anew: the same address after signing in, the sentence of a follow-up and the form still there', async () => {
    const v = await visit(browser);
    await enter(v, '/');
    const some = (await api<{ data: Row[] }>(v, '/account?limit=1&sort=name')).data[0]!;
    await v.page.goto(`${base()}/o/account/${some.id}`);
    await settled(v.page);
    await v.page.locator('[data-composer]').fill('会话结束前写下的一句');
    await v.page.keyboard.press('Escape');
    await v.page.locator('h1').first().click();
    await v.page.keyboard.press('c');
    await v.page.locator('dialog[open]').first().waitFor();
    await v.page.keyboard.press('Escape');
    await v.page.waitForTimeout(500);
    await expire(v);
    await v.page.reload();
    await v.page.locator('.people button').first().waitFor();
    await shot(v.page, 'session-door');
    await v.page.locator('.people button').first().click();
    await v.page.locator('.record h1').waitFor();
    expect(new URL(v.page.url()).pathname).toBe(`/o/account/${some.id}`);
    expect(await v.page.locator('[data-composer]').inputValue()).toBe('会话结束前写下的一句');
    await v.page.locator('[data-composer]').fill('');
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });
});
