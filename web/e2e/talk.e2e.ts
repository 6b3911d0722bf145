import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wrongWith } from './axe';
import { api, base, launch, settled, shot, visit, type Look, type Row, type Visit } from './browser';

// Two people talk on a record: one calls the other, whose bell rings at once; the click leads to the words, the answer goes back.
// Who follows hears of changes; who looks at the record is seen by the other; who may not see it is told nothing.

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

interface Demo {
  id: string;
  name: string;
  title?: string | null;
}

async function send(v: Visit, method: 'post' | 'patch', path: string, data: unknown): Promise<Row> {
  const answer = await v.context.request[method](`${base()}/api/v1${path}`, { data, headers: { Origin: base() } });
  expect(answer.ok(), `${path}: ${answer.status()} ${await answer.text()}`).toBe(true);
  return (await answer.json().catch(() => ({}))) as Row;
}

/** A browser of this person. */
async function as(person: Demo, look: Look): Promise<Visit> {
  const v = await visit(browser, look);
  await send(v, 'post', '/demo/session', { user_id: person.id });
  return v;
}

/** A customer, somebody who sees all customers, somebody who does not see this one. */
async function cast() {
  const people = ((await (await fetch(`${base()}/api/v1/demo/people`)).json()) as { data: Demo[] }).data;
  const admin = people[0]!;
  const v = await as(admin, {});
  const accounts = (await api<{ data: Row[] }>(v, '/account?limit=12&sort=name')).data;
  const seen: Map<string, boolean>[] = [];
  for (const a of accounts) seen.push(new Map((await api<{ data: { id: string; sees: boolean }[] }>(v, `/account/${a.id}/mentionable?limit=20`)).data.map((p) => [p.id, p.sees])));
  const other = people.find((p) => p.id !== admin.id && seen.every((s) => s.get(p.id)) && accounts.every((a) => a['owner_id'] !== p.id));
  const at = accounts.findIndex((_a, i) => people.some((p) => seen[i]?.get(p.id) === false));
  const blind = people.find((p) => seen[at]?.get(p.id) === false);
  await v.context.close();
  if (!other || !blind) throw new Error('the sample company has nobody who sees all customers, or nobody who does not see one');
  return { admin, other, blind, account: accounts[at]! };
}

