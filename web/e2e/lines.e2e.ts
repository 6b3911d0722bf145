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
  await dialog.locator('.lines tbody tr').first().waitFor();
  // The first line gets another quantity, a further one is added at the end.
  await dialog.getByLabel(zh ? '数量 1' : 'Quantity 1', { exact: true }).fill('7');
  await dialog.locator('.lines tbody tr').last().getByRole('combobox').click();
  await v.page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option').first().click();
  await dialog.getByLabel(zh ? `数量 ${before.length + 1}` : `Quantity ${before.length + 1}`, { exact: true }).fill('2');
  await expect.poll(() => dialog.locator('.lines tbody tr').count()).toBe(before.length + 2);
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
