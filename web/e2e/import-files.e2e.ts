import { existsSync, readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { wrongWith } from './axe';
import { api, enter, launch, settled, shot, visit, type Row, type Visit } from './browser';
import { words } from './words';

let browser: Browser;
beforeAll(async () => { browser = await launch(); });
afterAll(async () => browser.close());

const t = words('zh-CN');
const csv = (name: string, lines: string[]) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(`\ufeff${lines.join('\n')}\n`) });
const next = (v: Visit) => v.page.getByRole('button', { name: t('act.next') }).click();

/** Chooses in the open list of a question. */
async function choose(v: Visit, question: RegExp, option: string) {
  await v.page.getByRole('combobox', { name: question }).click();
  await v.page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option').filter({ hasText: option }).first().click();
  await closed(v);
}

/** An open list has no name of its own for a screen reader before it is gone. */
const closed = (v: Visit) => expect.poll(() => v.page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden)').count()).toBe(0);

it('takes several files that belong together, asks what is open once, and keeps the plan', async () => {
  const v = await visit(browser);
  await enter(v, '/import/account');
  const tag = String(Date.now() % 100000);
  // A header of its own: what was decided for the same headers before would be proposed again.
  const deals = [`商机名称,客户,金额,预计成交日期,展位${tag}`, `甲${tag},听泉${tag}乳业,12000,2027-03-01,`, `乙${tag},听泉${tag}乳业公司,8000,2027-03-02,`, `丙${tag},听泉${tag}乳业公司,5000,2027-03-03,`, `丁${tag},,7000,2027-04-01,`];
  await v.page.locator('input[type=file]').setInputFiles([csv('商机.csv', deals), csv('客户.csv', ['客户名称,电话', `听泉${tag}乳业,0571-8888${tag.padStart(5, '0')}`])]);
  await v.page.locator('.imp-map').waitFor();
  // The customers come first, whatever the order of the files: the deals name them.
  const tabs = v.page.getByRole('tab');
  expect((await tabs.allTextContents()).map((x) => x.slice(0, 2))).toEqual(['客户', '商机']);
  await tabs.nth(1).click();
  await settled(v.page);
  await shot(v.page, 'import-files-map');
  expect(await wrongWith(v.page, 'several files')).toEqual([]);
  await next(v);
  const open = v.page.getByRole('region', { name: t('import.open') });
  await open.waitFor();
  expect(await open.locator('tbody tr').count()).toBe(2);
  // Left open, the rows come back with the reason in the words of their own object; nothing is lost by going back.
  await next(v);
  await v.page.locator('.imp-lead').getByRole('button', { name: t('import.tryDo') }).click();
  const wrong = v.page.getByRole('region', { name: t('import.wrongRows') });
  await wrong.waitFor();
  expect(await wrong.innerText()).toContain('客户：');
  expect(await wrong.innerText()).not.toContain('account_id');
  await v.page.getByRole('button', { name: t('act.back') }).click();
  await choose(v, new RegExp(`^听泉${tag}乳业公司 →`), `听泉${tag}乳业`);
  // What is typed counts as an answer, and raises the next question: that customer is not there yet.
  const blank = v.page.getByRole('combobox', { name: new RegExp(`^${t('import.blank')} →`) });
  await blank.fill(`未登记${tag}`);
  await v.page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option').filter({ hasText: `未登记${tag}` }).first().click();
  await closed(v);
  await shot(v.page, 'import-files-open');
  expect(await wrongWith(v.page, 'open points')).toEqual([]);
  await next(v);
  await choose(v, new RegExp(`^未登记${tag} →`), t('import.makeIt', { name: '客户' }));
  const [download] = await Promise.all([v.page.waitForEvent('download'), v.page.getByRole('button', { name: t('import.savePlan') }).click()]);
  const plan = readFileSync(await download.path(), 'utf8');
  expect(plan).toContain(`未登记${tag}`);
  await next(v);
  await v.page.locator('.imp-lead').getByRole('button', { name: t('import.tryDo') }).click();
  await v.page.getByText(t('import.tryOk')).waitFor();
  await next(v);
  await v.page.getByRole('button', { name: t('import.runDo') }).click();
  await v.page.getByRole('button', { name: t('import.undo') }).waitFor();
  const made = async (object: string, field: string) =>
    (await api<{ data: Row[] }>(v, `/${object}?expand=account_id&filter=${encodeURIComponent(JSON.stringify({ field, op: 'contains', value: tag }))}`)).data;
  const named = (await made('opportunity', 'name')).map((r) => `${String(r['name'])[0]} ${(r['$expand'] as Record<string, { title: string }>)['account_id']?.title}`);
  expect(named.sort()).toEqual([`丁 未登记${tag}`, `丙 听泉${tag}乳业`, `乙 听泉${tag}乳业`, `甲 听泉${tag}乳业`].sort());
  await v.page.getByRole('button', { name: t('import.undo') }).click();
  await expect.poll(async () => (await made('opportunity', 'name')).length, { timeout: 20_000 }).toBe(0);
  expect(v.complaints).toEqual([]);
  await v.context.close();
});

it('takes real, dirty files with their plan: nothing is open and every row can be written', async () => {
  const folder = new URL('../../../shared/data/maven-crm-pipeline/', import.meta.url).pathname;
  const data = process.env['RAPPORT_TEST_DATA'] ? `${process.env['RAPPORT_TEST_DATA']}/maven-crm-pipeline/` : folder;
  if (!existsSync(`${data}sales_pipeline.csv`)) {
    console.log(`skipped: the Maven files are not in ${data} (set RAPPORT_TEST_DATA)`);
    return;
  }
  const v = await visit(browser);
  await enter(v, '/import/account');
  const plan = new URL('../../docs/examples/maven-crm.toml', import.meta.url).pathname;
  await v.page.locator('input[type=file]').setInputFiles([...['sales_teams', 'products', 'accounts', 'sales_pipeline'].map((f) => `${data}${f}.csv`), plan]);
  await v.page.locator('.imp-map').waitFor();
  expect(await v.page.getByRole('tab').count()).toBe(10);
  await v.page.getByRole('tab').last().click();
  await shot(v.page, 'import-plan');
  await next(v);
  await v.page.getByRole('button', { name: t('import.savePlan') }).waitFor();
  await v.page.locator('.skel').first().waitFor({ state: 'detached', timeout: 60_000 });
  expect(await v.page.getByRole('region', { name: t('import.open') }).count()).toBe(0);
  await shot(v.page, 'import-plan-values');
  await next(v);
  await v.page.locator('.imp-lead').getByRole('button', { name: t('import.tryDo') }).click();
  await v.page.getByText(t('import.tryOk')).waitFor({ timeout: 120_000 });
  expect(v.complaints).toEqual([]);
  await v.context.close();
});
