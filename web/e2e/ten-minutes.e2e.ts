import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import adminEn from '../src/features/admin/text.en.json';
import adminZh from '../src/features/admin/text.zh-CN.json';
import { wrongWith } from './axe';
import { dragBack } from './board';
import { api, base, enter, launch, looks, settled, shot, visit, type Row, type Visit } from './browser';
import { words } from './words';
import { workbook } from './xlsx';

// What somebody who has never seen the product does in the first ten minutes, in both languages and looks; then the day on a phone.

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

interface Meta {
  objects: { name: string; label: Words; plural: Words; fields: { name: string; label: Words; picklist?: string }[] }[];
  picklists: Record<string, { values: { key: string; label: Words }[] }>;
}
interface Words {
  en: string;
  zh: string;
}

/** Names of objects, fields and values in the reader's language. */
async function names(v: Visit, lang: 'zh-CN' | 'en') {
  const meta = await api<Meta>(v, '/meta/model');
  const say = (w: Words | undefined) => (lang === 'en' ? w?.en : w?.zh) ?? '';
  const object = (n: string) => meta.objects.find((o) => o.name === n);
  const field = (o: string, f: string) => object(o)?.fields.find((x) => x.name === f);
  return {
    plural: (o: string) => say(lang === 'en' ? object(o)?.plural : object(o)?.label),
    field: (o: string, f: string) => say(field(o, f)?.label),
    value: (o: string, f: string, key: string) => say(meta.picklists[field(o, f)?.picklist ?? '']?.values.find((x) => x.key === key)?.label),
  };
}

