import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dragBack } from './board';
import { api, base, enter, launch, settled, shot, signIn, visit, type Row } from './browser';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

describe('a day’s work', () => {
  it('signs in as a demo person, lands on the day, and sees the deals on the board', async () => {
    const v = await visit(browser);
    await v.page.goto(base());
    await v.page.getByText('体验工作区').waitFor();
    await shot(v.page, 'sign-in-zh');
    await signIn(v);
    await settled(v.page);
    expect(new URL(v.page.url()).pathname).toBe('/');
    await v.page.locator('.home .pipe li').first().waitFor();
    await shot(v.page, 'home-zh-light');
    await v.page.goto(`${base()}/o/opportunity?layout=board`);
    await settled(v.page);
    await v.page.locator('[data-card]').first().waitFor();
    expect(await v.page.locator('.sh h2').count()).toBeGreaterThanOrEqual(4);
    expect(await v.page.locator('[data-card]').count()).toBeGreaterThan(3);
    await shot(v.page, 'board-zh-light');
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('drags a card to another stage; what the gate asks is filled in on the spot', async () => {
    const v = await visit(browser);
    await enter(v, '/o/opportunity?layout=board');
    const { id, column } = await dragBack(v, (page, what) => shot(page, `board-${what}`));
    await column.locator(`[data-card="${id}"]`).waitFor();
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('moves a card without a mouse', async () => {
    const v = await visit(browser);
    await enter(v, '/o/opportunity?layout=board');
    await v.page.locator('[data-card] .t').first().focus();
    await v.page.keyboard.press('m');
    const menu = v.page.getByRole('menu');
    await menu.waitFor();
    expect(await menu.getByRole('menuitemradio').count()).toBeGreaterThan(4);
    await v.page.keyboard.press('Escape');
    await menu.waitFor({ state: 'detached' });
    await v.context.close();
  });

  it('filters a list by a condition that reads as a sentence', async () => {
    const v = await visit(browser);
    await enter(v, '/o/account?layout=table');
    const all = (await api<{ count: { value: number } }>(v, '/account?count=exact&limit=1')).count.value;
    await v.page.getByRole('button', { name: '添加条件' }).click();
    const pop = v.page.getByRole('dialog', { name: '添加条件' });
    await pop.getByRole('combobox', { name: '字段' }).fill('客户级别');
    await v.page.locator('.ant-select-item-option', { hasText: /^客户级别$/ }).click();
    await pop.getByRole('group', { name: '值' }).getByRole('checkbox').first().check();
    await pop.getByRole('button', { name: '应用' }).click();
    await v.page.locator('.chip', { hasText: '客户级别是' }).waitFor();
    await settled(v.page);
    await expect.poll(async () => Number((await v.page.locator('.top .num').innerText()).replace(/[^\d]/g, ''))).toBeLessThan(all);
    await shot(v.page, 'list-filter');
    await v.page.getByRole('button', { name: /^去掉条件/ }).click();
    await expect.poll(async () => Number((await v.page.locator('.top .num').innerText()).replace(/[^\d]/g, ''))).toBe(all);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('edits a customer in place, and another browser shows it within a second', async () => {
    const v = await visit(browser);
    const other = await visit(browser, { lang: 'en' });
    await enter(v, '/o/account?layout=table');
    // One that has a short name: other journeys leave customers without.
    const named = encodeURIComponent(JSON.stringify({ field: 'short_name', op: 'not_empty' }));
    const some = await api<{ data: Row[] }>(v, `/account?limit=1&sort=created_at&filter=${named}`);
    const path = `/o/account/${String(some.data[0]?.['id'])}`;
    await enter(v, path);
    await v.page.locator('.record h1').waitFor();
    await settled(v.page);
    await enter(other, path);
    await shot(v.page, 'account-zh-light');
    const toggle = v.page.getByRole('button', { name: /个空字段/ });
    if (await toggle.isVisible()) await toggle.click();
    const blanks = other.page.getByRole('button', { name: /empty field/ });
    if (await blanks.isVisible()) await blanks.click();
    // Three edits, the quickest counts: the machine that runs this may be busy with other work.
    let name = '';
    const took: number[] = [];
    for (let i = 0; i < 3; i++) {
      name = `简称 ${Date.now() % 100000}`;
      await v.page.getByRole('button', { name: '修改客户简称' }).click();
      await v.page.locator('.fact-editor input').fill(name);
      const start = Date.now();
      await v.page.keyboard.press('Enter');
      await other.page.getByText(name).first().waitFor({ timeout: 10_000 });
      took.push(Date.now() - start);
      await v.page.locator('.toast').waitFor();
      if (Math.min(...took) < 1000) break;
    }
    expect(Math.min(...took), `milliseconds until the other browser showed it: ${took.join(', ')}`).toBeLessThan(1000);
    // Undo puts it back; the history keeps both.
    await v.page.getByRole('button', { name: /^撤销/ }).click();
    await expect.poll(async () => (await api<Row>(v, `/account/${path.split('/').pop()}`))['short_name']).not.toBe(name);
    expect([...v.complaints, ...other.complaints]).toEqual([]);
    await v.context.close();
    await other.context.close();
  });

  it('creates a record from the keyboard, and names every faulty field at once', async () => {
    const v = await visit(browser);
    await enter(v, '/o/account?layout=table');
    await v.page.keyboard.press('c');
    const form = v.page.locator('dialog[open]');
    await form.locator('.form-item').first().waitFor();
    await v.page.keyboard.press('Control+Enter');
    await form.getByRole('alert').waitFor();
    expect(await form.locator('.form-item .late').count()).toBeGreaterThanOrEqual(1);
    await shot(v.page, 'create-errors');
    const name = `澄湖仪表 ${Date.now() % 100000}`;
    await form.locator('#new-name').fill(name);
    await v.page.keyboard.press('Control+Enter');
    await v.page.locator('.record h1', { hasText: name }).waitFor();
    // It is found at once, by characters.
    await v.page.keyboard.press('Control+k');
    await v.page.getByRole('combobox', { name: '搜索或命令' }).fill(name);
    await v.page.getByRole('option', { name }).first().waitFor();
    await shot(v.page, 'palette');
    await v.page.keyboard.press('Escape');
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('imports a CSV file and undoes the whole import', async () => {
    const v = await visit(browser);
    await enter(v, '/import/account');
    const tag = String(Date.now() % 100000);
    const csv = ['客户名称,客户类型,客户简称', `南屿风机${tag},企业,南屿`, `竹里机电${tag},企业,竹里`, `远浦阀门${tag},企业,远浦`].join('\n');
    await v.page.locator('input[type=file]').setInputFiles({ name: '展会名单.csv', mimeType: 'text/csv', buffer: Buffer.from(`﻿${csv}`) });
    await v.page.locator('.imp-map').waitFor();
    await shot(v.page, 'import-map');
    await v.page.getByRole('button', { name: '下一步' }).click();
    await v.page.getByRole('button', { name: '下一步' }).click();
    await v.page.locator('.imp-lead').getByRole('button', { name: '试运行' }).click();
    await v.page.getByText('所有行都可以写入。').waitFor();
    await v.page.getByRole('button', { name: '下一步' }).click();
    await v.page.getByRole('button', { name: '开始导入' }).click();
    await v.page.getByRole('button', { name: '撤销这次导入' }).waitFor();
    const count = async () => (await api<{ data: Row[] }>(v, `/account?filter=${encodeURIComponent(JSON.stringify({ field: 'name', op: 'contains', value: tag }))}`)).data.length;
    expect(await count()).toBe(3);
    await shot(v.page, 'import-done');
    await v.page.getByRole('button', { name: '撤销这次导入' }).click();
    await expect.poll(count, { timeout: 20_000 }).toBe(0);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('switches language and look without a reload', async () => {
    const v = await visit(browser);
    await enter(v, '/o/account?layout=table');
    await v.page.evaluate(() => { (window as unknown as { kept: boolean }).kept = true; });
    await v.page.getByRole('button', { name: '语言、外观与账号' }).click();
    await v.page.getByRole('menuitemradio', { name: 'English' }).click();
    await v.page.getByRole('heading', { level: 1, name: 'Accounts' }).waitFor();
    expect(await v.page.locator('html').getAttribute('lang')).toBe('en');
    await v.page.getByRole('button', { name: 'Language, theme, account' }).click();
    await v.page.getByRole('menuitemradio', { name: 'Dark' }).click();
    await expect.poll(() => v.page.locator('html').getAttribute('data-theme')).toBe('dark');
    expect(await v.page.evaluate(() => (window as unknown as { kept?: boolean }).kept)).toBe(true);
    await shot(v.page, 'list-en-dark');
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('leaves keys alone while an input method composes', async () => {
    const v = await visit(browser);
    await enter(v, '/o/account?layout=table');
    await v.page.evaluate(() => document.dispatchEvent(new KeyboardEvent('keydown', { key: 'c', isComposing: true, bubbles: true })));
    await v.page.waitForTimeout(300);
    expect(await v.page.locator('dialog[open]').count()).toBe(0);
    await v.page.keyboard.press('?');
    await v.page.getByRole('heading', { name: '快捷键' }).waitFor();
    await v.context.close();
  });
});
