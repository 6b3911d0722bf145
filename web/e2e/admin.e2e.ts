import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { base, enter, launch, settled, shot, visit } from './browser';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

const stamp = () => String(Date.now() % 1_000_000);

describe('objects and fields without code', () => {
  it('adds a picklist to the customer and sees it in form, list, filter and export without a reload', async () => {
    const v = await visit(browser);
    const name = `燃料${stamp()}`;
    await enter(v, '/settings/objects/account');
    await v.page.evaluate(() => Object.assign(window, { same: true }));
    await v.page.getByRole('button', { name: '新建字段' }).click();
    await v.page.locator('[data-type=pick]').click();
    const dialog = v.page.locator('dialog[open]');
    await dialog.getByLabel('中文名').fill(name);
    await dialog.getByLabel('选项 1 中文').fill('汽油');
    await dialog.getByLabel('选项 2 中文').fill('柴油');
    await shot(v.page, 'field-new');
    await dialog.getByRole('button', { name: '添加字段' }).click();
    await dialog.waitFor({ state: 'detached' });
    const row = v.page.locator('tr[data-field]', { hasText: name });
    await row.waitFor();
    const field = (await row.getAttribute('data-field'))!;
    expect(field).toMatch(/^rl\w*__c$/);

    // The form.
    await v.page.getByRole('navigation', { name: '主导航' }).getByRole('link', { name: '客户', exact: true }).click();
    await v.page.locator('td.cell-title').first().waitFor();
    await v.page.keyboard.press('c');
    const form = v.page.locator('dialog[open]');
    await form.locator('.form-item').first().waitFor();
    const customer = `新字段客户${stamp()}`;
    await form.locator('#new-name').fill(customer);
    await form.getByRole('button', { name: /更多字段|个字段/ }).first().click();
    await form.locator(`#new-${field}`).fill('汽油');
    await v.page.locator('.ant-select-item-option', { hasText: '汽油' }).first().click();
    await shot(v.page, 'field-in-form');
    await v.page.keyboard.press('Control+Enter');
    await v.page.locator('.record h1', { hasText: customer }).waitFor();
    await v.page.getByText(name).first().waitFor();

    // The list: as a condition, by name.
    await v.page.getByRole('navigation', { name: '主导航' }).getByRole('link', { name: '客户', exact: true }).click();
    await v.page.getByRole('button', { name: '添加条件' }).click();
    const pop = v.page.getByRole('dialog', { name: '添加条件' });
    await pop.getByRole('combobox', { name: '字段' }).fill(name);
    await v.page.locator(`.ant-select-item-option[title="${name}"]`).click();
    await pop.getByRole('group', { name: '值' }).getByRole('checkbox').first().check();
    await pop.getByRole('button', { name: '应用' }).click();
    await v.page.locator('td.cell-title', { hasText: customer }).waitFor();
    await expect.poll(async () => v.page.locator('td.cell-title').count()).toBe(1);

    // The export carries it, under its label; nothing was reloaded on the way.
    const csv = await (await v.context.request.get(`${base()}/api/v1/account/export?format=csv&fields=name,${field}&filter=${encodeURIComponent(`${field} = 'qy'`)}`)).text();
    expect(csv).toContain(name);
    expect(csv).toContain(customer);
    expect(csv).toContain('汽油');
    expect(await v.page.evaluate(() => (window as unknown as { same?: boolean }).same)).toBe(true);

    // Off again, with its data kept.
    await v.page.goto(`${base()}/settings/objects/account`);
    await row.getByRole('button', { name: new RegExp(`^「${name}」`) }).click();
    await v.page.getByRole('menuitem', { name: '停用字段' }).click();
    await v.page.locator('.toast').waitFor();
    await row.waitFor({ state: 'detached' });
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('checks a formula while it is typed, and computes it', async () => {
    const v = await visit(browser, { lang: 'en' });
    const name = `Upper ${stamp()}`;
    await enter(v, '/settings/objects/account');
    await v.page.getByRole('button', { name: 'New field' }).click();
    await v.page.locator('[data-type=calc]').click();
    const dialog = v.page.locator('dialog[open]');
    await dialog.getByLabel('Label, English').fill(name);
    await dialog.getByLabel('Formula').fill('UPPER(nme)');
    await dialog.locator('.formula-said .late').waitFor();
    await shot(v.page, 'formula-wrong');
    await dialog.getByLabel('Formula').fill('UPPER(name)');
    await dialog.locator('.formula-said .ok').waitFor();
    await dialog.getByRole('button', { name: 'Add field' }).click();
    await dialog.waitFor({ state: 'detached' });
    const field = (await v.page.locator('tr[data-field]', { hasText: name }).getAttribute('data-field'))!;
    const made = await v.context.request.post(`${base()}/api/v1/account`, { data: { name: `harbour ${name}` }, headers: { Origin: base() } });
    expect(((await made.json()) as Record<string, string>)[field]).toBe(`HARBOUR ${name.toUpperCase()}`);
    // Undo of the toast takes the field away again.
    await v.page.getByRole('button', { name: /^Undo/ }).click();
    await v.page.locator(`tr[data-field="${field}"]`).waitFor({ state: 'detached' });
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('makes an object of its own, with list and form at once', async () => {
    const v = await visit(browser, { lang: 'en' });
    const name = `Machine ${stamp()}`;
    await enter(v, '/settings/objects');
    await v.page.getByRole('button', { name: 'New object' }).click();
    const dialog = v.page.locator('dialog[open]');
    await dialog.getByLabel('Label, Chinese').fill('设备');
    await dialog.getByLabel('Label, English').fill(name);
    await shot(v.page, 'object-new');
    await dialog.getByRole('button', { name: 'Add object' }).click();
    await v.page.locator('h1', { hasText: name }).waitFor();
    await v.page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name }).click();
    // The settings page has the same heading and stays until the list is drawn, which is after the address has changed.
    await v.page.locator('.browse-main').waitFor();
    await v.page.locator('.sheet h1', { hasText: name }).waitFor();
    await settled(v.page);
    await v.page.keyboard.press('c');
    await v.page.locator('dialog[open] #new-name__c').fill('CNC 01');
    await v.page.keyboard.press('Control+Enter');
    await v.page.locator('.record h1', { hasText: 'CNC 01' }).waitFor();
    await settled(v.page);
    await shot(v.page, 'object-own-record');
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });
});