describe('people talk on the record', () => {
  it.each([
    { lang: 'zh-CN', theme: 'light', width: 1440 },
    { lang: 'en', theme: 'dark', width: 390 },
  ] as const)('one calls the other, who hears of it at once and answers ($lang, $theme, $width)', async (look) => {
    const zh = look.lang === 'zh-CN';
    const small = look.width < 900;
    const { admin, other, blind, account } = await cast();
    const name = `${look.lang}-${look.theme}-${look.width}`;
    const writer = await as(admin, look);
    const hearer = await as(other, look);
    const deaf = await as(blind, look);
    await send(hearer, 'post', '/me/notifications/read', {});
    await hearer.page.goto(base());
    await settled(hearer.page);
    await deaf.page.goto(base());
    await writer.page.goto(`${base()}/o/account/${account.id}`);
    await settled(writer.page);

    // Writing: the discussion beside the follow-up, an @ offers colleagues by their initials or letters.
    const w = writer.page;
    if (!small) await w.locator('.talk-modes button', { hasText: zh ? '讨论' : 'Discussion' }).click();
    const box = w.locator('.talk-box textarea').first();
    await box.click();
    await w.keyboard.type(zh ? '请看一下这个客户 @' : 'Please look at this customer @');
    await w.locator('.mention-list [role=option]').first().waitFor();
    await w.keyboard.type(other.name);
    await w.locator('.mention-list [role=option]', { hasText: other.name }).first().waitFor();
    // Until only those are left that were typed for: a list that shrinks while the page is looked at uncovers what it covered.
    await w.locator('.mention-list [role=option]').filter({ hasNotText: other.name }).first().waitFor({ state: 'detached' });
    await shot(w, `talk-mention-${name}`);
    expect(await wrongWith(w, 'mention list')).toEqual([]);
    await w.keyboard.press('Enter');
    await w.keyboard.type('@');
    await w.keyboard.type(blind.name);
    const marked = w.locator('.mention-list [role=option]', { hasText: blind.name }).first();
    await marked.locator('.tag', { hasText: zh ? '看不到此记录' : 'cannot see this record' }).waitFor();
    await w.keyboard.press('Enter');
    await w.locator('.talk-blind', { hasText: blind.name }).waitFor();
    await shot(w, `talk-write-${name}`);

    // Sent: the bell of the other rings within two seconds; who does not see the record hears nothing.
    const bell = small ? hearer.page.locator('.ptab .bell-n') : hearer.page.locator('.bell .bell-n');
    await w.keyboard.press('Control+Enter');
    await w.locator('.talk .talk-at', { hasText: other.name }).first().waitFor();
    const sent = Date.now();
    await bell.waitFor({ timeout: 2000 });
    console.log(`the bell rang ${Date.now() - sent} ms after the words stood on the writer's page`);
    await hearer.page.waitForFunction(() => document.title.startsWith('(1) '));
    await w.locator('.toast', { hasText: blind.name }).waitFor();
    expect(await api(deaf, '/me/notifications/unread')).toEqual({ unread: 0 });

    // The panel, the click, the words.
    const h = hearer.page;
    if (small) await h.locator('.ptab', { has: h.locator('.bell-n') }).click();
    await h.locator('[data-bell]').last().click();
    await h.locator('.notices li').first().waitFor();
    await shot(h, `talk-panel-${name}`);
    expect(await wrongWith(h, 'notifications')).toEqual([]);
    await h.locator('.notices li button').first().click();
    await h.locator('.talk-one.called').waitFor();
    await settled(h);
    expect(new URL(h.url()).pathname).toBe(`/o/account/${account.id}`);
    await bell.waitFor({ state: 'detached' });
    await shot(h, `talk-comment-${name}`);
    expect(await wrongWith(h, 'comment')).toEqual([]);

    // Both are there, and see it of each other; gone within fifteen seconds.
    await w.locator('.faces').waitFor({ timeout: 15_000 });
    expect(await w.locator('.faces').getAttribute('aria-label')).toContain(other.name);
    await h.locator('.faces').waitFor({ timeout: 15_000 });
    expect(await h.locator('.faces').getAttribute('aria-label')).toContain(admin.name);

    // The answer stands under the words, on both pages, without anybody reloading.
    const thread = h.locator('.talk', { has: h.locator('.talk-one.called') });
    await thread.locator('.talk-one.called').hover();
    await thread.getByRole('button', { name: zh ? '回复' : 'Reply' }).first().click();
    await thread.locator('textarea').fill(zh ? '已经联系过了' : 'I called them already');
    await w.locator('.faces .edits').waitFor({ timeout: 10_000 });
    await shot(w, `talk-faces-${name}`);
    await h.keyboard.press('Control+Enter');
    await w.locator('.talk-replies', { hasText: zh ? '已经联系过了' : 'I called them already' }).first().waitFor({ timeout: 5000 });
    await shot(w, `talk-thread-${name}`);

    // The other goes: the face goes.
    await h.goto(base());
    await w.locator('.faces').waitFor({ state: 'detached', timeout: 15_000 });

    expect(await api(deaf, '/me/notifications')).toMatchObject({ data: [], unread: 0 });
    for (const v of [writer, hearer, deaf]) {
      expect(v.complaints).toEqual([]);
      await v.context.close();
    }
  });

  it('who follows hears of the owner, and says in the settings what not to hear', async () => {
    const { admin, other, account } = await cast();
    const follower = await as(other, { lang: 'zh-CN', theme: 'light', width: 1440 });
    const v = await as(admin, {});
    await send(follower, 'post', '/me/notifications/read', {});
    await send(follower, 'post', `/account/${account.id}/actions/unfollow`, {});
    await send(follower, 'patch', '/me/notify', { changed: true });
    await follower.page.goto(`${base()}/o/account/${account.id}`);
    await settled(follower.page);
    const button = follower.page.locator('.rfollow');
    await button.click();
    await follower.page.locator('.rfollow[aria-pressed=true]').waitFor();
    await follower.page.locator('.toast', { hasText: '已关注' }).waitFor();
    const users = (await api<{ data: Row[] }>(v, '/user?limit=200&fields=name,status')).data;
    const before = (await api<Row>(v, `/account/${account.id}`))['owner_id'];
    const third = users.find((u) => u.id !== before && u.id !== other.id && u['status'] === 'active')!;
    await send(v, 'post', `/account/${account.id}/actions/assign`, { owner_id: third.id });
    await follower.page.locator('.bell .bell-n').waitFor({ timeout: 3000 });
    await follower.page.locator('[data-bell]').click();
    await follower.page.locator('.notices li', { hasText: '负责人' }).first().waitFor();
    await shot(follower.page, 'talk-follow');
    await follower.page.getByRole('button', { name: '全部标为已读' }).click();
    await follower.page.locator('.bell .bell-n').waitFor({ state: 'detached' });
    await follower.page.keyboard.press('Escape');
    // The same from the keyboard: what is unread is read, and the bell is opened.
    await send(v, 'post', `/account/${account.id}/actions/assign`, { owner_id: before });
    await follower.page.locator('.bell .bell-n').waitFor({ timeout: 3000 });
    await follower.page.keyboard.press('Control+k');
    await follower.page.getByRole('combobox', { name: '搜索或命令' }).fill('tzqb');
    await follower.page.getByRole('option', { name: '通知全部标为已读' }).waitFor();
    await follower.page.keyboard.press('Enter');
    await follower.page.locator('.toast', { hasText: '通知已全部标为已读' }).waitFor();
    await follower.page.locator('.bell .bell-n').waitFor({ state: 'detached' });
    await follower.page.keyboard.press('Control+k');
    await follower.page.getByRole('combobox', { name: '搜索或命令' }).fill('tongzhi');
    await follower.page.getByRole('option', { name: '打开通知' }).waitFor();
    expect(await follower.page.getByRole('option', { name: '通知全部标为已读' }).count()).toBe(0);
    await follower.page.keyboard.press('Enter');
    await follower.page.getByRole('dialog', { name: '通知' }).locator('li').first().waitFor();
    await follower.page.getByRole('button', { name: '通知设置' }).click();
    await follower.page.locator('.set-check').first().waitFor();
    await settled(follower.page);
    await follower.page.getByLabel('我关注的记录变更了阶段、状态或负责人').uncheck();
    await shot(follower.page, 'talk-settings');
    expect(await wrongWith(follower.page, 'settings')).toEqual([]);
    await expect.poll(async () => (await api<Record<string, boolean>>(follower, '/me/notify'))['changed']).toBe(false);
    await send(v, 'post', `/account/${account.id}/actions/assign`, { owner_id: third.id });
    expect(await api(follower, '/me/notifications/unread')).toEqual({ unread: 0 });
    await send(v, 'post', `/account/${account.id}/actions/assign`, { owner_id: before });
    expect(follower.complaints).toEqual([]);
    await send(follower, 'patch', '/me/notify', { changed: true });
    await send(follower, 'post', `/account/${account.id}/actions/unfollow`, {});
    await follower.context.close();
    await v.context.close();
  });
});
