import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wrongWith } from './axe';
import { api, base, enter, launch, settled, shot, visit, type Row, type Visit } from './browser';
import { held, until } from './kept';
import { words, type Tongue } from './words';

// On the way without a network: what was read stays readable over a reload, what is written waits on the device, goes out once, and nothing of
// it stays after signing out.

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

/** Reads a customer until it is kept with its timeline, and the worker has the page's files. */
async function readOnline(v: Visit, id: string): Promise<void> {
  await v.page.goto(`${base()}/o/account/${id}`);
  await settled(v.page);
  await v.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await until(() => held(v), (h) => ['follow_up', 'comment', 'history'].every((part) => h.meta.some((m) => m['place'] === `/o/account/${id}` && String(m['ask']).includes(part))), 'kept');
}

const about = (v: Visit, object: string, field: string, text: string) => api<{ data: Row[] }>(v, `/${object}?limit=50&filter=${encodeURIComponent(JSON.stringify({ field, op: 'contains', value: text }))}`);

async function someone(v: Visit): Promise<Row> {
  const rows = (await api<{ data: Row[] }>(v, '/account?limit=5&sort=name')).data;
  return rows[0]!;
}

describe('without a network', () => {
  it.each([['zh-CN', 'light'], ['en', 'dark']] as const)('a record that was read is read again, a follow-up and a comment wait and arrive once (%s, %s, 390)', async (lang: Tongue, theme) => {
    const t = words(lang);
    const v = await visit(browser, { lang, theme, width: 390 });
    const p = v.page;
    const name = `${lang}-${theme}-390`;
    const mark = `${lang === 'en' ? 'Tunnel' : '隧道'} ${Date.now()}`;
    await enter(v, '/');
    const account = await someone(v);
    await readOnline(v, account.id);
    const told = await p.locator('.tl li').count();

    // The network goes, the phone loads the page anew: the record stands, with its timeline and from when it is.
    await v.context.setOffline(true);
    await p.reload();
    await p.locator('.record h1', { hasText: String(account['name']) }).waitFor();
    await settled(p);
    const sign = p.locator('.offline');
    await sign.waitFor();
    expect(await sign.textContent()).toMatch(new RegExp(t('state.offlineAsOf', { time: '\\d\\d:\\d\\d' })));
    expect(await p.locator('.tl li').count()).toBe(told);
    await shot(p, `offline-record-${name}`);
    expect(await wrongWith(p, 'offline record')).toEqual([]);

    // A comment in the timeline, a follow-up from the button below.
    await p.locator('.talk-box textarea').first().fill(`${mark} A`);
    await p.locator('.talk-box button[type=submit]').click();
    await p.locator('.tl-wait', { hasText: `${mark} A` }).waitFor();
    await p.locator('.phone-act .btn').click();
    await p.locator('dialog[open] textarea').fill(`${mark} B`);
    await p.locator('dialog[open] .comp-save').click();
    await p.locator('.tl-wait', { hasText: `${mark} B` }).waitFor();
    expect(await sign.textContent()).toContain(t('wait.count', { count: 2 }));
    await p.locator('.tl-wait').evaluate((e) => e.scrollIntoView({ block: 'center' }));
    await shot(p, `offline-waiting-${name}`);
    expect(await wrongWith(p, 'notes that wait')).toEqual([]);

    // They wait over a reload too. Signing out over them asks first; a third one is discarded, put back, discarded.
    await p.reload();
    await p.locator('.tl-wait li').nth(1).waitFor();
    await p.locator('.ptab').last().click();
    await p.locator('dialog[open] .more-set .chip', { hasText: t('auth.signOut') }).click();
    const ask = p.locator('dialog[open]', { hasText: t('wait.leaveTitle') });
    await ask.waitFor();
    await shot(p, `offline-leave-${name}`);
    expect(await wrongWith(p, 'signing out over notes')).toEqual([]);
    await ask.getByRole('button', { name: t('wait.stay') }).click();
    await p.locator('.talk-box textarea').first().fill(`${mark} C`);
    await p.locator('.talk-box button[type=submit]').click();
    const third = p.locator('.tl-wait li', { hasText: `${mark} C` });
    await third.getByRole('button', { name: t('wait.discard') }).click();
    await third.waitFor({ state: 'detached' });
    expect((await held(v)).waiting.map((w) => (w['body'] as Row)['body'] ?? (w['body'] as Row)['content'])).toHaveLength(2);

    // A record that was never opened is not there, and says so; the list is.
    await p.goto(`${base()}/o/account/00000000-0000-7000-8000-000000000000`);
    await p.getByText(t('state.notKept'), { exact: true }).waitFor();
    await shot(p, `offline-none-${name}`);

    // Back: both go out by themselves, in their order, once.
    await p.goto(`${base()}/o/account/${account.id}`);
    await p.locator('.tl-wait li').nth(1).waitFor();
    await v.context.setOffline(false);
    await p.locator('.tl-wait').waitFor({ state: 'detached' });
    await p.locator('.tl .talk', { hasText: `${mark} A` }).waitFor();
    await p.locator('.tl-item', { hasText: `${mark} B` }).waitFor();
    await until(() => held(v), (h) => h.waiting.length === 0, 'sent');
    await p.reload();
    await settled(p);
    const [comments, follows] = [await about(v, 'comment', 'body', mark), await about(v, 'follow_up', 'content', mark)];
    expect(comments.data.map((r) => r['body'])).toEqual([`${mark} A`]);
    expect(follows.data.map((r) => r['content'])).toEqual([`${mark} B`]);
    await shot(p, `offline-back-${name}`);

    // Signing out takes everything off the device, without a network too; the server hears of it as soon as it can.
    expect((await held(v)).text.length).toBeGreaterThan(3);
    await v.context.setOffline(true);
    await p.locator('.ptab').last().click();
    await p.locator('dialog[open] .more-set .chip', { hasText: t('auth.signOut') }).click();
    await p.getByText(t('error.network')).waitFor();
    expect(await held(v)).toEqual({ who: [], meta: [], text: [], waiting: [] });
    await v.context.setOffline(false);
    await p.reload();
    await p.locator('.people button').first().waitFor();
    expect((await v.context.request.get(`${base()}/api/v1/session`)).status()).toBe(401);
    expect(await held(v)).toEqual({ who: [], meta: [], text: [], waiting: [] });
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('an answer that was lost does not write twice, and a refusal is told with its reason and the words', async () => {
    const t = words('en');
    const v = await visit(browser, { lang: 'en', width: 390 });
    const p = v.page;
    const mark = `Viaduct ${Date.now()}`;
    await enter(v, '/');
    const account = await someone(v);
    await readOnline(v, account.id);
    // The server writes it, its answer never comes.
    let lost = 0;
    await p.route('**/api/v1/comment', async (route) => {
      if (route.request().method() !== 'POST' || lost > 0) return route.fallback();
      lost += 1;
      await route.fetch();
      return route.abort('connectionreset');
    });
    await p.locator('.talk-box textarea').first().fill(mark);
    await p.locator('.talk-box button[type=submit]').click();
    await p.locator('.tl-wait', { hasText: mark }).waitFor();
    await p.reload();
    await p.locator('.tl .talk', { hasText: mark }).waitFor();
    await until(() => held(v), (h) => h.waiting.length === 0, 'sent');
    expect([lost, (await about(v, 'comment', 'body', mark)).data.length]).toEqual([1, 1]);
    await p.unroute('**/api/v1/comment');

    // Written without a network on a record that is deleted meanwhile.
    const answer = await v.context.request.post(`${base()}/api/v1/account`, { data: { name: `Culvert ${mark}` }, headers: { Origin: base() } });
    const gone = (await answer.json()) as Row;
    await readOnline(v, gone.id);
    expect(JSON.stringify((await held(v)).text)).toContain('Culvert');
    await v.context.setOffline(true);
    await p.locator('.talk-box textarea').first().fill(`${mark} of no use`);
    await p.locator('.talk-box button[type=submit]').click();
    await p.locator('.tl-wait', { hasText: 'of no use' }).waitFor();
    const other = await visit(browser);
    await enter(other, '/');
    expect((await other.context.request.delete(`${base()}/api/v1/account/${gone.id}`, { headers: { Origin: base() } })).ok()).toBe(true);
    await other.context.close();
    await v.context.setOffline(false);
    const refused = p.locator('.offline .link', { hasText: t('wait.refusedCount', { count: 1 }) });
    await refused.waitFor();
    const [kept] = (await until(() => held(v), (h) => h.waiting.some((w) => w['refused']), 'refused')).waiting;
    expect((kept!['body'] as Row)['body']).toBe(`${mark} of no use`);
    // The record is gone, the words are not: with the reason, to be copied, sent again or discarded.
    await refused.click();
    const note = p.locator('.tl-wait li', { hasText: `${mark} of no use` });
    await note.locator('.late', { hasText: /\S/ }).first().waitFor();
    await shot(p, 'offline-refused-en-light-390');
    expect(await wrongWith(p, 'a refused note')).toEqual([]);
    await note.getByRole('button', { name: t('wait.discard') }).click();
    await refused.waitFor({ state: 'detached' });
    // What was kept of the record goes with it.
    await until(() => held(v), (h) => !JSON.stringify(h.text).includes('Culvert'), 'dropped');
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('another person on the same browser finds nothing, nor does whoever sees as somebody else', async () => {
    const v = await visit(browser, { width: 390 });
    await enter(v, '/');
    const account = await someone(v);
    await readOnline(v, account.id);
    const people = ((await (await fetch(`${base()}/api/v1/demo/people`)).json()) as { data: { id: string }[] }).data;
    const before = (await held(v)).who[0]?.['owner'];
    await v.context.request.post(`${base()}/api/v1/demo/session`, { data: { user_id: people[1]?.id }, headers: { Origin: base() } });
    await v.page.goto(`${base()}/`);
    await settled(v.page);
    const after = await until(() => held(v), (h) => h.who[0]?.['owner'] === people[1]?.id && h.meta.length > 0, 'theirs');
    expect(after.who[0]?.['owner']).not.toBe(before);
    expect(after.meta.filter((m) => m['place'] === `/o/account/${account.id}`)).toEqual([]);
    expect(JSON.stringify(after.text)).not.toContain(`"id":"${String(before)}","name"`);

    await enter(v, '/');
    await until(() => held(v), (h) => h.who[0]?.['owner'] === before && h.meta.length > 0, 'kept again');
    const seen = await v.context.request.post(`${base()}/api/v1/session/view-as`, { data: { user_id: people[1]?.id }, headers: { Origin: base() } });
    expect(seen.ok(), await seen.text()).toBe(true);
    await v.page.goto(`${base()}/o/account`);
    await settled(v.page);
    await v.page.waitForTimeout(3000);
    expect(await held(v)).toEqual({ who: [], meta: [], text: [], waiting: [] });
    await v.context.request.delete(`${base()}/api/v1/session/view-as`, { headers: { Origin: base() } });
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });
});
