import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsOf } from './axe';
import { api, base, enter, launch, looks, settled, shot, visit, type Row, type Visit } from './browser';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

const stamp = () => String(Date.now() % 1_000_000);

/** Takes away what fits: journeys begin and end with the shipped calendar of 2026 only. */
async function clear(v: Visit, object: string, filter: string): Promise<void> {
  for (const r of (await api<{ data: Row[] }>(v, `/${object}?filter=${encodeURIComponent(filter)}`)).data) {
    await v.context.request.delete(`${base()}/api/v1/${object}/${r.id}`, { headers: { Origin: base() } });
  }
}

describe('working time', () => {
  for (const look of looks) {
    it(`shows the hours and the year: ${look.name}`, async () => {
      const v = await visit(browser, look);
      await enter(v, '/settings/worktime');
      await v.page.locator('.wt-month').nth(11).waitFor();
      expect(await v.page.locator('.wt-month').nth(9).getAttribute('aria-label')).toContain('18');
      expect(await v.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
      expect(await faultsOf(v.page)).toEqual([]);
      await shot(v.page, `worktime-${look.name}`);
      await v.page.locator('[data-day="2026-10-10"]').click();
      await v.page.locator('dialog[open]').waitFor();
      expect(await faultsOf(v.page)).toEqual([]);
      await shot(v.page, `worktime-day-${look.name}`);
      await v.page.keyboard.press('Escape');
      await v.page.locator('.wt-hours .tap').first().click();
      await v.page.locator('dialog[open] .wt-line').nth(6).waitFor();
      expect(await faultsOf(v.page)).toEqual([]);
      await shot(v.page, `worktime-hours-${look.name}`);
      expect(v.complaints).toEqual([]);
      await v.context.close();
    });
  }

  it('makes a day off by the keyboard, and an ordinary day again by a click', async () => {
    const v = await visit(browser, { lang: 'en' });
    await enter(v, '/settings/worktime');
    await clear(v, 'holiday', 'day = 2026-12-24');
    const day = v.page.locator('[data-day="2026-12-24"]');
    await v.page.locator('[data-day="2026-12-17"]').focus();
    await v.page.keyboard.press('ArrowDown');
    expect(await day.evaluate((d) => d === document.activeElement)).toBe(true);
    await v.page.keyboard.press('Enter');
    const dialog = v.page.locator('dialog[open]');
    expect(await dialog.getByRole('radio', { name: 'Day off' }).isChecked()).toBe(true);
    const name = `Founding day ${stamp()}`;
    await dialog.getByLabel('Name').fill(name);
    await v.page.keyboard.press('Enter');
    await v.page.locator('[data-day="2026-12-24"].holiday').waitFor();
    expect(await day.getAttribute('aria-label')).toBe(`Thursday, December 24, Day off, ${name}`);
    await v.page.reload();
    await settled(v.page);
    await v.page.locator('[data-day="2026-12-24"].holiday').click();
    await dialog.getByText('As every week').click();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await v.page.locator('[data-day="2026-12-24"].work').waitFor();
    expect((await api<{ data: Row[] }>(v, `/holiday?filter=${encodeURIComponent('day = 2026-12-24')}`)).data).toEqual([]);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('fills in the public holidays of another year, and says which year is not known yet', async () => {
    const v = await visit(browser);
    await enter(v, '/settings/worktime');
    await clear(v, 'holiday_calendar', 'year != 2026');
    await v.page.reload();
    await settled(v.page);
    await v.page.getByRole('button', { name: '上一年' }).click();
    await v.page.getByText('2025 年还没有日历').waitFor();
    await v.page.getByRole('button', { name: '填入法定节假日' }).click();
    await v.page.locator('[data-day="2025-10-01"].holiday').waitFor();
    await v.page.locator('[data-day="2025-10-11"].workday').waitFor();
    await v.page.locator('.toast', { hasText: '已填入 33 天' }).waitFor();
    for (let year = 2025; year < 2031; year += 1) await v.page.getByRole('button', { name: '下一年' }).click();
    await v.page.getByRole('button', { name: '填入法定节假日' }).click();
    await v.page.locator('.toast', { hasText: '此版本尚无 2031 年' }).waitFor();
    await shot(v.page, 'worktime-unknown-year');
    await clear(v, 'holiday_calendar', 'year != 2026');
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('makes business hours, and says what is wrong with their windows', async () => {
    const v = await visit(browser, { lang: 'en' });
    await enter(v, '/settings/worktime');
    const name = `Saturday shift ${stamp()}`;
    await v.page.getByRole('button', { name: 'New business hours' }).click();
    const dialog = v.page.locator('dialog[open]');
    await dialog.getByLabel('Name').fill(name);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('No day has working time').waitFor();
    await dialog.getByRole('button', { name: 'Add a window: Sat' }).click();
    await dialog.getByLabel('Sat: to').fill('08:00');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('A window must end after it starts').waitFor();
    await shot(v.page, 'worktime-wrong-window');
    await dialog.getByLabel('Sat: to').fill('24');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await v.page.locator('.wt-hours li', { hasText: name }).getByText('Sat 09:00–24:00').waitFor();
    await clear(v, 'business_hours', `name = "${name}"`);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });
});
