import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsOf } from './axe';
import { api, base, enter, launch, settled, shot, visit, type Row, type Visit } from './browser';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

const stamp = () => String(Date.now() % 1_000_000);
const headers = () => ({ Origin: base() });

async function text(v: Visit): Promise<string> {
  return (await v.context.request.get(`${base()}/api/v1/meta/custom`)).text();
}

async function apply(v: Visit, next: string): Promise<void> {
  const answer = await v.context.request.post(`${base()}/api/v1/meta/custom`, { data: { text: next, retire_all: true }, headers: headers() });
  expect(answer.status(), await answer.text()).toBe(200);
}

async function make(v: Visit, data: Record<string, unknown>): Promise<Row> {
  const answer = await v.context.request.post(`${base()}/api/v1/account`, { data, headers: headers() });
  expect(answer.status(), await answer.text()).toBeLessThan(300);
  return (await answer.json()) as Row;
}

describe('rules without code', () => {
  it('makes a rule, sees how many records break it, and is refused in its words', async () => {
    const v = await visit(browser);
    const mark = `禁用${stamp()}`;
    await enter(v, '/settings/objects/account');
    const before = await text(v);
    await make(v, { name: `${mark}旧客户` });
    await v.page.getByRole('tab', { name: /^规则/ }).click();
    await v.page.getByText('还没有规则').waitFor();
    await shot(v.page, 'rules-none');
    await v.page.getByRole('button', { name: '新建规则' }).first().click();
    const dialog = v.page.locator('dialog[open]');
    await dialog.getByRole('button', { name: '不得成立' }).click();
    const formula = dialog.getByLabel('成立就拒绝保存');

    // Wrong while it is typed, in words.
    await formula.fill('STARTS(nme, "x")');
    await dialog.locator('.formula-said .late', { hasText: '是不是 name？' }).waitFor();
    await shot(v.page, 'rule-wrong');
    await formula.fill(`STARTS(name, "${mark}")`);
    await dialog.locator('.formula-said .ok').waitFor();

    // Tried on the record changed last, which breaks it; one record in all does.
    await dialog.locator('[data-sample] .late', { hasText: '不通过' }).waitFor();
    await dialog.locator('[data-broken="1"]').waitFor();
    await shot(v.page, 'rule-sample');
    const other = dialog.getByLabel('用这条试算');
    const second = (await other.locator('option').nth(1).getAttribute('value'))!;
    await other.selectOption(second);
    await dialog.locator('[data-sample] .ok', { hasText: '通过' }).waitFor();
    const [list] = await Promise.all([v.context.waitForEvent('page'), dialog.getByRole('link', { name: '查看' }).click()]);
    await list.locator('td.cell-title', { hasText: mark }).waitFor();
    expect(await list.locator('td.cell-title').count()).toBe(1);
    await list.close();

    await dialog.getByLabel('提示（中文）').fill(`客户名称不能以「${mark}」开头`);
    await dialog.getByLabel('提示（英文）').fill(`The name must not start with ${mark}`);
    await dialog.getByLabel('提示位置').selectOption('name');
    await dialog.getByLabel('代码').fill('no_mark');
    expect(await faultsOf(v.page)).toEqual([]);
    await dialog.getByRole('button', { name: '添加规则' }).click();
    await dialog.waitFor({ state: 'detached' });
    await v.page.locator('[data-rule=no_mark]').waitFor();
    await shot(v.page, 'rules-list');
    expect(await faultsOf(v.page)).toEqual([]);

    // The form refuses in the rule's words, at its field.
    await v.page.getByRole('navigation', { name: '主导航' }).getByRole('link', { name: '客户', exact: true }).click();
    await v.page.locator('td.cell-title').first().waitFor();
    await v.page.keyboard.press('c');
    const form = v.page.locator('dialog[open]');
    await form.locator('#new-name').fill(`${mark}新客户`);
    await v.page.keyboard.press('Control+Enter');
    await form.locator('#bad-name', { hasText: `客户名称不能以「${mark}」开头` }).waitFor();
    await shot(v.page, 'rule-refused');
    await form.locator('#new-name').fill(`好${mark}`);
    await v.page.keyboard.press('Control+Enter');
    await v.page.locator('.record h1', { hasText: `好${mark}` }).waitFor();

    // Programs hear the code, people their language.
    const refused = await v.context.request.post(`${base()}/api/v1/account`, { data: { name: `${mark}2` }, headers: { ...headers(), 'Accept-Language': 'en' } });
    expect(refused.status()).toBe(422);
    expect((await refused.json()) as unknown).toMatchObject({ code: 'validation.no_mark', errors: [{ field: 'name', code: 'validation.no_mark' }] });

    // Switched off it lets through; undone it is in force again; deleted it is gone.
    await v.page.goto(`${base()}/settings/objects/account`);
    await settled(v.page);
    await v.page.getByRole('tab', { name: '规则 1' }).click();
    await v.page.locator('[data-rule=no_mark] .rule-switch').click();
    await v.page.locator('[data-rule=no_mark].off').waitFor();
    await make(v, { name: `${mark}3` });
    await v.page.getByRole('button', { name: /^撤销/ }).first().click();
    await v.page.locator('[data-rule=no_mark]:not(.off)').waitFor();
    await v.page.locator('[data-rule=no_mark]').getByRole('button', { name: /更多|「/ }).last().click();
    await v.page.getByRole('menuitem', { name: '删除' }).click();
    await v.page.getByText('还没有规则').waitFor();
    expect((await text(v)).trim()).toBe(before.trim());
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });
});

