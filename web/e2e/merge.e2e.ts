import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wrongWith } from './axe';
import { api, base, enter, launch, settled, shot, visit, type Row, type Visit } from './browser';

// Duplicates: merged from the list field by field and taken apart again; told while one types, and filled in there.

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

let made = 0;
async function customer(v: Visit, data: Record<string, unknown>): Promise<Row> {
  const answer = await v.context.request.post(`${base()}/api/v1/account`, { data, headers: { Origin: base() } });
  expect(answer.ok(), await answer.text()).toBe(true);
  return (await answer.json()) as Row;
}
const pairName = () => `${['澄江', '苍梧', '鹿鸣', '石渠'][(made += 1) % 4]}${Date.now() % 1_000_000}`;

describe('duplicates', () => {
  it.each([['zh-CN', 'light', 1440], ['en', 'dark', 1440]] as const)('are merged from the list with a choice of values, and taken apart by undo (%s, %s)', async (lang, theme, width) => {
    const v = await visit(browser, { lang, theme, width });
    const zh = lang === 'zh-CN';
    await enter(v, '/');
    const name = pairName();
    const a = await customer(v, { name: `${name}仪表有限公司`, short_name: '甲简称', website: 'https://jia.example' });
    const b = await customer(v, { name: `${name}仪表厂`, short_name: '乙简称', legal_rep: '王某' });
    await v.page.goto(`${base()}/o/account?layout=table&q=${encodeURIComponent(name)}`);
    await settled(v.page);
    for (const r of [a, b]) await v.page.locator(`tr[data-id="${r.id}"] input[type=checkbox]`).click();
    await v.page.getByRole('toolbar').getByRole('button', { name: zh ? '合并' : 'Merge' }).click();
    const dialog = v.page.locator('dialog[open]');
    await dialog.getByRole('radio', { name: new RegExp(`${zh ? '保留这一条' : 'Keep this one'}: ${name}仪表有限公司`) }).check();
    await dialog.locator('tr[data-merge="short_name"] label', { hasText: '乙简称' }).click();
    await shot(v.page, `merge-${lang}-${theme}`);
    expect(await wrongWith(v.page, 'merge')).toEqual([]);
    await dialog.locator('button[type=submit]').click();
    await dialog.waitFor({ state: 'detached' });
    await v.page.locator(`tr[data-id="${b.id}"]`).waitFor({ state: 'detached' });
    const one = await api<Row>(v, `/account/${a.id}`);
    expect([one['name'], one['short_name'], one['legal_rep'], one['website']]).toEqual([a['name'], '乙简称', '王某', 'https://jia.example']);
    await v.page.locator('.toast').getByRole('button', { name: zh ? /^撤销/ : /^Undo/ }).click();
    await v.page.locator(`tr[data-id="${b.id}"]`).waitFor();
    expect((await api<Row>(v, `/account/${a.id}`))['short_name']).toBe('甲简称');
    expect((await api<Row>(v, `/account/${b.id}`))['short_name']).toBe('乙简称');
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('are told while one types; what was typed fills the record that is there', async () => {
    const v = await visit(browser);
    await enter(v, '/o/account?layout=table');
    const name = `${pairName()}精密仪器有限公司`;
    const a = await customer(v, { name, short_name: '原有简称' });
    await v.page.keyboard.press('c');
    const form = v.page.locator('dialog[open]');
    await form.locator('#new-name').fill(name);
    await form.locator('.dup').getByText(name).waitFor();
    await form.getByRole('button', { name: /更多字段|个字段/ }).first().click();
    await form.locator('#new-short_name').fill('另一个简称');
    await form.locator('#new-legal_rep').fill('李某');
    await shot(v.page, 'merge-warning-zh');
    await form.locator('.dup').getByRole('button', { name: '补到这条' }).first().click();
    await v.page.locator('.record h1', { hasText: name }).waitFor();
    const now = await api<Row>(v, `/account/${a.id}`);
    expect([now['legal_rep'], now['short_name']]).toEqual(['李某', '原有简称']);
    await v.page.locator('.toast', { hasText: '没有改动' }).waitFor();
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('are looked for from a record and merged on the phone', async () => {
    const v = await visit(browser, { width: 390, lang: 'en' });
    await enter(v, '/');
    const name = `${pairName()} Harbour Tools`;
    const a = await customer(v, { name: `${name} Ltd.`, short_name: 'one' });
    const b = await customer(v, { name: `${name} Limited`, short_name: 'two' });
    await v.page.goto(`${base()}/o/account/${a.id}`);
    await settled(v.page);
    await v.page.locator('.rhead').getByRole('button', { name: 'More' }).click();
    await v.page.getByRole('menuitem', { name: 'Merge with a duplicate' }).click();
    const dialog = v.page.locator('dialog[open]');
    await dialog.locator('.mrg-list, .sec, #merge-other').first().waitFor();
    await settled(v.page);
    const alike = dialog.getByRole('checkbox', { name: `${name} Limited` });
    if (await alike.isVisible()) {
      await alike.check();
      await dialog.locator('button[type=submit]').click();
    } else {
      await dialog.locator('#merge-other').fill(`${name} Limited`);
      await v.page.locator('.ant-select-item-option', { hasText: `${name} Limited` }).click();
    }
    await dialog.locator('tr[data-merge="short_name"]').waitFor();
    await shot(v.page, 'merge-phone-en');
    expect(await wrongWith(v.page, 'merge on the phone')).toEqual([]);
    await dialog.getByRole('radio', { name: new RegExp(`Keep this one: ${name} Ltd`) }).check();
    await dialog.locator('button[type=submit]').click();
    await dialog.waitFor({ state: 'detached' });
    const gone = await v.context.request.get(`${base()}/api/v1/account/${b.id}`);
    expect(gone.status()).toBe(404);
    expect(((await gone.json()) as { moved_to?: unknown }).moved_to).toBeTruthy();
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });
});
