import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsOf, sideways } from './axe';
import { api, base, enter, launch, settled, shot, visit, type Visit, type Row } from './browser';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

async function write(v: Visit, path: string, data: unknown, method: 'POST' | 'PATCH' = 'PATCH'): Promise<Row> {
  const answer = await v.context.request.fetch(`${base()}/api/v1${path}`, { method, data, headers: { Origin: base() } });
  expect(answer.ok(), `${path} ${await answer.text()}`).toBe(true);
  return (await answer.json()) as Row;
}

let made = 0;
/** A customer of this journey alone, so that journeys do not meet. */
async function customer(v: Visit, more: Record<string, unknown> = {}): Promise<Row> {
  made += 1;
  return write(v, '/account', { name: `${['澄江', '苍梧', '鹿鸣', '石渠', '沧浪', '银杏', '白鹭', '长乐'][made % 8]}${Date.now() % 100000}${made}科技有限公司`, ...more }, 'POST');
}

/** The row of a field among the facts; blank ones are folded away at first. */
async function fact(page: Page, name: string) {
  const toggle = page.getByRole('button', { name: /个空字段|empty field/ });
  if (await toggle.isVisible()) await toggle.click();
  const row = page.locator('.kv dt', { hasText: new RegExp(`^${name}$`) }).locator('xpath=following-sibling::dd[1]');
  await row.waitFor();
  return row;
}

async function edit(page: Page, name: string, value: string): Promise<void> {
  const row = await fact(page, name);
  await row.hover();
  await row.getByRole('button', { name: `修改${name}` }).click();
  await page.locator('.fact-editor input').fill(value);
}