async function make(v: Visit, object: string, data: Record<string, unknown>): Promise<Row> {
  const answer = await v.context.request.post(`${base()}/api/v1/${object}`, { data, headers: { Origin: base() } });
  expect(answer.ok(), await answer.text()).toBe(true);
  return (await answer.json()) as Row;
}
const stamp = () => String(Date.now() % 10_000_000);
const option = (page: Page, text: string) => page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option', { hasText: new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`) });
const exact = (text: string) => new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`);
const tomorrow = () => new Date(Date.now() + 86_400_000).toDateString();

describe.each(looks.filter((l) => l.width === 1440))('ten minutes, $name', (look) => {
  const lang = look.lang ?? 'zh-CN';
  const t = words(lang);
  const a = (key: keyof typeof adminEn) => (lang === 'en' ? adminEn : adminZh)[key];
  const picture = (page: Page, what: string) => shot(page, `ten-${what}-${look.name}`);

  it('finds a customer by pinyin initials and adds a follow-up with a next date', async () => {
    const v = await visit(browser, look);
    await enter(v, '/');
    const name = `${lang === 'en' ? '苇航' : '棹歌'}${stamp()}机电`;
    const made = await make(v, 'account', { name });
    await v.page.keyboard.press('Control+k');
    const box = v.page.getByRole('combobox', { name: t('palette.open') });
    await box.fill(lang === 'en' ? 'wh' : 'zg');
    await box.pressSequentially(/\d+/.exec(name)?.[0] ?? '');
    await v.page.getByRole('option', { name }).first().waitFor();
    await picture(v.page, 'pinyin');
    await v.page.keyboard.press('Enter');
    await v.page.locator('.record h1', { hasText: name }).waitFor();
    await settled(v.page);
    await v.page.locator('[data-composer]').fill('首付两成可以接受，明天发修订版报价');
    await v.page.locator('.comp-foot').getByRole('button', { name: exact(t('follow.next')) }).click();
    await v.page.getByRole('dialog', { name: t('follow.next') }).getByRole('button', { name: t('date.tomorrow') }).click();
    await picture(v.page, 'follow-up');
    await v.page.locator('.comp').getByRole('button', { name: exact(t('act.save')) }).click();
    await v.page.locator('.tl-item', { hasText: '首付两成可以接受' }).waitFor();
    await expect.poll(async () => new Date(String((await api<Row>(v, `/account/${made.id}`))['next_follow_at'] ?? 0)).toDateString()).toBe(tomorrow());
    await settled(v.page);
    await picture(v.page, 'followed');
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('changes the stage of a deal by dragging, with the reason asked on the spot', async () => {
    const v = await visit(browser, look);
    await enter(v, '/o/opportunity?layout=board');
    const { id, column } = await dragBack(v, (page, what) => picture(page, what === 'drag' ? 'drag' : 'drag-reason'));
    await column.locator(`[data-card="${id}"]`).waitFor();
    await picture(v.page, 'dragged');
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('builds “my open deals over 50,000 closing this month” and shares it', async () => {
    const v = await visit(browser, look);
    await enter(v, '/o/opportunity?layout=table');
    const n = await names(v, lang);
    await v.page.getByRole('button', { name: t('filter.all') }).click();
    const pop = v.page.getByRole('dialog', { name: t('filter.all') });
    const pick = async (row: number, name: string) => {
      if (row > 0) await pop.getByRole('button', { name: t('filter.add') }).click();
      await pop.getByRole('combobox', { name: t('filter.field') }).nth(row).fill(name);
      await option(v.page, name).click();
    };
    await pick(0, n.field('opportunity', 'owner_id'));
    await pop.getByRole('button', { name: t('rel.me'), exact: true }).click();
    await pick(1, `${n.field('opportunity', 'stage_id')} › ${n.field('stage', 'kind')}`);
    await pop.getByRole('checkbox', { name: n.value('stage', 'kind', 'open') }).check();
    await pick(2, n.field('opportunity', 'amount'));
    await pop.locator('.builder-row').nth(2).locator('input').last().fill('50000');
    await pick(3, n.field('opportunity', 'close_on'));
    await pop.locator('.builder-row').nth(3).getByRole('combobox').last().click();
    await option(v.page, t('rel.this_month')).click();
    await picture(v.page, 'view-words');
    await pop.getByRole('button', { name: t('filter.apply') }).click();
    await v.page.getByRole('group', { name: t('view.changes') }).getByRole('button', { name: t('view.save') }).click();
    const name = `${lang === 'en' ? 'My month' : '我的本月'} ${stamp()}`;
    await v.page.getByLabel(t('view.name')).fill(name);
    await v.page.getByRole('radio', { name: t('view.for.everyone') }).check();
    await v.page.getByRole('button', { name: t('act.save'), exact: true }).click();
    await v.page.getByRole('tab', { name }).waitFor();
    await settled(v.page);
    await picture(v.page, 'view-shared');
    // It is there for a colleague.
    const people = (await (await fetch(`${base()}/api/v1/demo/people`)).json()) as { data: { id: string }[] };
    const other = await visit(browser, look);
    await other.context.request.post(`${base()}/api/v1/demo/session`, { data: { user_id: people.data[3]?.id }, headers: { Origin: base() } });
    await other.page.goto(`${base()}/o/opportunity`);
    await other.page.getByRole('tab', { name }).waitFor();
    expect([...v.complaints, ...other.complaints]).toEqual([]);
    await other.context.close();
    await v.context.close();
  });

  it('imports a messy Excel sheet, sees what is wrong with which row, and undoes it', async () => {
    const v = await visit(browser, look);
    await enter(v, '/import/account');
    const tag = stamp();
    const file = workbook([
      [],
      [' 公司名称 ', '客户级别', '电话 ', '邮箱', '来自哪个展位'],
      [`远浦${tag}阀门`, 'A 重点客户', '0571-88880001', 'sales@yuanpu.example', 'B12'],
      [`  竹里${tag}机电 `, '特重要', 13800138000, null, 'B13'],
      [],
      [`南屿${tag}风机`, 'C', null, '不是邮箱', null],
      [null, 'B', '021-66660000', null, 'C01'],
    ], '展会');
    await v.page.locator('input[type=file]').setInputFiles({ name: '秋季展会 名单(最终版).xlsx', mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer: file });
    await v.page.locator('.imp-map').waitFor();
    await picture(v.page, 'import-mapping');
    expect(await wrongWith(v.page, 'mapping')).toEqual([]);
    await v.page.getByRole('button', { name: t('act.next') }).click();
    // 「特重要」 is no value of the list: say what it means.
    const unknown = v.page.getByRole('combobox', { name: /特重要/ });
    await unknown.fill('A');
    await v.page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option').filter({ hasText: /^A/ }).first().click();
    await picture(v.page, 'import-values');
    await v.page.getByRole('button', { name: t('act.next') }).click();
    await v.page.locator('.imp-lead').getByRole('button', { name: t('import.tryDo') }).click();
    const wrong = v.page.locator('.imp-wrong tbody tr');
    await wrong.first().waitFor();
    await picture(v.page, 'import-dry-run');
    expect(await wrong.count()).toBe(2);
    expect(await wrongWith(v.page, 'dry run')).toEqual([]);
    await v.page.getByRole('button', { name: t('act.next') }).click();
    await v.page.getByRole('button', { name: t('import.runDo') }).click();
    await v.page.getByRole('button', { name: t('import.undo') }).waitFor();
    const rows = async () => (await api<{ data: Row[] }>(v, `/account?filter=${encodeURIComponent(JSON.stringify({ field: 'name', op: 'contains', value: tag }))}`)).data;
    expect((await rows()).map((r) => `${String(r['name'])} ${String(r['level'])}`).sort()).toEqual([`竹里${tag}机电 a`, `远浦${tag}阀门 a`].sort());
    await picture(v.page, 'import-done');
    await v.page.getByRole('button', { name: t('import.undo') }).click();
    await expect.poll(async () => (await rows()).length, { timeout: 20_000 }).toBe(0);
    await v.page.locator('.toast', { hasText: t('import.undone') }).waitFor();
    await picture(v.page, 'import-undone');
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('adds a field to the customer and sees it in form, list, filter and export', async () => {
    const v = await visit(browser, look);
    await enter(v, '/settings/objects/account');
    const n = await names(v, lang);
    const name = `${lang === 'en' ? 'Plant' : '厂区'}${stamp()}`;
    await v.page.getByRole('button', { name: a('field.new') }).click();
    await v.page.locator('[data-type=text]').click();
    const dialog = v.page.locator('dialog[open]');
    await dialog.getByLabel(a(lang === 'en' ? 'field.labelEn' : 'field.labelZh')).fill(name);
    await picture(v.page, 'field-new');
    await dialog.getByRole('button', { name: a('field.add') }).click();
    await dialog.waitFor({ state: 'detached' });
    const row = v.page.locator('tr[data-field]', { hasText: name });
    await row.waitFor();
    const field = (await row.getAttribute('data-field')) ?? '';
    const customers = v.page.getByRole('navigation', { name: t('nav.main') }).getByRole('link', { name: n.plural('account'), exact: true });
    await customers.click();
    await v.page.locator('td.cell-title').first().waitFor();
    await v.page.keyboard.press('c');
    const form = v.page.locator('dialog[open]');
    const customer = `${lang === 'en' ? 'Quay' : '汀洲'}${stamp()}`;
    await form.locator('#new-name').fill(customer);
    await form.locator('.dlg-foot .btn.q.s').click();
    await form.locator(`#new-${field}`).fill('二号厂');
    await form.locator(`#new-${field}`).scrollIntoViewIfNeeded();
    await picture(v.page, 'field-form');
    await v.page.keyboard.press('Control+Enter');
    await v.page.locator('.record h1', { hasText: customer }).waitFor();
    await v.page.getByText(name).first().waitFor();
    await picture(v.page, 'field-record');
    await v.page.goto(`${base()}/o/account?layout=table&columns=${encodeURIComponent(JSON.stringify(['name', field, 'level']))}&filter=${encodeURIComponent(JSON.stringify({ and: [{ field, op: 'eq', value: '二号厂' }] }))}`);
    await v.page.locator('th', { hasText: name }).waitFor();
    await v.page.locator('.chip', { hasText: name }).waitFor();
    await v.page.locator(`td[data-field="${field}"]`, { hasText: '二号厂' }).waitFor();
    await picture(v.page, 'field-list');
    const csv = await (await v.context.request.get(`${base()}/api/v1/account/export?format=csv&fields=name,${field}&filter=${encodeURIComponent(`${field} = '二号厂'`)}`, { headers: { 'Accept-Language': lang } })).text();
    for (const said of [name, customer, '二号厂']) expect(csv).toContain(said);
    // Off again: other journeys find the customer as it was.
    await v.page.goto(`${base()}/settings/objects/account`);
    await row.locator('button').last().click();
    await v.page.getByRole('menuitem', { name: a('field.retire') }).click();
    await row.waitFor({ state: 'detached' });
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });
});