describe('formulas and conditions in the settings', () => {
  it('shows what a formula gives for a real record, and makes a shipped field required by a condition', async () => {
    const v = await visit(browser, { lang: 'en', theme: 'dark' });
    await enter(v, '/settings/objects/account');
    const before = await text(v);
    const made = await make(v, { name: `Harbour ${stamp()}` });
    await v.page.getByRole('button', { name: 'New field' }).click();
    await v.page.locator('[data-type=calc]').click();
    const dialog = v.page.locator('dialog[open]');
    await dialog.getByLabel('Formula').fill('UPPER(name)');
    await dialog.locator('[data-sample]', { hasText: String(made['name']).toUpperCase() }).waitFor();
    await shot(v.page, 'formula-sample-en-dark');
    expect(await faultsOf(v.page)).toEqual([]);
    await v.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });

    const row = v.page.locator('tr[data-field=website]');
    await row.getByRole('button').last().click();
    await v.page.getByRole('menuitem', { name: 'Conditions' }).click();
    await dialog.getByLabel('Required when').fill('level = "a"');
    await dialog.locator('.formula-said .ok').waitFor();
    await dialog.locator('[data-sample]', { hasText: 'No' }).waitFor();
    await shot(v.page, 'conditions-en-dark');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    await row.getByText('conditional').waitFor();
    try {
      await v.page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name: 'Accounts', exact: true }).click();
      await v.page.locator('td.cell-title').first().waitFor();
      await v.page.keyboard.press('c');
      await dialog.locator('#new-name').fill('Key account');
      expect(await dialog.locator('#new-website').count()).toBe(0);
      await dialog.locator('#new-level').click();
      await v.page.locator('.ant-select-item-option').first().click();
      await dialog.locator('#new-website[aria-required=true]').waitFor();
      // The server asks for it of programs too.
      const refused = await v.context.request.post(`${base()}/api/v1/account`, { data: { name: `Key ${stamp()}`, level: 'a' }, headers: headers() });
      expect(await refused.json()).toMatchObject({ errors: [{ field: 'website', code: 'value.required' }] });
    } finally {
      await apply(v, before);
    }
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });
});

/** A reason that is asked for with big names, and a note that a filled reason locks. */
const fields = (object: string) => `
[[extend]]
name = "${object}"
[[extend.section]]
key = "custom"
label = { en = "More", zh = "更多" }
fields = [
  { name = "why__c", type = "text", label = { en = "Why big", zh = "为何重点" }, visible_if = "STARTS(name, 'Big')", required_if = "CONTAINS(name, 'must')" },
  { name = "still__c", type = "text", label = { en = "Still", zh = "封存" }, readonly_if = "website <> ''" },
]
`;

