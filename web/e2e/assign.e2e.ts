import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wrongWith } from './axe';
import { api, enter, launch, settled, shot, twoLooks, visit, type Row } from './browser';
import { words } from './words';

let browser: Browser;
beforeAll(async () => { browser = await launch(); });
afterAll(async () => browser.close());

describe.each(twoLooks)('assignment rules, $name', (look) => {
  it('are made without writing a line of code: a condition in words, people with weights', async () => {
    const zh = look.lang === 'zh-CN';
    const t = words(look.lang!);
    const v = await visit(browser, look);
    await enter(v, '/o/assignment_rule');
    const name = `${zh ? '官网线索轮流' : 'Website in turn'} ${Date.now() % 100_000}`;
    const people = (await api<{ data: Row[] }>(v, '/user?limit=1&filter=' + encodeURIComponent("status = 'active'"))).data;
    await v.page.getByRole('button', { name: /新建|New/ }).first().click();
    const form = v.page.getByRole('dialog');
    await form.getByRole('textbox', { name: zh ? '名称' : 'Name' }).fill(name);
    const choose = async (field: string, option: string) => {
      await form.getByRole('combobox', { name: field, exact: true }).click();
      await v.page.locator('.ant-select-item-option', { hasText: option }).first().click();
    };
    // The condition is about the fields of the object, so that comes first.
    await form.getByText(t('shape.objectFirst')).waitFor();
    await choose(zh ? '对象' : 'Object', zh ? '线索' : 'Lead');
    await form.getByText(t('shape.everything')).waitFor();
    await choose(zh ? '策略' : 'Strategy', zh ? '按权重' : 'Weighted');
    await form.getByRole('button', { name: t('shape.user') }).click();
    await form.getByRole('combobox', { name: t('shape.user'), exact: true }).click();
    await v.page.keyboard.type(String(people[0]!['name']).slice(0, 4));
    await v.page.locator('.ant-select-item-option', { hasText: String(people[0]!['name']) }).first().click();
    await form.getByRole('spinbutton', { name: t('shape.weight') }).fill('3');
    await settled(v.page);
    await shot(v.page, `assignment-rule-${look.name}`);
    expect(await wrongWith(v.page, 'assignment rule')).toEqual([]);
    await v.page.keyboard.press('Control+Enter');
    await v.page.getByRole('heading', { name }).first().waitFor();
    const made = (await api<{ data: Row[] }>(v, `/assignment_rule?filter=${encodeURIComponent(`name = '${name}'`)}`)).data[0]!;
    expect(made['members']).toEqual([{ user: people[0]!.id, weight: 3 }]);
    // The record says it in words, not in keys.
    if (look.width! < 900) await v.page.getByRole('tab', { name: t('record.details') }).click();
    await v.page.getByText(`${String(people[0]!['name'])} ×3`).waitFor();
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });
});