describe.each(looks.filter((l) => l.width === 390))('the day on a phone, $name', (look) => {
  const lang = look.lang ?? 'zh-CN';
  const t = words(lang);
  const picture = (page: Page, what: string) => shot(page, `day-${what}-${look.name}`);

  it('finds a customer, logs a follow-up with a next date, moves a deal, makes a contact, ticks off a task', async () => {
    const v = await visit(browser, look);
    await enter(v, '/');
    const wrong: string[] = [];
    const check = async (what: string) => {
      await settled(v.page);
      await picture(v.page, what);
      wrong.push(...(await wrongWith(v.page, what)));
    };
    const number = stamp();
    const name = `${lang === 'en' ? '蓼汀' : '荻溪'}${number}仪表`;
    const made = await make(v, 'account', { name });
    const task = await make(v, 'task', { subject: `补案例 ${number}`, due_at: new Date().toISOString() });
    await v.page.reload();
    await settled(v.page);
    await picture(v.page, 'home');

    // Found by its initials.
    await v.page.locator('.hello .tap').first().click();
    const box = v.page.getByRole('combobox', { name: t('palette.open') });
    await box.fill((lang === 'en' ? 'lt' : 'dx') + number);
    await v.page.getByRole('option', { name }).first().waitFor();
    await picture(v.page, 'pinyin');
    await v.page.getByRole('option', { name }).first().click();
    await v.page.locator('.record h1', { hasText: name }).waitFor();
    await check('record');

    // Two taps and a sentence.
    await v.page.locator('.phone-act').getByRole('button', { name: t('follow.log') }).click();
    const sheet = v.page.locator('dialog[open]');
    await sheet.locator('textarea').fill('样件已寄出，明天确认收到');
    await sheet.getByRole('button', { name: t('date.tomorrow') }).click();
    await check('follow-up');
    await sheet.getByRole('button', { name: exact(t('act.save')) }).click();
    await sheet.waitFor({ state: 'detached' });
    await v.page.locator('.tl-item', { hasText: '样件已寄出' }).waitFor();
    expect(new Date(String((await api<Row>(v, `/account/${made.id}`))['next_follow_at'] ?? 0)).toDateString()).toBe(tomorrow());

    // A new contact.
    await v.page.goto(`${base()}/o/contact`);
    await settled(v.page);
    await v.page.locator('.top .btn.p').click();
    const ask = v.page.locator('dialog[open]');
    const person = `${lang === 'en' ? 'Nora' : '顾'}${stamp()}`;
    await ask.locator('#new-name').fill(person);
    await check('new');
    await ask.locator('button[type=submit]').click();
    await v.page.locator('.record h1', { hasText: person }).waitFor();

    // A deal goes back one stage from its record.
    const openDeal = encodeURIComponent(JSON.stringify({ and: [{ field: 'outcome', op: 'is_empty' }, { field: 'stage_id.position', op: 'gt', value: 1 }] }));
    const deal = (await api<{ data: Row[] }>(v, `/opportunity?limit=1&sort=-created_at&filter=${openDeal}`)).data[0]!;
    await v.page.goto(`${base()}/o/opportunity/${deal.id}`);
    await v.page.locator('.stages button').first().waitFor();
    await check('deal');
    await v.page.locator('.stages button').first().click();
    await v.page.locator('dialog[open] textarea').first().waitFor();
    for (const field of await v.page.locator('dialog[open] textarea').all()) await field.fill('客户改了范围');
    await check('deal-stage');
    await v.page.locator('dialog[open] button[type=submit]').click();
    await v.page.locator('dialog[open]').waitFor({ state: 'detached' });
    await expect.poll(async () => (await api<Row>(v, `/opportunity/${deal.id}`))['stage_id']).not.toBe(deal['stage_id']);

    // The list, and the task as done.
    await v.page.goto(`${base()}/o/account`);
    await check('list');
    await v.page.goto(`${base()}/o/task/${task.id}`);
    await check('task');
    await v.page.locator('.rhead').getByRole('button', { name: t('list.more') }).click();
    await v.page.getByRole('menuitem', { name: lang === 'en' ? 'Complete' : '完成', exact: true }).click();
    await v.page.locator('dialog[open] button[type=submit]').click();
    await expect.poll(async () => (await api<Row>(v, `/task/${task.id}`))['status']).toBe('done');
    expect(wrong).toEqual([]);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  }, 240_000);
});