describe('conditions of fields', () => {
  for (const look of [{ lang: 'en', width: 1440 }, { lang: 'zh-CN', width: 390 }] as const) {
  const en = look.lang === 'en';
  const say = (zh: string, other: string) => (en ? other : zh);
  const tag = `${en ? 'en' : 'zh'}-${look.width}`;

  it(`a form shows, asks for and locks fields while one types, ${tag}`, async () => {
    const v = await visit(browser, look);
    await enter(v, '/');
    const before = await text(v);
    await apply(v, `${before}\n${fields('account')}`);
    try {
      const mark = stamp();
      await v.page.goto(`${base()}/o/account`);
      await settled(v.page);
      if (look.width < 900) await v.page.locator('.fab').click();
      else await v.page.keyboard.press('c');
      const form = v.page.locator('dialog[open]');
      await form.locator('#new-name').waitFor();
      const why = form.locator('#new-why__c');
      expect(await why.count()).toBe(0);

      // It comes with the name, and a screen reader hears of it.
      await form.locator('#new-name').fill(`Big ${mark}`);
      await why.waitFor();
      await form.locator('[data-announce]', { hasText: say('现在显示：为何重点', 'Shown now: Why big') }).waitFor({ state: 'attached' });
      await why.fill('kept as typed');
      // It goes, and comes back with what was typed.
      await form.locator('#new-name').fill(`Small ${mark}`);
      await why.waitFor({ state: 'detached' });
      await form.locator('#new-name').fill(`Big must ${mark}`);
      expect(await why.inputValue()).toBe('kept as typed');
      expect(await why.getAttribute('aria-required')).toBe('true');
      await why.fill('');
      await form.getByRole('button', { name: say('新建', 'Create') }).last().click();
      await form.locator('#bad-why__c').waitFor();
      await shot(v.page, `condition-required-${tag}`);
      await why.fill('kept as typed');

      // Locked by another value, with what stands in it.
      await form.getByRole('button', { name: en ? /more fields?$/ : /^还有/ }).first().click();
      await form.locator('#new-still__c').fill('sealed');
      await form.locator('#new-website').fill('https://example.com');
      await form.locator('.form-locked', { hasText: 'sealed' }).waitFor();
      await form.locator('.form-locked').scrollIntoViewIfNeeded();
      await shot(v.page, `condition-locked-${tag}`);
      expect(await faultsOf(v.page)).toEqual([]);

      // A value in a field that is hidden when it is saved is not sent.
      await form.locator('#new-name').fill(`Small ${mark}`);
      await form.getByRole('button', { name: say('新建', 'Create') }).last().click();
      await v.page.locator('.record h1', { hasText: `Small ${mark}` }).waitFor();
      const { data } = await api<{ data: Row[] }>(v, `/account?filter=${encodeURIComponent(`name = 'Small ${mark}'`)}`);
      expect(data[0]).toMatchObject({ why__c: null, still__c: null, website: 'https://example.com' });

      // On the record page the hidden field is absent and the locked one cannot be edited; the server holds both.
      await settled(v.page);
      const more = v.page.getByRole('button', { name: en ? /empty fields?$/ : /个空字段$/ });
      if (look.width < 900) await v.page.getByRole('tab', { name: say('详情', 'Details') }).click().catch(() => undefined);
      await more.first().click();
      await v.page.locator('dt', { hasText: say('封存', 'Still') }).waitFor();
      expect(await v.page.locator('dt', { hasText: say('为何重点', 'Why big') }).count()).toBe(0);
      expect(await v.page.getByRole('button', { name: say('修改封存', 'Edit Still') }).count()).toBe(0);
      const lock = v.page.getByRole('img', { name: say('按条件锁定，此处不能修改', 'Locked here by a condition') });
      await lock.waitFor();
      await lock.scrollIntoViewIfNeeded();
      await shot(v.page, `condition-record-${tag}`);
      const refused = await v.context.request.patch(`${base()}/api/v1/account/${data[0]!.id}`, { data: { still__c: 'x' }, headers: headers() });
      expect(await refused.json()).toMatchObject({ errors: [{ field: 'still__c', code: 'value.readonly' }] });
      expect(v.complaints).toEqual([]);
    } finally {
      await apply(v, before);
    }
    await v.context.close();
  });
}

  it.each([['zh-CN', 'light', 1440], ['en', 'dark', 390]] as const)('an action asks for what an answer calls for, before it is sent (%s, %s, %i)', async (lang, theme, width) => {
    const v = await visit(browser, { lang, theme, width });
    const say = (zh: string, en: string) => (lang === 'zh-CN' ? zh : en);
    await enter(v, '/');
    const lead = (await api<{ data: Row[] }>(v, `/lead?limit=1&filter=${encodeURIComponent(JSON.stringify({ field: 'status', op: 'in', value: ['new', 'following'] }))}`)).data[0]!;
    await v.page.goto(`${base()}/o/lead/${lead.id}`);
    await settled(v.page);
    await v.page.getByRole('button', { name: say('更多', 'More'), exact: true }).first().click();
    await v.page.getByRole('menuitem', { name: say('标为无效', 'Disqualify') }).click();
    const dialog = v.page.locator('dialog[open]');
    const other = dialog.locator('.form-item', { hasText: say('重复于', 'Duplicate Of') });
    await other.waitFor();
    expect(await other.locator('label').innerText()).not.toContain('*');
    await dialog.getByLabel(say('无效原因', 'Disqualify Reason')).click();
    await v.page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option', { hasText: say('重复', 'Duplicate') }).click();
    await expect.poll(() => other.locator('label').innerText()).toContain('*');
    let sent = 0;
    v.page.on('request', (r) => { if (r.url().endsWith('/actions/disqualify')) sent += 1; });
    await dialog.locator('button[type=submit]').click();
    await other.getByRole('alert').waitFor();
    expect(sent).toBe(0);
    await shot(v.page, `action-condition-${lang}-${theme}-${width}`);
    expect(await faultsOf(v.page)).toEqual([]);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it.each([['zh-CN', 'light', 1440], ['en', 'dark', 390]] as const)('a gate asks for what an answer in it calls for (%s, %s, %i)', async (lang, theme, width) => {
    const v = await visit(browser, { lang, theme, width });
    const say = (zh: string, en: string) => (lang === 'zh-CN' ? zh : en);
    await enter(v, '/');
    const deal = (await api<{ data: Row[] }>(v, `/opportunity?limit=1&filter=${encodeURIComponent(JSON.stringify({ field: 'outcome', op: 'is_empty' }))}`)).data[0]!;
    await v.page.goto(`${base()}/o/opportunity/${deal.id}`);
    await settled(v.page);
    await v.page.locator('.stages li.end button').click();
    await v.page.locator('[role=menu]').getByText(say('输单', 'Lost'), { exact: true }).click();
    const dialog = v.page.locator('dialog[open]');
    const why = dialog.locator('#gate-lost_reason');
    await why.waitFor();
    const whom = dialog.locator('#gate-lost_to_id');
    expect(await whom.count()).toBe(0);
    const choose = async (text: string) => {
      await why.click();
      await v.page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option', { hasText: text }).click();
    };
    await choose(say('竞品中标', 'Lost to Competitor'));
    await whom.waitFor();
    const move = dialog.locator('button[type=submit]');
    expect(await move.isDisabled()).toBe(true);
    await shot(v.page, `gate-condition-${lang}-${theme}-${width}`);
    expect(await faultsOf(v.page)).toEqual([]);
    // Another answer needs no name.
    await choose(say('价格', 'Price'));
    await whom.waitFor({ state: 'detached' });
    await expect.poll(() => move.isEnabled()).toBe(true);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });
});
