import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wrongWith } from './axe';
import { api, base, enter, launch, settled, shot, visit, type Row } from './browser';
import { words } from './words';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

const f = (filter: unknown) => encodeURIComponent(JSON.stringify(filter));

describe('a change of many records', () => {
  for (const look of [{ name: 'zh-light-1440', lang: 'zh-CN', theme: 'light', width: 1440 }, { name: 'en-dark-1440', lang: 'en', theme: 'dark', width: 1440 }] as const) {
    it(`is the server's work: it outlives the page and is undone as one: ${look.name}`, async () => {
      const v = await visit(browser, look);
      const t = words(look.lang);
      await enter(v, '/o/account?layout=table');
      // Enough customers of its own, so that the journey stands in any workspace.
      const stamp = `Bulk ${Date.now() % 1_000_000}`;
      const ops = Array.from({ length: 1_200 }, (_, i) => ({ op: 'create', data: { name: `${stamp} · ${String(i).padStart(4, '0')}` } }));
      const made = await v.context.request.post(`${base()}/api/v1/account/batch?override_duplicates=true`, { data: { ops }, headers: { Origin: base() }, timeout: 120_000 });
      expect(made.ok()).toBe(true);
      const filter = { field: 'name', op: 'starts', value: stamp };
      await v.page.goto(`${base()}/o/account?layout=table&filter=${f(filter)}`);
      await settled(v.page);
      await v.page.locator('tr[data-id] input[type=checkbox]').first().click();
      await v.page.getByRole('button', { name: t('bulk.selectAll', { n: '1,200' }) }).click();
      await v.page.getByRole('toolbar').getByRole('button', { name: t('bulk.edit') }).click();
      const dialog = v.page.locator('dialog[open]');
      const website = (await api<{ objects: { name: string; fields: { name: string; label: { en: string; zh: string } }[] }[] }>(v, '/meta/model')).objects.find((o) => o.name === 'account')!.fields.find((x) => x.name === 'website')!.label;
      const label = look.lang === 'en' ? website.en : website.zh;
      await dialog.getByRole('combobox', { name: t('filter.field') }).fill(label);
      await v.page.locator(`.ant-select-item-option[title="${label}"]`).first().click();
      await dialog.getByRole('textbox', { name: label }).fill('https://example.com/');
      await dialog.getByRole('button', { name: t('bulk.editDo') }).click();
      const job = v.page.locator('.job').first();
      await job.waitFor();
      await shot(v.page, `bulk-running-${look.name}`);

      // The page goes; the work does not. The tray shows it again.
      await v.page.reload();
      await settled(v.page);
      await v.page.locator('.job[data-state="done"]').waitFor({ timeout: 120_000 });
      await v.page.getByText(t('job.done', { done: '1,200', total: '1,200' })).waitFor();
      await shot(v.page, `bulk-done-${look.name}`);
      expect(await wrongWith(v.page, 'done')).toEqual([]);
      const written = async () => (await api<{ count: { value: number } }>(v, `/account?filter=${f({ and: [filter, { field: 'website', op: 'eq', value: 'https://example.com/' }] })}&count=exact&limit=1`)).count.value;
      expect(await written()).toBe(1_200);
      const id = (await api<{ data: Row[] }>(v, '/bulk')).data[0]!.id;

      await v.page.locator('.job[data-state="done"]').getByRole('button', { name: t('act.undo') }).click();
      await v.page.locator('.job[data-state="undone"]').waitFor({ timeout: 120_000 });
      expect(await written()).toBe(0);
      await v.page.locator('.job').getByRole('button', { name: t('act.close') }).click();
      await v.page.locator('.job').waitFor({ state: 'detached' });
      await expect.poll(async () => (await api<{ data: Row[] }>(v, '/bulk')).data.some((j) => j.id === id)).toBe(false);

      // Deleted as one, with a reason for each that stays; here all go.
      await v.page.locator('tr[data-id] input[type=checkbox]').first().click();
      await v.page.getByRole('button', { name: t('bulk.selectAll', { n: '1,200' }) }).click();
      await v.page.getByRole('toolbar').getByRole('button', { name: t('list.more') }).click();
      await v.page.getByRole('menuitem', { name: t('bulk.remove', { count: 1_200, n: '1,200' }) }).click();
      await v.page.locator('.job[data-state="done"]').waitFor({ timeout: 120_000 });
      expect((await api<{ count: { value: number } }>(v, `/account?filter=${f(filter)}&count=exact&limit=1`)).count.value).toBe(0);
      await v.page.locator('.job').getByRole('button', { name: t('act.close') }).click();
      expect(v.complaints).toEqual([]);
      await v.context.close();
    });
  }
});
