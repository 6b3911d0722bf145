import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wrongWith } from './axe';
import { api, base, enter, launch, settled, shot, visit, type Row, type Visit } from './browser';
import { words, type Tongue } from './words';

// An administrator sees what a person sees, changes nothing, and comes back.

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

interface Person {
  id: string;
  name: string;
}
const me = async (v: Visit) => (await api<{ user: Person; view_as?: { by: Person } }>(v, '/session'));
const total = async (v: Visit) => (await api<{ count: { value: number } }>(v, '/account?limit=1&count=exact')).count.value;

async function seller(v: Visit): Promise<Person> {
  const role = (await api<{ data: Row[] }>(v, `/role?filter=${encodeURIComponent('code = "sales_rep"')}`)).data[0]!;
  const ask = JSON.stringify({ and: [{ field: 'roles', op: 'any', value: [role.id] }, { field: 'status', op: 'eq', value: 'active' }] });
  const all = (await api<{ data: Row[] }>(v, `/user?fields=name&sort=name&filter=${encodeURIComponent(ask)}`)).data;
  return { id: all[0]!.id, name: String(all[0]!['name']) };
}

describe('see as this person', () => {
  it.each([['zh-CN', 'light', 1440], ['en', 'dark', 390]] as const)('shows what the person sees, lets nothing be changed, and leads back (%s, %s, %i)', async (lang, theme, width) => {
    const v = await visit(browser, { lang, theme, width });
    const t = words(lang as Tongue);
    const zh = lang === 'zh-CN';
    await enter(v, '/settings/people');
    const boss = (await me(v)).user;
    const person = await seller(v);
    const all = await total(v);
    await v.page.locator('.adm-bar input[type=search]').fill(person.name);
    await v.page.locator(`tr[data-person="${person.id}"]`).waitFor();
    await v.page.locator(`tr[data-person="${person.id}"] td.acts button`).click();
    await shot(v.page, `see-as-menu-${lang}-${width}`);
    await v.page.getByRole('menuitem', { name: zh ? '以此人身份查看' : 'See as this person' }).click();
    const bar = v.page.getByRole('region', { name: t('viewAs.title', { name: person.name }) });
    await bar.waitFor();
    await settled(v.page);
    await shot(v.page, `see-as-home-${lang}-${width}`);
    expect(await wrongWith(v.page, 'home as somebody')).toEqual([]);
    const now = await me(v);
    expect([now.user.id, now.view_as?.by.id]).toEqual([person.id, boss.id]);
    expect(await total(v), 'fewer customers than the administrator').toBeLessThan(all);

    // The list, a record, and what is above everything keep the banner in view.
    await v.page.goto(`${base()}/o/account?layout=table`);
    await settled(v.page);
    await bar.waitFor();
    const mine = (await api<{ data: Row[] }>(v, '/account?limit=1')).data[0]!;
    await v.page.goto(`${base()}/o/account/${mine.id}`);
    await settled(v.page);
    await bar.waitFor();
    await shot(v.page, `see-as-record-${lang}-${width}`);
    expect(await wrongWith(v.page, 'record as somebody')).toEqual([]);
    await v.page.keyboard.press('Control+k');
    await v.page.locator('dialog[open]').waitFor();
    const covered = await v.page.evaluate(async () => {
      // A dialog comes in from four pixels above its place.
      await Promise.all(document.querySelector('dialog[open]')!.getAnimations().map((a) => a.finished.catch(() => undefined)));
      const b = document.querySelector('.view-as')!.getBoundingClientRect();
      return document.querySelector('dialog[open]')!.getBoundingClientRect().top < b.bottom;
    });
    expect(covered, 'the palette covers the banner').toBe(false);
    await shot(v.page, `see-as-palette-${lang}-${width}`);
    await v.page.keyboard.press('Escape');

    // A change is refused in words.
    const refused = await v.context.request.patch(`${base()}/api/v1/account/${mine.id}`, { data: { name: 'No' }, headers: { Origin: base() } });
    expect([refused.status(), ((await refused.json()) as { code: string }).code]).toEqual([403, 'session.view_as']);
    await v.page.goto(`${base()}/o/account?layout=table`);
    await settled(v.page);
    await v.page.keyboard.press('c');
    const form = v.page.locator('dialog[open]');
    await form.locator('#new-name').fill(`瑶光${Date.now() % 1_000_000}`);
    await form.locator('button[type=submit]').click();
    await v.page.getByText(t('error.session.view_as')).first().waitFor();
    await shot(v.page, `see-as-refused-${lang}-${width}`);
    await v.page.keyboard.press('Escape');
    await form.waitFor({ state: 'detached' });

    await bar.getByRole('button', { name: t('viewAs.end') }).click();
    await v.page.waitForURL(`${base()}/settings/people`);
    await settled(v.page);
    await bar.waitFor({ state: 'detached' });
    expect((await me(v)).user.id).toBe(boss.id);
    expect(await total(v)).toBe(all);
    await v.page.goto(`${base()}/settings/audit`);
    await v.page.getByText(zh ? '结束以此人身份查看' : 'no longer sees as this person').first().waitFor();
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('begins at a role too, and a page left behind ends with the view', async () => {
    const v = await visit(browser, { lang: 'en' });
    await enter(v, '/settings/roles');
    const role = (await api<{ data: Row[] }>(v, `/role?filter=${encodeURIComponent('code = "sales_rep"')}`)).data[0]!;
    const boss = (await me(v)).user;
    const person = await seller(v);
    await v.page.goto(`${base()}/settings/roles/${role.id}`);
    await settled(v.page);
    await v.page.getByRole('button', { name: 'See as…' }).click();
    await shot(v.page, 'see-as-role-en-1440');
    await v.page.getByRole('menuitem', { name: person.name }).click();
    const bar = v.page.locator('.view-as');
    await bar.waitFor();
    // A second page of the same browser, ended there: the first one is the administrator's again.
    const other = await v.context.newPage();
    await other.goto(`${base()}/o/account`);
    await other.locator('.view-as').getByRole('button', { name: 'End' }).click();
    await other.locator('.view-as').waitFor({ state: 'detached' });
    await bar.waitFor({ state: 'detached' });
    expect((await me(v)).user.id).toBe(boss.id);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });
});

describe('a layout for a type', () => {
  it.each([['zh-CN', 'light', 1440], ['en', 'dark', 390]] as const)('is added in the designer, followed by form and record, and removed (%s, %s, %i)', async (lang, theme, width) => {
    const v = await visit(browser, { lang, theme, width });
    const t = words(lang as Tongue);
    const zh = lang === 'zh-CN';
    const say = (z: string, e: string) => (zh ? z : e);
    await enter(v, '/settings/objects/account');
    await v.page.getByRole('tab', { name: say('布局', 'Layout') }).click();
    const whom = v.page.getByLabel(say('此布局适用于', 'This layout is for'));
    await whom.waitFor();
    await v.page.getByRole('button', { name: say('添加布局', 'Add layout') }).click();
    const dialog = v.page.locator('dialog[open]');
    await dialog.getByLabel(say('适用记录：字段', 'For records where')).selectOption('level');
    await dialog.getByLabel(say('等于', 'is'), { exact: true }).selectOption('a');
    await shot(v.page, `layout-add-${lang}-${width}`);
    expect(await wrongWith(v.page, 'layout dialog')).toEqual([]);
    await dialog.getByRole('button', { name: say('添加', 'Add'), exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => whom.inputValue()).toBe('level=a');
    // Industry goes off this layout, the short name comes first in the key facts.
    const card = v.page.locator('.dsg-sect [data-card-id$="|industry"]').first();
    await card.focus();
    await v.page.keyboard.press('Delete');
    await v.page.getByRole('button', { name: say('发布 1 处修改', 'Publish 1 change') }).click();
    await v.page.getByText(say('布局已发布', 'The layout is published')).waitFor();
    await expect.poll(() => whom.inputValue()).toBe('level=a');
    await shot(v.page, `layout-designer-${lang}-${width}`);
    expect(await wrongWith(v.page, 'designer')).toEqual([]);

    const make = async (level: string) => {
      const answer = await v.context.request.post(`${base()}/api/v1/account`, { data: { name: `${level} 瑶光${Date.now() % 1_000_000}`, level, industry: 'finance' }, headers: { Origin: base() } });
      expect(answer.ok(), await answer.text()).toBe(true);
      return (await answer.json()) as Row;
    };
    const label = say('所属行业', 'Industry');
    const facts = async (id: string) => {
      await v.page.goto(`${base()}/o/account/${id}`);
      await settled(v.page);
      if (width < 900) await v.page.getByRole('tab', { name: t('record.details') }).click();
      await v.page.locator('.facts-sect').first().waitFor();
      return v.page.locator('.facts-sect dt').allInnerTexts();
    };
    expect(await facts((await make('a')).id)).not.toContain(label);
    await shot(v.page, `layout-record-${lang}-${width}`);
    expect(await facts((await make('b')).id)).toContain(label);

    // A new record: the form follows the type while it is chosen.
    await v.page.goto(`${base()}/o/account?layout=table`);
    await settled(v.page);
    await v.page.keyboard.press('c');
    const form = v.page.locator('dialog[open]');
    await form.locator('#new-name').waitFor();
    const rest = form.locator('.dlg-foot button[aria-expanded="false"]');
    if (await rest.count()) await rest.first().click();
    await form.locator('#new-industry').waitFor();
    await form.locator('#new-level').click();
    await v.page.locator('.ant-select-item-option', { hasText: /^A/ }).first().click();
    await form.locator('#new-industry').waitFor({ state: 'detached' });
    await shot(v.page, `layout-form-${lang}-${width}`);
    await v.page.keyboard.press('Escape');

    await v.page.goto(`${base()}/settings/objects/account`);
    await v.page.getByRole('tab', { name: say('布局', 'Layout') }).click();
    await whom.selectOption('level=a');
    await v.page.getByRole('button', { name: say('移除', 'Remove'), exact: true }).click();
    await v.page.locator('.toast').waitFor();
    await expect.poll(() => whom.locator('option').count()).toBe(1);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });
});
