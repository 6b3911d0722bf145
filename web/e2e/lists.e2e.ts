import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { api, enter, launch, settled, shot, visit, type Visit, type Row } from './browser';

// The table: several at once, blocks of cells, columns, groups.

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

const f = (filter: unknown) => encodeURIComponent(JSON.stringify(filter));
const rowIds = (page: Page) => page.locator('tr[data-id]').evaluateAll((all) => all.map((r) => (r as HTMLElement).dataset['id'] ?? ''));
const cell = (page: Page, id: string, field: string) => page.locator(`tr[data-id="${id}"] td[data-field="${field}"]`);

/** Puts text on the clipboard of the grid as a spreadsheet would. */
async function paste(page: Page, text: string): Promise<void> {
  await page.locator('table.grid').evaluate((el, data) => {
    const transfer = new DataTransfer();
    transfer.setData('text/plain', data);
    el.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true }));
  }, text);
}

async function accounts(v: Visit, ids: string[], fields: string): Promise<Row[]> {
  const page = await api<{ data: Row[] }>(v, `/account?filter=${f({ field: 'id', op: 'in', value: ids })}&fields=${fields}&limit=200`);
  return ids.map((id) => page.data.find((r) => r.id === id)!);
}

describe('the table', () => {
  it('chooses by click, range and key, edits all chosen at once, and takes it back', async () => {
    const v = await visit(browser);
    await enter(v, '/o/account?layout=table&sort=name');
    const ids = (await rowIds(v.page)).slice(0, 4);
    const before = await accounts(v, ids, 'source');
    await v.page.locator(`tr[data-id="${ids[0]}"] input[type=checkbox]`).click();
    await v.page.locator(`tr[data-id="${ids[2]}"] input[type=checkbox]`).click({ modifiers: ['Shift'] });
    await v.page.getByText('已选 3 条').waitFor();
    await cell(v.page, ids[3]!, 'level').click();
    await v.page.keyboard.press('x');
    await v.page.getByText('已选 4 条').waitFor();
    await shot(v.page, 'lists-selection-zh');
    await v.page.getByRole('toolbar').getByRole('button', { name: '修改' }).click();
    const dialog = v.page.locator('dialog[open]');
    await dialog.getByRole('combobox', { name: '字段' }).fill('客户来源');
    await v.page.locator('.ant-select-item-option', { hasText: /^客户来源$/ }).click();
    await dialog.getByRole('combobox', { name: '客户来源' }).click();
    await v.page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option').nth(2).click();
    await shot(v.page, 'lists-bulk-edit-zh');
    await dialog.getByRole('button', { name: '全部写入' }).click();
    const job = v.page.locator('.job[data-state="done"]');
    await job.waitFor();
    await expect.poll(async () => new Set((await accounts(v, ids, 'source')).map((r) => r['source'])).size).toBe(1);
    await shot(v.page, 'lists-bulk-done-zh');
    await job.getByRole('button', { name: '撤销' }).click();
    await v.page.locator('.job[data-state="undone"]').waitFor();
    expect((await accounts(v, ids, 'source')).map((r) => r['source'])).toEqual(before.map((r) => r['source']));
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('tags everything the conditions let through, not only what is loaded', async () => {
    const v = await visit(browser, { lang: 'en' });
    const filter = { and: [{ field: 'level', op: 'in', value: ['a', 'b'] }] };
    await enter(v, `/o/account?layout=table&filter=${f(filter)}`);
    const all = (await api<{ count: { value: number } }>(v, `/account?filter=${f(filter)}&count=exact&limit=1`)).count.value;
    expect(all).toBeGreaterThan(100);
    await v.page.locator('tr[data-id] input[type=checkbox]').first().click();
    await v.page.getByRole('button', { name: `Select all ${all}` }).click();
    await v.page.getByText(`${all} selected`).waitFor();
    await v.page.getByRole('toolbar').getByRole('button', { name: 'Tag' }).click();
    const tag = `e2e${Date.now() % 100000}`;
    await v.page.locator('dialog[open]').getByRole('combobox').first().fill(`${tag},`);
    await v.page.locator('dialog[open]').getByRole('button', { name: 'Change tags' }).click();
    const job = v.page.locator('.job');
    await v.page.locator('.job[data-state="done"]').waitFor({ timeout: 60_000 });
    const tagged = async () => (await api<{ count: { value: number } }>(v, `/account?filter=${f({ field: 'tags', op: 'any', value: [tag] })}&count=exact&limit=1`)).count.value;
    expect(await tagged()).toBe(all);
    await job.getByRole('button', { name: 'Undo' }).click();
    await v.page.locator('.job[data-state="undone"]').waitFor({ timeout: 60_000 });
    expect(await tagged()).toBe(0);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('deletes the chosen, says which must stay, and brings them back', async () => {
    const v = await visit(browser);
    await enter(v, '/o/account?layout=table&sort=name');
    const ids = (await rowIds(v.page)).slice(0, 2);
    for (const id of ids) await v.page.locator(`tr[data-id="${id}"] input[type=checkbox]`).click();
    await v.page.getByRole('toolbar').getByRole('button', { name: '更多' }).click();
    await v.page.getByRole('menuitem', { name: '删除 2 条' }).click();
    await v.page.locator('.job[data-state="done"]').waitFor();
    const there = async (id: string) => (await v.context.request.get(`${new URL(v.page.url()).origin}/api/v1/account/${id}`)).ok();
    const left = await Promise.all(ids.map(there));
    // Customers with deals are still needed: the reason stands in the tray.
    const faults = await v.page.locator('.job-faults li').count();
    expect(faults).toBe(left.filter(Boolean).length);
    const undo = v.page.locator('.job').getByRole('button', { name: '撤销' });
    if (await undo.isVisible()) {
      await undo.click();
      await v.page.locator('.job[data-state="undone"]').waitFor();
    }
    expect(await Promise.all(ids.map(there))).toEqual([true, true]);
    await v.context.close();
  });

  it('pastes a block from a spreadsheet after checking it, and Ctrl Z takes it back', async () => {
    const v = await visit(browser, { lang: 'en' });
    await enter(v, '/o/opportunity?layout=table&sort=name&columns=%5B%22name%22%2C%22amount%22%2C%22close_on%22%2C%22forecast_category%22%2C%22next_step%22%5D');
    const ids = (await rowIds(v.page)).slice(0, 3);
    const read = async () => {
      const page = await api<{ data: Row[] }>(v, `/opportunity?filter=${f({ field: 'id', op: 'in', value: ids })}&fields=amount,close_on,forecast_category`);
      return ids.map((id) => page.data.find((r) => r.id === id)!);
    };
    const before = await read();
    await cell(v.page, ids[0]!, 'amount').click();
    // One wrong cell: nothing is written, the dialog says which and why.
    await paste(v.page, '12,500\t2027-03-01\tCommit\nabout 20\t2027/4/2\tCommit\n68.5K\t3 Mar 2027\tCommit');
    const dialog = v.page.locator('dialog[open]');
    await dialog.getByText('This is not a number.').waitFor();
    await shot(v.page, 'lists-paste-check-en');
    expect((await read()).map((r) => r['close_on'])).toEqual(before.map((r) => r['close_on']));
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await paste(v.page, '12,500\t2027-03-01\n20000\t2027/4/2\n68.5K\t3 Mar 2027');
    await v.page.getByText('6 cells pasted').waitFor();
    const after = await read();
    expect(after.map((r) => (r['amount'] as { amount: string }).amount.replace(/\.0+$/, ''))).toEqual(['12500', '20000', '68500']);
    expect(after.map((r) => r['close_on'])).toEqual(['2027-03-01', '2027-04-02', '2027-03-03']);
    await shot(v.page, 'lists-pasted-en');
    await v.page.locator('table.grid').focus();
    await v.page.keyboard.press('Control+z');
    await v.page.getByText('Taken back').waitFor();
    await expect.poll(async () => (await read()).map((r) => r['close_on'])).toEqual(before.map((r) => r['close_on']));
    expect((await read()).map((r) => (r['amount'] as { amount: string }).amount)).toEqual(before.map((r) => (r['amount'] as { amount: string }).amount));
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('edits in the cell with the keyboard: Enter, Tab, Escape; fills down', async () => {
    const v = await visit(browser, { lang: 'en' });
    await enter(v, '/o/opportunity?layout=table&sort=-name&columns=%5B%22name%22%2C%22next_step%22%2C%22amount%22%5D');
    const ids = (await rowIds(v.page)).slice(0, 3);
    const steps = async () => {
      const page = await api<{ data: Row[] }>(v, `/opportunity?filter=${f({ field: 'id', op: 'in', value: ids })}&fields=next_step`);
      return ids.map((id) => page.data.find((r) => r.id === id)!['next_step']);
    };
    const before = await steps();
    await cell(v.page, ids[0]!, 'next_step').click();
    await v.page.keyboard.press('Enter');
    const input = v.page.locator('.cell-edit input');
    await input.fill('Not this');
    await v.page.keyboard.press('Escape');
    await input.waitFor({ state: 'detached' });
    expect(await steps()).toEqual(before);
    await v.page.keyboard.press('Enter');
    const said = `Send offer ${Date.now() % 1000}`;
    await input.fill(said);
    await v.page.keyboard.press('Tab');
    await v.page.locator('td.editing .ant-input-number').waitFor();
    await expect.poll(async () => (await steps())[0]).toBe(said);
    await v.page.keyboard.press('Escape');
    await v.page.keyboard.press('ArrowLeft');
    await v.page.keyboard.press('Shift+ArrowDown');
    await v.page.keyboard.press('Shift+ArrowDown');
    await shot(v.page, 'lists-block-en');
    await v.page.keyboard.press('Control+d');
    await v.page.getByText('2 cells filled').waitFor();
    expect(await steps()).toEqual([said, said, said]);
    await v.page.keyboard.press('Control+z');
    await expect.poll(async () => (await steps()).slice(1)).toEqual(before.slice(1));
    // The undo before that: the edit in the cell.
    await v.page.keyboard.press('Control+z');
    await expect.poll(async () => (await steps())[0]).toBe(before[0]);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('has columns that are widened, moved and pinned, and remembers them', async () => {
    const v = await visit(browser, { lang: 'en' });
    await enter(v, '/o/account?layout=table');
    const heads = () => v.page.locator('th[data-col]').evaluateAll((all) => all.map((x) => (x as HTMLElement).dataset['col']));
    const first = await heads();
    const handle = (await v.page.locator('th[data-col="name"] .th-size').boundingBox())!;
    const wide = (await v.page.locator('th[data-col="name"]').boundingBox())!.width;
    await v.page.mouse.move(handle.x + 4, handle.y + 10);
    await v.page.mouse.down();
    await v.page.mouse.move(handle.x + 84, handle.y + 10, { steps: 5 });
    await v.page.mouse.up();
    await expect.poll(async () => Math.round((await v.page.locator('th[data-col="name"]').boundingBox())!.width - wide)).toBeGreaterThan(60);
    await v.page.locator('th[data-col="status"] .th-name').dragTo(v.page.locator('th[data-col="level"]'), { targetPosition: { x: 4, y: 10 } });
    await expect.poll(heads).toEqual([first[0], 'status', 'level', ...first.slice(3)]);
    await v.page.locator('th[data-col="level"] .th-name').focus();
    await v.page.keyboard.press('Alt+ArrowLeft');
    await expect.poll(heads).toEqual([first[0], 'level', 'status', ...first.slice(3)]);
    await v.page.locator('th[data-col="owner_id"] .th-more').click();
    await v.page.getByRole('menuitem', { name: 'Keep in sight' }).click();
    await expect.poll(async () => (await heads())[1]).toBe('owner_id');
    await v.page.reload();
    await settled(v.page);
    expect((await heads())[1]).toBe('owner_id');
    expect(Math.round((await v.page.locator('th[data-col="name"]').boundingBox())!.width - wide)).toBeGreaterThan(60);
    await shot(v.page, 'lists-columns-en');
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('groups by a field with counts and sums; a head closes its rows', async () => {
    const v = await visit(browser);
    await enter(v, '/o/opportunity?layout=table');
    await v.page.getByRole('button', { name: '分组' }).click();
    await v.page.getByRole('menuitemradio', { name: '来源', exact: true }).click();
    await v.page.locator('tr.group').first().waitFor();
    await settled(v.page);
    await v.page.locator('tr[data-id]').first().waitFor();
    await shot(v.page, 'lists-groups-zh');
    const sums = await api<{ count: { value: number } }>(v, '/opportunity?count=exact&limit=1');
    expect(Number((await v.page.locator('.top .num').innerText()).replace(/[^\d]/g, ''))).toBe(sums.count.value);
    const head = v.page.locator('tr.group').first();
    const rows = await v.page.locator('tr[data-id]').count();
    await head.getByRole('button').click();
    await expect.poll(() => head.getByRole('button').getAttribute('aria-expanded')).toBe('false');
    expect(await v.page.locator('tr[data-id]').count()).toBeLessThan(rows);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });
});
