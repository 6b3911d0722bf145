import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wrongWith } from './axe';
import { api, base, enter, launch, settled, shot, visit, type Row, type Visit } from './browser';
import { until } from './kept';
import { words, type Tongue } from './words';

let browser: Browser;
beforeAll(async () => { browser = await launch(); });
afterAll(async () => browser.close());

interface Person { id: string; name: string; roles?: string[]; title?: string | null }

async function post(v: Visit, path: string, data: Record<string, unknown>): Promise<Row> {
  const answer = await v.context.request.post(`${base()}/api/v1${path}`, { data, headers: { Origin: base() } });
  expect(answer.ok(), await answer.text()).toBe(true);
  return (await answer.json()) as Row;
}

/** Signs in as somebody who sits at the pool as a member, not as its administrator. */
async function asMember(v: Visit): Promise<void> {
  const people = ((await (await v.context.request.get(`${base()}/api/v1/demo/people`)).json()) as { data: Person[] }).data;
  for (const p of [...people].reverse()) {
    await post(v, '/demo/session', { user_id: p.id });
    const seats = await api<{ data: { object: string; seat: string }[] }>(v, '/me/pools');
    if (seats.data.some((s) => s.object === 'lead' && s.seat === 'member')) return;
  }
  throw new Error('nobody of the sample company sits at the lead pool');
}

describe.each<[Tongue, 390 | 1440, 'light' | 'dark']>([['zh-CN', 1440, 'light'], ['en', 390, 'dark']])('public pools, %s-%i', (lang, width, theme) => {
  it('show what nobody owns through masks, to be claimed by whoever comes first and given back with a reason', async () => {
    const t = words(lang);
    const v = await visit(browser, { lang, width, theme });
    await enter(v, '/');
    const tag = String(Date.now() % 1_000_000);
    const mobile = `138${String(Date.now()).slice(-8)}`;
    const one = await post(v, '/lead', { name: `云岭${tag}机械`, owner_id: null, mobile, source: 'website' });
    for (const n of ['东港', '西岸']) await post(v, '/lead', { name: `${n}${tag}材料`, owner_id: null, source: 'exhibition' });
    await asMember(v);
    await v.page.goto(`${base()}/`);
    if (width === 390) await v.page.getByRole('button', { name: t('nav.more') }).click();
    await v.page.getByRole('link', { name: t('pool.title.lead') }).click();
    await v.page.getByRole('heading', { level: 1, name: t('pool.title.lead') }).waitFor();
    await v.page.getByRole('textbox', { name: t('pool.search') }).fill(tag);
    const open = v.page.getByRole('button', { name: `云岭${tag}机械`, exact: true });
    await open.waitFor();
    await settled(v.page);
    await shot(v.page, `pool-${lang}-${width}`);
    expect(await wrongWith(v.page, 'pool')).toEqual([]);
    expect(await v.page.content()).not.toContain(mobile);
    await open.click();
    const dialog = v.page.getByRole('dialog');
    await dialog.getByText(/138\*\*\*\*/).waitFor();
    await shot(v.page, `pool-look-${lang}-${width}`);
    expect(await wrongWith(v.page, 'look')).toEqual([]);
    await dialog.getByRole('button', { name: t('pool.claim'), exact: true }).click();
    await v.page.locator('.toast', { hasText: `云岭${tag}机械` }).waitFor();
    await open.waitFor({ state: 'detached' });
    if (width === 1440) {
      // Two together.
      for (const n of ['东港', '西岸']) await v.page.getByRole('checkbox', { name: t('pool.choose', { name: `${n}${tag}材料` }) }).check();
      await v.page.getByRole('button', { name: t('pool.claimMany', { count: 2 }) }).click();
      await v.page.locator('.toast', { hasText: t('pool.claimedMany', { count: 2 }) }).waitFor();
    }
    // Now it is one's own, with everything to be seen; back it goes with a reason.
    await v.page.goto(`${base()}/o/lead/${one.id}`);
    await v.page.getByRole('heading', { name: `云岭${tag}机械` }).first().waitFor();
    const now = await api<Row>(v, `/lead/${one.id}`);
    expect([now['status'], now['assign_mode'], now['in_pool']]).toEqual(['new', 'claim', false]);
    await post(v, `/lead/${one.id}/actions/return_to_pool`, { pool_reason: 'no_need' });
    const again = await v.context.request.post(`${base()}/api/v1/lead/${one.id}/actions/claim`, { data: {}, headers: { Origin: base() } });
    expect([again.status(), ((await again.json()) as { code: string }).code]).toEqual([409, 'pool.cooldown']);
    await v.context.close();
  });

  it('say when a record falls back and why, and what keeps it', async () => {
    const t = words(lang);
    const v = await visit(browser, { lang, width, theme });
    await enter(v, '/');
    const home = (await api<{ data: Row[] }>(v, `/pool?filter=${encodeURIComponent("object = 'account' and is_default = true")}`)).data[0]!;
    const rule = await post(v, '/pool_rule', { pool_id: home.id, trigger: 'no_follow_up', limit_days: 10, day_kind: 'calendar', levels: ['c'], enabled: true });
    // A rule is known to what is written a moment later.
    const one = await until(() => post(v, '/account', { name: `回收${Date.now() % 1_000_000}`, level: 'c' }), (r) => r['recycle_due_on'] !== null, 'a day');
    await v.page.goto(`${base()}/o/account/${one.id}`);
    const notice = v.page.locator('.rnotice');
    await notice.getByText(t('pool.remedy.no_follow_up'), { exact: false }).waitFor();
    await settled(v.page);
    await shot(v.page, `recycle-${lang}-${width}`);
    expect(await wrongWith(v.page, 'recycle')).toEqual([]);
    // A lock keeps it; the notice goes without a reload.
    await post(v, `/account/${one.id}/actions/lock_from_pool`, {});
    await notice.waitFor({ state: 'detached' });
    const off = await v.context.request.patch(`${base()}/api/v1/pool_rule/${rule.id}`, { data: { enabled: false }, headers: { Origin: base() } });
    expect(off.ok()).toBe(true);
    await v.context.close();
  });
});
