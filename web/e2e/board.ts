import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { api, type Row, type Visit } from './browser';

/**
 * Drags a card back by one column, which every pipeline allows with a reason, and gives the reason where it is asked on the spot.
 * `picture` is called while the card hangs and before the reason is sent. Answers the card's record and the column it came to.
 */
export async function dragBack(v: Visit, picture: (page: Page, what: 'drag' | 'reason') => Promise<void>) {
  const columns = v.page.locator('ul.cell');
  await v.page.locator('[data-card]').first().waitFor();
  let from = 1;
  while ((await columns.nth(from).locator('[data-card]').count()) === 0) from += 1;
  const card = columns.nth(from).locator('[data-card]').first();
  const id = (await card.getAttribute('data-card'))!;
  const before = (await api<Row>(v, `/opportunity/${id}`))['stage_id'];
  const at = (await card.boundingBox())!;
  const to = (await columns.nth(from - 1).boundingBox())!;
  await v.page.mouse.move(at.x + 40, at.y + 50);
  await v.page.mouse.down();
  await v.page.mouse.move(at.x + 20, at.y + 60, { steps: 4 });
  await v.page.mouse.move(to.x + to.width / 2, to.y + 80, { steps: 10 });
  await v.page.locator('.cell.over .drop').waitFor();
  await picture(v.page, 'drag');
  await v.page.mouse.up();
  const dialog = v.page.locator('dialog[open]');
  await Promise.race([dialog.waitFor(), v.page.locator('.toast').waitFor()]);
  if (await dialog.isVisible()) {
    for (const field of await dialog.locator('textarea').all()) await field.fill('客户改了范围');
    await picture(v.page, 'reason');
    await dialog.locator('button[type=submit]').click();
    await dialog.waitFor({ state: 'detached' });
  }
  await expect.poll(async () => (await api<Row>(v, `/opportunity/${id}`))['stage_id']).not.toBe(before);
  return { id, column: columns.nth(from - 1) };
}
