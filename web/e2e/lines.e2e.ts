import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { wrongWith } from './axe';
import { api, base, enter, launch, settled, shot, visit, type Row } from './browser';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

it.each([['zh-CN', 'light', 1440], ['en', 'dark', 390]] as const)('all line items of a deal are edited as one table, saved together, undone together (%s, %s, %i)', async (lang, theme, width) => {
  const v = await visit(browser, { lang, theme, width });
  const zh = lang === 'zh-CN';
  await enter(v, '/');
  const some = (await api<{ data: Row[] }>(v, `/opportunity_line?limit=1&sort=${width > 900 ? '' : '-'}created_at`)).data[0]!;
  const deal = String(some['opportunity_id']);
  const read = async () => (await api<{ data: Row[] }>(v, `/opportunity_line?limit=50&sort=created_at&filter=${encodeURIComponent(JSON.stringify({ field: 'opportunity_id', op: 'eq', value: deal }))}`)).data;
  const before = await read();
  await v.page.goto(`${base()}/o/opportunity/${deal}`);
  await settled(v.page);
  if (width < 900) await v.page.getByRole('tab', { name: zh ? '相关' : 'Related' }).click();
  await v.page.getByRole('button', { name: zh ? '编辑全部明细' : 'Edit all line items' }).click();
  const dialog = v.page.locator('dialog[open]');
  await dialog.locator('.lines tbody tr.line').first().waitFor();
  // The first line gets another quantity, a further one is added at the end.
  await dialog.getByLabel(zh ? '数量 1' : 'Quantity 1', { exact: true }).fill('7');
  await dialog.locator('.lines tbody tr.line').last().getByRole('combobox').click();
  await v.page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option').first().click();
  await dialog.getByLabel(zh ? `数量 ${before.length + 1}` : `Quantity ${before.length + 1}`, { exact: true }).fill('2');
  await expect.poll(() => dialog.locator('.lines tbody tr.line').count()).toBe(before.length + 2);
  await shot(v.page, `lines-${lang}-${theme}-${width}`);
  expect(await wrongWith(v.page, 'lines')).toEqual([]);
  await dialog.getByRole('button', { name: zh ? '保存' : 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  const after = await read();
  expect(after.length).toBe(before.length + 1);
  expect(after.map((r) => Number(r['quantity']))).toContain(7);
  await v.page.locator('.toast').getByRole('button', { name: zh ? /^撤销/ : /^Undo/ }).click();
  await expect.poll(async () => (await read()).map((r) => [r.id, r['quantity']])).toEqual(before.map((r) => [r.id, r['quantity']]));
  expect(v.complaints).toEqual([]);
  await v.context.close();
});

it.each([['zh-CN', 'light', 1440], ['en', 'dark', 390]] as const)('a subscription asks for its term in the line, before it is saved (%s, %s, %i)', async (lang, theme, width) => {
  const v = await visit(browser, { lang, theme, width });
  const say = (zh: string, en: string) => (lang === 'zh-CN' ? zh : en);
  await enter(v, '/');
  const post = async (path: string, data: object) => (await (await v.context.request.post(`${base()}/api/v1${path}`, { data, headers: { Origin: base() } })).json()) as Row;
  const name = `Cloud ${Date.now()}`;
  const category = (await api<{ data: Row[] }>(v, '/product_category?limit=1')).data[0]!.id;
  const product = await post('/product', { name, code: name, category_id: category, is_subscription: true, billing_period: 'quarter', list_price: { amount: '300', currency: 'CNY' } });
  expect(product.id).toBeTruthy();
  const deal = String((await api<{ data: Row[] }>(v, '/opportunity_line?limit=1')).data[0]!['opportunity_id']);
  const ofProduct = async () => (await api<{ data: Row[] }>(v, `/opportunity_line?filter=${encodeURIComponent(JSON.stringify({ field: 'product_id', op: 'eq', value: product.id }))}`)).data;
  await v.page.goto(`${base()}/o/opportunity/${deal}`);
  await settled(v.page);
  if (width < 900) await v.page.getByRole('tab', { name: say('相关', 'Related') }).click();
  await v.page.getByRole('button', { name: say('编辑全部明细', 'Edit all line items') }).click();
  const dialog = v.page.locator('dialog[open]');
  await dialog.locator('.lines tbody tr.line').first().waitFor();
  const box = dialog.locator('.lines tbody tr.line').last().getByRole('combobox');
  await box.click();
  await box.fill(name);
  await v.page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option', { hasText: name }).click();
  // What a recurring charge needs comes with the product; without the term nothing is sent.
  const more = dialog.locator('.line-more').last();
  const term = more.getByLabel(say('期限（月）', 'Term (months)'));
  await term.waitFor();
  let sent = 0;
  v.page.on('request', (r) => { if (r.url().endsWith('/opportunity_line/batch')) sent += 1; });
  await dialog.getByRole('button', { name: say('保存', 'Save') }).click();
  await more.locator('.late').waitFor();
  expect(sent).toBe(0);
  await expect.poll(() => term.evaluate((el) => el === document.activeElement)).toBe(true);
  await shot(v.page, `lines-condition-${lang}-${theme}-${width}`);
  expect(await wrongWith(v.page, 'lines')).toEqual([]);
  await term.fill('12');
  await more.locator('.late').waitFor({ state: 'detached' });
  // Four quarters.
  await dialog.locator('.lines tbody tr.line', { has: v.page.locator('.num', { hasText: '1,200.00' }) }).first().waitFor();
  await shot(v.page, `lines-term-${lang}-${theme}-${width}`);
  await dialog.getByRole('button', { name: say('保存', 'Save') }).click();
  await dialog.waitFor({ state: 'detached' });
  const [made] = await ofProduct();
  expect(made).toMatchObject({ charge_kind: 'recurring', billing_period: 'quarter', term_months: 12 });
  await v.page.locator('.toast').getByRole('button', { name: say('撤销', 'Undo') }).first().click();
  await expect.poll(async () => (await ofProduct()).length).toBe(0);
  expect(v.complaints).toEqual([]);
  await v.context.close();
});
