import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sideways, wrongWith } from './axe';
import { api, base, enter, launch, settled, shot, twoLooks, visit, type Visit } from './browser';
import { held, until } from './kept';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

const first = async (v: Visit, object: string) => (await api<{ data: { id: string }[] }>(v, `/${object}?limit=1`)).data[0]!.id;

describe('finding the way', () => {
  it('finds a setting by pinyin, goes by G and a letter, keeps a favourite and what was seen', async () => {
    const v = await visit(browser);
    await enter(v, '/');
    await v.page.keyboard.press('Control+k');
    const box = v.page.getByRole('combobox', { name: '搜索或命令' });
    await box.fill('>huishou');
    await v.page.getByRole('option', { name: /回收站/ }).waitFor();
    await shot(v.page, 'palette-settings');
    await v.page.keyboard.press('Enter');
    await v.page.locator('h1', { hasText: '回收站' }).waitFor();

    await v.page.keyboard.press('g');
    await v.page.locator('.gokeys').waitFor();
    await v.page.keyboard.press('a');
    await v.page.waitForURL('**/o/account');

    await v.page.goto(`${base()}/o/account/${await first(v, 'account')}`);
    await v.page.locator('.record h1').waitFor();
    // The bell puts the number of what is unread before the title; the star leaves it out.
    const title = (await v.page.title()).replace(/^\(\d+\+?\) /, '').split(' · ')[0]!;
    await v.page.keyboard.press('Control+k');
    await box.fill('>shoucang');
    await v.page.getByRole('option', { name: '收藏这一页' }).waitFor();
    await v.page.keyboard.press('Enter');
    const star = v.page.getByRole('navigation', { name: '主导航' }).getByRole('link', { name: title });
    await star.waitFor();
    await v.page.waitForFunction((t) => Object.keys(localStorage).some((k) => k.startsWith('rapport.recents.') && localStorage.getItem(k)!.includes(t)), title);
    await v.page.goto(base());
    await settled(v.page);
    await v.page.keyboard.press('Control+k');
    await v.page.locator('.pal-group', { hasText: '最近看过' }).waitFor();
    await v.page.getByRole('option', { name: title }).first().waitFor();
    await v.page.keyboard.press('Escape');
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it.each(twoLooks)('opens what one was told of by a command ($name)', async ({ lang, theme, width, name }) => {
    const v = await visit(browser, { lang, theme, width });
    const zh = lang === 'zh-CN';
    await enter(v, '/');
    if (width! < 900) await v.page.getByRole('button', { name: zh ? '搜索或命令' : 'Search or command' }).click();
    else await v.page.keyboard.press('Control+k');
    await v.page.getByRole('combobox', { name: zh ? '搜索或命令' : 'Search or command' }).fill('tongzhi');
    await v.page.getByRole('option', { name: zh ? '打开通知' : 'Open notifications' }).waitFor();
    await shot(v.page, `palette-notices-${name}`);
    await v.page.keyboard.press('Enter');
    const panel = v.page.getByRole('dialog', { name: zh ? '通知' : 'Notifications' });
    await panel.waitFor();
    await settled(v.page);
    await shot(v.page, `notices-by-command-${name}`);
    expect(await wrongWith(v.page, 'notices')).toEqual([]);
    await v.page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('asks for the day before its scripts are there, the second time one comes, and once', async () => {
    const v = await visit(browser, { width: 390 });
    await enter(v, '/');
    await v.page.waitForFunction(() => localStorage.getItem('rapport.asks')?.includes('next_follow_at'));
    // The page comes anew, its first script only when the questions are asked.
    const asked: string[] = [];
    v.page.on('request', (r) => { if (r.url().includes('/api/v1/') && r.method() === 'GET') asked.push(r.url()); });
    const ofTheDay = () => asked.filter((u) => u.includes('next_follow_at'));
    await v.page.route('**/assets/index-*.js', async (route) => {
      await expect.poll(() => ofTheDay().length).toBeGreaterThan(0);
      await route.continue();
    });
    await v.page.goto(base(), { waitUntil: 'commit' });
    await v.page.getByText('正在打开…').waitFor();
    await settled(v.page);
    const questions = ofTheDay();
    expect(new Set(questions).size).toBe(questions.length);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('answers in the help drawer and walks the tour by keyboard', async () => {
    const v = await visit(browser, { lang: 'en' });
    await enter(v, '/');
    await v.page.getByRole('button', { name: 'Help', exact: true }).click();
    await v.page.getByLabel('Search the help').fill('recycle');
    await v.page.getByRole('button', { name: 'Bring something back' }).click();
    await v.page.getByText('Ctrl Z').first().waitFor();
    await shot(v.page, 'help-article');
    await v.page.getByRole('button', { name: 'All articles' }).click();
    await v.page.getByLabel('Search the help').fill('');
    await v.page.locator('dialog[open]').getByRole('button', { name: /^Take the tour/ }).click();
    const card = v.page.locator('.tour-card');
    await card.waitFor();
    for (let n = 1; n < 6; n++) {
      await card.getByText(`${n} of 6`).waitFor();
      if (n === 1) await shot(v.page, 'tour');
      await v.page.keyboard.press('ArrowRight');
    }
    await card.getByText('6 of 6').waitFor();
    await v.page.keyboard.press('Escape');
    await card.waitFor({ state: 'detached' });
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });
});

describe('the phone', () => {
  it('goes by the bar at the bottom and never scrolls sideways', async () => {
    const v = await visit(browser, { width: 390 });
    await enter(v, '/');
    const bar = v.page.getByRole('navigation', { name: '主导航' });
    const wide = async () => expect(await sideways(v.page), v.page.url()).toBeLessThanOrEqual(0);
    for (const b of await bar.locator('a, button').all()) expect((await b.boundingBox())!.height).toBeGreaterThanOrEqual(44);
    await bar.getByRole('link', { name: '客户' }).click();
    await v.page.waitForURL('**/o/account');
    await wide();
    await bar.getByRole('link', { name: '商机' }).click();
    await v.page.waitForURL('**/o/opportunity');
    await wide();
    await bar.getByRole('button', { name: '更多' }).click();
    await shot(v.page, 'phone-more');
    await v.page.locator('dialog[open]').getByRole('link', { name: '设置' }).click();
    await v.page.locator('.setf-nav h1').waitFor();
    await settled(v.page);
    await shot(v.page, 'phone-settings');
    await wide();
    await v.page.getByRole('link', { name: '部门' }).click();
    await v.page.locator('.tree-row').first().waitFor();
    await wide();
    await v.page.getByRole('link', { name: '设置' }).first().click();
    await v.page.locator('.setf-nav h1').waitFor();
    await bar.getByRole('link', { name: '今天' }).click();
    await v.page.waitForURL((u) => u.pathname === '/');
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('says since when it is offline, and that it is back', async () => {
    const v = await visit(browser, { width: 390 });
    await enter(v, '/o/account');
    await v.context.setOffline(true);
    await v.page.locator('.offline', { hasText: '再试一次' }).waitFor();
    await shot(v.page, 'phone-offline');
    await v.context.setOffline(false);
    await v.page.locator('.offline.back').waitFor();
    await v.context.close();
  });

  it('can be installed, keeps its shell without a network and nothing of the data', async () => {
    const v = await visit(browser, { width: 390 });
    await enter(v, '/');
    const manifest = (await (await v.context.request.get(`${base()}/manifest.webmanifest`)).json()) as { icons: { src: string }[]; display: string };
    expect(manifest.display).toBe('standalone');
    for (const i of manifest.icons) expect((await v.context.request.get(base() + i.src)).status(), i.src).toBe(200);
    await v.page.evaluate(async () => navigator.serviceWorker.ready);
    await v.page.reload();
    await settled(v.page);
    await v.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await v.page.reload();
    await settled(v.page);
    const kept = await v.page.evaluate(async () => {
      const urls: string[] = [];
      for (const name of await caches.keys()) for (const r of await (await caches.open(name)).keys()) urls.push(new URL(r.url).pathname);
      return urls;
    });
    expect(kept.length).toBeGreaterThan(3);
    expect(kept.filter((p) => p.startsWith('/api'))).toEqual([]);
    // Who this is and the model are kept a moment after the page stands.
    await until(() => held(v), (h) => ['/session', '/meta/model'].every((asked) => h.meta.some((m) => String(m['ask']).includes(asked))), 'kept');
    await v.context.setOffline(true);
    await v.page.goto(`${base()}/o/account`);
    await v.page.getByRole('heading', { name: '这台设备上没有保存' }).waitFor();
    await v.page.locator('.empty').getByRole('button', { name: '再试一次' }).waitFor();
    await shot(v.page, 'phone-shell-offline');
    await v.context.close();
  });
});

describe.each(twoLooks)('settings, $name', (look) => {
  it('stand without faults and without sideways scroll', async () => {
    const v = await visit(browser, look);
    await enter(v, '/');
    const role = (await api<{ data: { id: string }[] }>(v, `/role?limit=1&filter=${encodeURIComponent('code = "sales_manager"')}`)).data[0]!.id;
    const routes = ['/settings', '/settings/me', '/settings/tokens', '/settings/imports', '/settings/people', '/settings/departments', '/settings/roles', `/settings/roles/${role}`, '/settings/objects', '/settings/objects/account', '/settings/model', '/settings/audit', '/settings/bin'];
    const wrong: string[] = [];
    for (const path of routes) {
      await v.page.goto(base() + path);
      await settled(v.page);
      await shot(v.page, `${path.slice(1).replace(/\//g, '-').replace(role, 'one')}-${look.name}`);
      wrong.push(...(await wrongWith(v.page, path)));
    }
    await v.page.goto(`${base()}/settings/objects/account`);
    await settled(v.page);
    await v.page.getByRole('tab').nth(1).click();
    await v.page.locator('.dsg-card').nth(6).click();
    await shot(v.page, `designer-${look.name}`);
    wrong.push(...(await wrongWith(v.page, 'designer')));
    await v.page.locator('.setp-top .btn.p').click();
    await v.page.locator('[data-type=pick]').click();
    await v.page.locator('dialog[open] .vals').waitFor();
    wrong.push(...(await wrongWith(v.page, 'field')));
    expect(wrong).toEqual([]);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  }, 300_000);
});