describe('the day', () => {
  it('shows what is late, puts it off, and takes that back', async () => {
    const v = await visit(browser);
    await enter(v, '/');
    const late = new Date(Date.now() - 3 * 86_400_000).toISOString();
    const mine = await customer(v, { next_follow_at: late });
    await v.page.reload();
    await settled(v.page);
    await v.page.getByRole('radio', { name: '我的' }).click();
    const line = v.page.locator('.day > li', { hasText: String(mine['name']) });
    await line.waitFor();
    await shot(v.page, 'home-mine');
    await line.hover();
    await line.getByRole('button', { name: /^推迟/ }).click();
    await v.page.getByRole('menuitem', { name: /一周后/ }).click();
    await expect.poll(async () => new Date(String((await api<Row>(v, `/account/${mine.id}`))['next_follow_at'])).getTime()).toBeGreaterThan(Date.now() + 6 * 86_400_000);
    await v.page.locator('.toast', { hasText: '已推迟到' }).waitFor();
    await v.page.keyboard.press('Control+z');
    await expect.poll(async () => (await api<Row>(v, `/account/${mine.id}`))['next_follow_at']).toBe(late);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it.each([['zh-CN', 'light', 1440], ['en', 'dark', 1440], ['zh-CN', 'light', 390], ['en', 'dark', 390]] as const)('stands in %s %s at %i without faults', async (lang, theme, width) => {
    const v = await visit(browser, { lang, theme, width });
    await enter(v, '/');
    await v.page.locator('.home .pipe li').first().waitFor();
    await settled(v.page);
    await shot(v.page, `home-${lang}-${theme}-${width}`);
    expect(await sideways(v.page)).toBe(0);
    expect(await faultsOf(v.page)).toEqual([]);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });
});

describe('a record', () => {
  it('takes a follow-up with its next date in two taps and a sentence', async () => {
    const v = await visit(browser, { width: 390 });
    await enter(v, '/');
    const it = await customer(v);
    await v.page.goto(`${base()}/o/account/${it.id}`);
    await settled(v.page);
    await shot(v.page, 'record-phone');
    expect(await sideways(v.page)).toBe(0);
    expect(await faultsOf(v.page)).toEqual([]);
    await v.page.locator('.phone-act').getByRole('button', { name: '写跟进' }).click();
    const sheet = v.page.locator('dialog[open]');
    await sheet.locator('textarea').fill('首付两成可以接受，明天发修订版报价');
    await shot(v.page, 'composer-phone');
    expect(await faultsOf(v.page)).toEqual([]);
    await sheet.getByRole('button', { name: '明天' }).click();
    await sheet.getByRole('button', { name: '保存' }).click();
    await sheet.waitFor({ state: 'detached' });
    const next = new Date();
    next.setDate(next.getDate() + 1);
    await expect.poll(async () => new Date(String((await api<Row>(v, `/account/${it.id}`))['next_follow_at'] ?? 0)).toDateString()).toBe(next.toDateString());
    await v.page.getByText('首付两成可以接受').waitFor();
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('joins what two browsers changed, and asks about the field both changed', async () => {
    const a = await visit(browser);
    const b = await visit(browser);
    await enter(a, '/');
    const it = await customer(a, { short_name: '原名' });
    await enter(b, `/o/account/${it.id}`);
    await edit(b.page, '客户简称', '乙的写法');
    await write(a, `/account/${it.id}`, { short_name: '甲的写法', legal_rep: '王某' });
    await b.page.locator('.fact-editor').getByRole('button', { name: '保存' }).click();
    const dialog = b.page.locator('dialog[open]');
    await dialog.locator('.conf-opt').first().waitFor();
    await shot(b.page, 'conflict');
    expect(await faultsOf(b.page)).toEqual([]);
    // Nothing is chosen for the person.
    expect(await dialog.getByRole('button', { name: /^保存 · / }).isDisabled()).toBe(true);
    await dialog.getByText('乙的写法').click();
    await dialog.getByRole('button', { name: '按所选保存' }).click();
    await dialog.waitFor({ state: 'detached' });
    const now = await api<Row>(a, `/account/${it.id}`);
    expect([now['short_name'], now['legal_rep']]).toEqual(['乙的写法', '王某']);
    expect(b.complaints).toEqual([]);
    await a.context.close();
    await b.context.close();
  });

  it('keeps another field changed meanwhile, without a question', async () => {
    const v = await visit(browser);
    await enter(v, '/');
    const it = await customer(v, { short_name: '一' });
    await v.page.goto(`${base()}/o/account/${it.id}`);
    await settled(v.page);
    await edit(v.page, '客户简称', '二');
    await write(v, `/account/${it.id}`, { legal_rep: '李某' });
    await v.page.locator('.fact-editor').getByRole('button', { name: '保存' }).click();
    await v.page.locator('.fact-editor').waitFor({ state: 'detached' });
    const now = await api<Row>(v, `/account/${it.id}`);
    expect([now['short_name'], now['legal_rep']]).toEqual(['二', '李某']);
    expect(await v.page.locator('dialog[open]').count()).toBe(0);
    await v.context.close();
  });

  it('brings an old value back from the history of its field, and the whole record from a moment', async () => {
    const v = await visit(browser);
    await enter(v, '/');
    const it = await customer(v, { short_name: '第一' });
    await write(v, `/account/${it.id}`, { short_name: '第二' });
    await write(v, `/account/${it.id}`, { short_name: '第三', legal_rep: '赵某' });
    await v.page.goto(`${base()}/o/account/${it.id}`);
    await settled(v.page);
    const row = await fact(v.page, '客户简称');
    await row.hover();
    await row.getByRole('button', { name: '客户简称的历史' }).click();
    const pop = v.page.getByRole('dialog', { name: '客户简称的历史' });
    await pop.locator('li').nth(2).waitFor();
    await shot(v.page, 'field-history');
    expect(await faultsOf(v.page)).toEqual([]);
    await pop.locator('li', { hasText: '第二' }).filter({ hasNotText: '当前' }).getByRole('button', { name: '恢复', exact: true }).click();
    await expect.poll(async () => (await api<Row>(v, `/account/${it.id}`))['short_name']).toBe('第二');
    // The whole record as it stood when it was made.
    await v.page.locator('.tl-item', { hasText: '新建了这条记录' }).hover();
    await v.page.locator('.tl-item', { hasText: '新建了这条记录' }).getByRole('button', { name: '历史' }).click();
    await v.page.getByRole('menuitem', { name: '看看当时的样子' }).click();
    const past = v.page.locator('dialog[open]');
    await past.locator('.asof').waitFor();
    await shot(v.page, 'as-of');
    await past.getByRole('button', { name: '全部恢复' }).click();
    await expect.poll(async () => { const r = await api<Row>(v, `/account/${it.id}`); return [r['short_name'], r['legal_rep']]; }).toEqual(['第一', null]);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('undoes an edit and a removal with Ctrl Z', async () => {
    const v = await visit(browser);
    await enter(v, '/');
    const it = await customer(v, { short_name: '旧' });
    await v.page.goto(`${base()}/o/account/${it.id}`);
    await settled(v.page);
    await edit(v.page, '客户简称', '新');
    await v.page.keyboard.press('Enter');
    await v.page.locator('.toast', { hasText: '已改' }).waitFor();
    expect((await api<Row>(v, `/account/${it.id}`))['short_name']).toBe('新');
    await v.page.keyboard.press('Control+z');
    await expect.poll(async () => (await api<Row>(v, `/account/${it.id}`))['short_name']).toBe('旧');
    await v.page.getByRole('button', { name: '更多', exact: true }).first().click();
    await v.page.getByRole('menuitem', { name: '删除' }).click();
    await v.page.locator('.toast', { hasText: '回收站' }).waitFor();
    await v.page.keyboard.press('Control+z');
    await expect.poll(async () => (await api<Row>(v, `/account/${it.id}`))['deleted_at'] ?? null).toBeNull();
    await v.context.close();
  });
});

describe('a form', () => {
  it('keeps its draft through a reload', async () => {
    const v = await visit(browser);
    await enter(v, '/');
    await v.page.keyboard.press('c');
    await v.page.getByRole('dialog').getByRole('button', { name: /联系人/ }).click();
    await v.page.locator('#new-name').fill('周未完');
    await v.page.locator('#new-title').fill('质量经理');
    await v.page.waitForTimeout(500);
    await v.page.reload();
    await settled(v.page);
    await v.page.keyboard.press('c');
    await v.page.getByRole('dialog').getByRole('button', { name: /联系人/ }).click();
    await v.page.getByText('已恢复上次没保存的内容').waitFor();
    expect(await v.page.locator('#new-name').inputValue()).toBe('周未完');
    expect(await v.page.locator('#new-title').inputValue()).toBe('质量经理');
    await shot(v.page, 'form-draft');
    await v.page.getByRole('button', { name: '清空重填' }).click();
    expect(await v.page.locator('#new-name').inputValue()).toBe('');
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('warns of a duplicate while typing, with the way to it', async () => {
    const v = await visit(browser);
    await enter(v, '/');
    const it = await customer(v);
    await v.page.keyboard.press('c');
    await v.page.getByRole('dialog').getByRole('button', { name: /客户/ }).first().click();
    await v.page.locator('#new-name').fill(String(it['name']));
    const warning = v.page.locator('.dup');
    await warning.getByText(String(it['name'])).waitFor();
    await shot(v.page, 'form-duplicate');
    expect(await warning.getByRole('link', { name: '打开' }).getAttribute('href')).toBe(`/o/account/${it.id}`);
    expect(await faultsOf(v.page)).toEqual([]);
    await v.context.close();
  });

  it('takes a pasted line apart', async () => {
    const v = await visit(browser);
    await enter(v, '/');
    await v.page.keyboard.press('c');
    await v.page.getByRole('dialog').getByRole('button', { name: /联系人/ }).click();
    await v.page.locator('#new-name').focus();
    await v.page.evaluate(() => {
      const data = new DataTransfer();
      data.setData('text', '张三 13800138000 某某公司 采购经理');
      document.activeElement?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    });
    await v.page.getByText(/已从粘贴的内容里填好/).waitFor();
    expect(await v.page.locator('#new-name').inputValue()).toBe('张三');
    expect(await v.page.locator('#new-mobile').inputValue()).toBe('13800138000');
    expect(await v.page.locator('#new-title').inputValue()).toBe('采购经理');
    await v.context.close();
  });

  it('makes a deal with line items and their sum', async () => {
    const v = await visit(browser);
    await enter(v, '/');
    const it = await customer(v);
    await v.page.goto(`${base()}/o/account/${it.id}`);
    await settled(v.page);
    await v.page.getByRole('button', { name: '新建商机' }).first().click();
    const name = `在线检测线 ${Date.now()}`;
    await v.page.locator('#new-name').fill(name);
    await v.page.locator('#new-close_on').fill('2027-03-31');
    await v.page.keyboard.press('Enter');
    await v.page.locator('#line-0').click();
    await v.page.locator('.ant-select-item-option').first().click();
    await expect.poll(() => v.page.getByLabel('销售单价 1').inputValue()).not.toBe('');
    await v.page.getByLabel('数量 1').fill('3');
    await v.page.getByLabel('销售单价 1').fill('1200.50');
    await v.page.locator('.lines tfoot', { hasText: '¥3,601.50' }).waitFor();
    await shot(v.page, 'form-lines');
    expect(await faultsOf(v.page)).toEqual([]);
    await v.page.getByRole('button', { name: /^新建(Ctrl|$)/ }).last().click();
    await v.page.waitForURL(/\/o\/opportunity\//);
    const id = new URL(v.page.url()).pathname.split('/').pop() ?? '';
    const lines = await api<{ data: Row[] }>(v, `/opportunity_line?filter=${encodeURIComponent(JSON.stringify({ field: 'opportunity_id', op: 'eq', value: id }))}`);
    expect(lines.data).toHaveLength(1);
    expect((await api<Row>(v, `/opportunity/${id}`))['amount']).toMatchObject({ amount: '3601.50' });
    await v.page.locator('.rl', { hasText: '商机产品' }).getByText('¥3,601.50').waitFor();
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });
});

describe('who can see a record', () => {
  it.each([['zh-CN', 'light', 1440], ['en', 'dark', 390]] as const)('is told person by person with the reason, and before sharing (%s, %s, %i)', async (lang, theme, width) => {
    const zh = lang === 'zh-CN';
    const v = await visit(browser, { lang, theme, width });
    await enter(v, '/');
    const people = (await api<{ data: Row[] }>(v, `/user?limit=200&fields=name&filter=${encodeURIComponent("name in ('方可心', '苏棠')")}`)).data;
    const id = (name: string) => people.find((p) => p['name'] === name)!.id;
    const mine = await customer(v, { owner_id: id('方可心') });
    await v.page.goto(`${base()}/o/account/${mine.id}`);
    await settled(v.page);
    await v.page.getByRole('button', { name: zh ? '更多' : 'More', exact: true }).first().click();
    await v.page.getByRole('menuitem', { name: zh ? '谁能看到，为什么' : 'Who can see this, and why' }).click();
    const dialog = v.page.locator('dialog[open]');
    const line = (name: string) => dialog.locator('.access li', { hasText: name });
    await line('方可心').getByText(zh ? '负责人' : 'owner').waitFor();
    await line('周航').getByText(zh ? /负责人的上级|角色范围含所属部门/ : /superior of the owner|the role reaches its department/).first().waitFor();
    await line('沈知微').getByText(zh ? '管理员' : 'administrator').waitFor();
    expect(await line('苏棠').count()).toBe(0);
    await dialog.getByRole('combobox').fill('苏棠');
    await v.page.locator('.ant-select-item-option', { hasText: '苏棠' }).first().click();
    await dialog.getByText(zh ? '苏棠 目前看不到' : '苏棠 does not see it').waitFor();
    expect(await faultsOf(v.page)).toEqual([]);
    await shot(v.page, `readers-${lang}-${theme}-${width}`);
    await dialog.locator('button[type=submit]').click();
    await line('苏棠').getByText(zh ? '单独共享' : 'shared', { exact: true }).waitFor();
    await shot(v.page, `readers-shared-${lang}-${theme}-${width}`);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });
});
