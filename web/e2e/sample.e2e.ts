import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsOf, sideways } from './axe';
import { launch, settled, shot, visit } from './browser';
import { freePort } from './server';

let browser: Browser;
let server: ChildProcess;
let folder = '';
let home = '';

/** A workspace of one's own, as `rapport serve` makes it in an empty folder. */
beforeAll(async () => {
  const bin = process.env['RAPPORT_BIN'];
  if (!bin) throw new Error('this journey needs RAPPORT_BIN');
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), 'rapport-own-'));
  const port = await freePort();
  home = `http://127.0.0.1:${port}`;
  server = spawn(bin, ['serve', '--data', folder, '--listen', `127.0.0.1:${port}`], { stdio: 'ignore' });
  const deadline = Date.now() + 120_000;
  while (!(await fetch(`${home}/readyz`).then((r) => r.ok, () => false))) {
    if (Date.now() > deadline) throw new Error('rapport serve was not ready in time');
    await new Promise((r) => setTimeout(r, 250));
  }
});
afterAll(async () => {
  server.kill('SIGTERM');
  await Promise.race([new Promise((r) => server.once('exit', r)), new Promise((r) => setTimeout(r, 10_000))]);
  await rm(folder, { recursive: true, force: true });
  await browser.close();
});

describe('an empty workspace', () => {
  it('is set up in the browser, filled with sample data in one click, and emptied again', async () => {
    const v = await visit(browser, { lang: 'zh-CN' });
    await v.page.goto(home);
    await v.page.locator('form input').first().waitFor();
    await shot(v.page, 'first-run');
    await v.page.getByLabel('公司名称').fill('听泉仪器');
    await v.page.getByLabel('姓名').fill('林晓');
    await v.page.getByLabel('邮箱').fill('lin@example.com');
    await v.page.getByLabel('密码', { exact: true }).fill('a fine long phrase 7');
    await v.page.locator('form button[type=submit]').click();
    const card = v.page.locator('.sample-card');
    await card.waitFor();
    await settled(v.page);
    expect(await faultsOf(v.page)).toEqual([]);
    await shot(v.page, 'sample-offered');
    await card.getByRole('button', { name: '加入示例数据' }).click();
    await card.getByRole('button', { name: '移除示例数据' }).waitFor();
    await v.page.locator('.home .day > li').first().waitFor();
    await settled(v.page);
    await shot(v.page, 'sample-here');

    const phone = await visit(browser, { lang: 'en', theme: 'dark', width: 390 });
    await phone.context.addCookies(await v.context.cookies());
    await phone.page.goto(home);
    await phone.page.locator('.sample-card').getByRole('button', { name: 'Remove sample data' }).waitFor();
    await settled(phone.page);
    expect(await sideways(phone.page)).toBe(0);
    expect(await faultsOf(phone.page)).toEqual([]);
    await shot(phone.page, 'sample-here-390');
    await phone.page.locator('.sample-card').getByRole('button', { name: 'Remove sample data' }).click();
    await phone.page.locator('.sample-card').getByRole('button', { name: 'Add sample data' }).waitFor();
    expect(phone.complaints).toEqual([]);
    await phone.context.close();

    await v.page.goto(`${home}/o/account`);
    await v.page.locator('.empty').waitFor();
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });
});
