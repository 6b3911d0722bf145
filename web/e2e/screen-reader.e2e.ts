import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admit, api, base, enter, launch, settled, visit, type Row } from './browser';
import { hears, here, hush, listen, said, stands } from './speech';
import { words, type Tongue } from './words';

// The page as a screen reader walks it: keys only, and what is asked is what is told of the element one stands on, and what is told unasked.

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

interface Field { name: string; label: { en: string; zh: string } }
interface Meta { name: string; label: { en: string; zh: string }; plural?: { en: string; zh: string }; fields: Field[] }

async function start(lang: Tongue, width = 1440) {
  const v = await visit(browser, { lang, width });
  await listen(v);
  const t = words(lang);
  const key = lang === 'en' ? 'en' : 'zh';
  let model: { objects: Meta[] } | undefined;
  const meta = async (object: string) => (model ??= await api<{ objects: Meta[] }>(v, '/meta/model')).objects.find((o) => o.name === object)!;
  const field = async (object: string, name: string) => (await meta(object)).fields.find((f) => f.name === name)!.label[key];
  const one = async (object: string) => (await meta(object)).label[key];
  const plural = async (object: string) => (await meta(object)).plural?.[key] ?? one(object);
  const made = async (object: string, data: Record<string, unknown>) => {
    const answer = await v.context.request.post(`${base()}/api/v1/${object}`, { data, headers: { Origin: base() } });
    expect(answer.ok(), await answer.text()).toBe(true);
    return (await answer.json()) as Row;
  };
  /** A customer with one deal where deals begin, and one that went on by a stage. */
  const deals = async (tag: string) => {
    const account = await made('account', { name: `${tag} Ltd` });
    const contact = await made('contact', { name: `${tag} Buyer`, account_id: account.id });
    const deal = (name: string) => made('opportunity', { name: `${tag} ${name}`, account_id: account.id, primary_contact_id: contact.id, need: 'Two micrometres', amount: '120000', close_on: '2031-03-01' });
    const [first, second] = [await deal('rig'), await deal('pump')];
    await made('follow_up', { target: { object: 'opportunity', id: second.id }, follow_type: 'call', contacts: [contact.id], occurred_at: new Date().toISOString(), content: 'The buyer agreed to the samples, which go to the laboratory on Thursday; the director has seen the parameters and approves.' });
    const stages = (await api<{ data: Row[] }>(v, '/stage?sort=position&limit=50')).data.filter((x) => x['pipeline_id'] === second['pipeline_id']);
    await made(`opportunity/${second.id}/actions/move_stage`, { stage_id: stages[1]!.id });
    return { account, first, second };
  };
  const press = async (...keys: string[]) => { for (const k of keys) await v.page.keyboard.press(k); };
  /** One heading, one main region, the place in the title, and focus on the heading. */
  const arrives = async (heading: string | RegExp) => {
    const at = await stands(v, { role: 'heading', name: like(heading) });
    expect(at.is['level']).toBe(1);
    expect(await v.page.getByRole('heading', { level: 1 }).count()).toBe(1);
    expect(await v.page.getByRole('main').count()).toBe(1);
    return at.name;
  };
  /** What stands on the page was told, too. */
  const shown = async (what: Locator) => hears(v.page, (await what.innerText()).trim());
  const ends = async () => {
    expect(v.complaints).toEqual([]);
    await v.context.close();
  };
  return { v, page: v.page, t, field, one, plural, made, deals, press, arrives, shown, ends };
}

const filtered = (object: string, layout: string, name: string, columns?: string[]) => `/o/${object}?layout=${layout}&q=${encodeURIComponent(name)}${columns ? `&columns=${encodeURIComponent(JSON.stringify(columns))}` : ''}`;
const having = (states: Record<string, unknown>) => expect.objectContaining(states) as Record<string, unknown>;
const like = (words: string | RegExp) => (typeof words === 'string' ? expect.stringContaining(words) : expect.stringMatching(words)) as string;
const mark = () => Date.now().toString(36).slice(-5);

describe.each<Tongue>(['zh-CN', 'en'])('%s', (lang) => {
  it('signs in, is told where one is, and skips to the content', async () => {
    const { v, page, t, press, arrives, shown, ends } = await start(lang);
    await page.goto(base());
    await page.locator('.people button').first().waitFor();
    await press('Shift+Tab');
    await stands(v, { role: 'button', name: t('auth.withPassword') });
    await press('Enter');
    await stands(v, { role: 'textbox', name: t('auth.login'), is: having({ required: true, invalid: 'false' }) });
    // Sent empty: the first faulty field has the focus and its fault.
    await press('Enter');
    await hears(page, t('error.value.required'));
    await stands(v, { role: 'textbox', name: t('auth.login'), description: t('error.value.required'), is: having({ invalid: 'true' }) });
    await page.keyboard.type('nobody');
    await press('Tab');
    await page.keyboard.type('wrong password');
    await press('Enter');
    const refusal = await shown(page.getByRole('alert'));
    await stands(v, { role: 'textbox', name: t('auth.password'), description: refusal, is: having({ invalid: 'true' }) });

    await page.goto(base());
    await page.locator('.people button').first().waitFor();
    await press('Tab', 'Tab', 'Tab');
    await stands(v, { role: 'button', name: like(await page.locator('.people b').first().innerText()) });
    await press('Enter');
    await arrives(/./);
    await expect.poll(() => page.title()).toContain(t('home.title'));

    await page.reload();
    await settled(page);
    await press('Tab');
    await stands(v, { role: 'link', name: t('nav.skip') });
    await press('Enter');
    await stands(v, { role: 'main' });
    await ends();
  });

  it('hears every place by its heading, and finds the landmarks', async () => {
    const { v, page, t, press, plural, arrives, shown, ends } = await start(lang);
    await enter(v, '/');
    const nav = page.getByRole('navigation', { name: t('nav.main') });
    for (const object of ['account', 'opportunity']) {
      await nav.getByRole('link', { name: await plural(object), exact: true }).focus();
      await press('Enter');
      const name = await arrives(await plural(object));
      await expect.poll(() => page.title()).toContain(name);
      expect((await said(v, nav.locator('[aria-current="page"]'))).name).toBe(name);
    }
    // How many there are is told when they are there.
    await shown(page.locator('.top .num'));
    await nav.getByRole('button', { name: t('nav.me') }).focus();
    await press('Enter');
    await stands(v, { role: 'menuitemradio' });
    for (let at = ''; at !== t('settings.title'); at = (await here(v)).name) await press('ArrowDown');
    await press('Enter');
    await arrives(t('settings.me'));
    await page.getByRole('navigation', { name: t('settings.title') }).getByRole('link', { name: t('settings.objects') }).focus();
    await press('Enter');
    await arrives(t('settings.objects'));
    await page.goBack();
    await arrives(t('settings.me'));
    // What comes from a colleague is told where one is.
    const [me, other] = ((await (await fetch(`${base()}/api/v1/demo/people`)).json()) as { data: Row[] }).data;
    const colleague = await visit(browser);
    await colleague.context.request.post(`${base()}/api/v1/demo/session`, { data: { user_id: other!.id }, headers: { Origin: base() } });
    await colleague.context.request.post(`${base()}/api/v1/task`, { data: { subject: 'Please look', owner_id: me!.id, due_at: new Date(Date.now() + 86_400_000).toISOString() }, headers: { Origin: base() } });
    await colleague.context.close();
    await hears(page, new RegExp(t('notify.count', { count: 0 }).replace('0', '\\d+')));
    await page.goto(`${base()}/o/nowhere/1`);
    await page.getByRole('heading', { level: 1, name: t('state.notFound') }).waitFor();
    await ends();
  });

  it('walks the table: heads with their order, rows by name and number, cells edited, the chosen counted', async () => {
    const { v, page, t, field, plural, one, made, press, ends } = await start(lang);
    await admit(v);
    const tag = `Audio ${mark()}`;
    const [first, second] = [await made('account', { name: `${tag} A`, short_name: 'North' }), await made('account', { name: `${tag} B`, short_name: 'South' })];
    const [name, short] = [await field('account', 'name'), await field('account', 'short_name')];
    await page.goto(base() + filtered('account', 'table', tag, ['name', 'short_name']));
    await settled(page);
    const grid = page.getByRole('grid', { name: await plural('account') });
    await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe('3');
    expect((await said(v, grid)).description).toBe(t('col.help'));

    // A head is told by the name of its field alone, and how the rows stand.
    const head = page.getByRole('columnheader', { name, exact: true });
    await head.getByRole('button', { name, exact: true }).focus();
    await press('Enter');
    await expect.poll(() => head.getAttribute('aria-sort')).toBe('ascending');
    await press('Enter');
    await expect.poll(() => head.getAttribute('aria-sort')).toBe('descending');
    await press('Enter');
    await expect.poll(() => head.getAttribute('aria-sort')).toBe(null);
    await press('Enter');
    await expect.poll(() => head.getAttribute('aria-sort')).toBe('ascending');
    await settled(page);

    await grid.focus();
    await press('ArrowDown');
    await stands(v, { role: 'rowheader', name: String(first['name']) });
    await press('ArrowDown');
    await stands(v, { role: 'rowheader', name: String(second['name']) });
    const row = page.getByRole('row', { name: String(second['name']) });
    expect(await row.getAttribute('aria-rowindex')).toBe('3');
    expect((await said(v, row)).is['selected']).toBe(false);
    await hush(page);
    await press('x');
    await hears(page, t('bulk.chosenN', { count: 1, n: '1' }));
    expect((await said(v, row)).is['selected']).toBe(true);
    await press('x');
    await expect.poll(async () => (await said(v, row)).is['selected']).toBe(false);

    await press('ArrowRight');
    await stands(v, { role: 'gridcell', name: 'South' });
    await press('Enter');
    await stands(v, { role: 'textbox', name: short, value: 'South' });
    await press('Control+a');
    await page.keyboard.type('Harbour');
    await press('Enter');
    await hears(page, t('edit.done', { field: short, name: String(second['name']) }));
    await stands(v, { role: 'gridcell', name: 'Harbour' });
    await press('Control+z');
    await stands(v, { role: 'gridcell', name: 'South' });
    // What the server refuses is told at once with its reason, and the cell says what it said before.
    await press('ArrowLeft', 'F2');
    await stands(v, { role: 'textbox', name, value: String(second['name']), is: having({ required: true }) });
    await press('Control+a', 'Delete', 'Enter');
    await hears(page, t('edit.putBack', { field: name }));
    await stands(v, { role: 'rowheader', name: String(second['name']) });
    await press('ArrowUp');
    await stands(v, { role: 'rowheader', name: String(first['name']) });
    await press('Enter');
    await stands(v, { role: 'heading', name: String(first['name']) });
    expect((await said(v, page.getByRole('article'))).name).toBe(`${await one('account')} ${String(first['name'])}`);

    // In a long table only a part of the rows is drawn: each says which it is, and the table how many there are.
    await page.goto(`${base()}/o/account?layout=table`);
    await settled(page);
    await expect.poll(async () => Number(await grid.getAttribute('aria-rowcount'))).toBeGreaterThan(250);
    await grid.focus();
    await press('ArrowDown');
    await stands(v, { role: 'rowheader' });
    await press('Control+ArrowDown');
    await expect.poll(async () => Number(await page.locator('tr.cursor').getAttribute('aria-rowindex'))).toBeGreaterThanOrEqual(100);
    await stands(v, { role: 'rowheader' });
    await ends();
  });

  it('walks the board: columns counted, cards in a sentence, a move by keys told with its outcome', async () => {
    const { v, page, t, plural, deals, press, ends } = await start(lang);
    await admit(v);
    const tag = `Sonar ${mark()}`;
    const { account, first: deal, second: later } = await deals(tag);
    await page.goto(base() + filtered('opportunity', 'board', tag));
    await page.locator(`[data-card="${later.id}"]`).waitFor();
    await settled(page);
    const [from, to] = [await page.locator('.sh h2').nth(1).innerText(), await page.locator('.sh h2').nth(0).innerText()];
    const glue = lang === 'en' ? ', ' : '，';
    const count = (n: number) => t('board.count', { count: n, n: String(n) });
    const column = (stage: string, n: number) => page.getByRole('list', { name: `${stage}${glue}${count(n)}${glue}` });
    await column(to, 1).waitFor();
    await column(from, 1).waitFor();
    const board = page.getByRole('region', { name: await plural('opportunity') });
    expect((await said(v, board)).description).toBe(t('board.dragHelp'));

    const told = (rec: Row, stage: string) => like(new RegExp(`^${String(rec['name'])}${glue}.*${glue}${stage}$`));
    await board.focus();
    await press('ArrowDown');
    const card = await stands(v, { role: 'link', name: told(deal, to) });
    expect(card.name).toMatch(lang === 'en' ? /120K|120,000/ : /12(\.0)?万/);
    expect(card.description).toContain(String(account['name']));
    await press('ArrowRight');
    await stands(v, { role: 'link', name: told(later, from) });
    const slot = column(from, 1).getByRole('listitem');
    expect([await slot.getAttribute('aria-posinset'), await slot.getAttribute('aria-setsize')]).toEqual(['1', '1']);

    await press('m');
    const menu = page.getByRole('menu', { name: t('board.moveTo', { name: String(later['name']) }) });
    await stands(v, { role: 'menuitemradio', name: like(to) });
    expect((await said(v, menu.getByRole('menuitemradio', { name: from }))).is['checked']).toBe('true');
    await press('Escape');
    await stands(v, { role: 'link', name: told(later, from) });
    // Back by one asks for a reason, in a dialog that says for what.
    await press('m');
    await stands(v, { role: 'menuitemradio', name: like(to) });
    await press('Enter');
    await stands(v, { role: 'textbox', name: lang === 'en' ? 'Reason' : '原因', is: having({ required: true }) });
    const gate = await said(v, page.getByRole('dialog'));
    expect(gate).toMatchObject({ name: t('gate.title', { stage: to }), description: t('gate.text', { count: 1 }), is: having({ modal: true }) });
    await press('Escape');
    await stands(v, { role: 'link', name: told(later, from) });
    await press('m');
    await stands(v, { role: 'menuitemradio', name: like(to) });
    await press('Enter');
    await stands(v, { role: 'textbox' });
    await page.keyboard.type('The scope changed');
    await press('Control+Enter');
    await hears(page, t('board.moved', { name: String(later['name']), stage: to }));
    await stands(v, { role: 'link', name: told(later, to) });
    await column(to, 2).waitFor();
    await press('Control+z');
    await column(from, 1).waitFor();
    expect((await said(v, page.getByRole('button', { name: t('board.lane') }))).name).toBe(`${t('board.lane')} ${t('board.none')}`);
    await ends();
  });

  it('walks a record: stages with the current one, headings, an edit refused and kept, the history as a list', async () => {
    const { v, page, t, field, made, deals, press, shown, ends } = await start(lang);
    await admit(v);
    const tag = `Echo ${mark()}`;
    const account = await made('account', { name: `${tag} Lab`, email: 'office@echo.example' });
    const { second: later } = await deals(tag);
    await page.goto(`${base()}/o/opportunity/${later.id}`);
    await settled(page);
    const steps = page.getByRole('list', { name: t('record.stages') }).getByRole('button');
    await expect.poll(() => steps.evaluateAll((all) => all.map((x) => x.getAttribute('aria-current')))).toEqual([null, 'step', null, null, null, null]);
    expect((await said(v, steps.nth(0))).name).toContain(t('record.stagePast'));
    expect((await said(v, steps.nth(1))).name).not.toContain(t('record.stagePast'));

    await page.goto(`${base()}/o/account/${account.id}`);
    await settled(page);
    const timeline = page.getByRole('region', { name: t('record.timeline') });
    await timeline.getByRole('heading', { level: 2, name: t('record.timeline') }).waitFor();
    await timeline.getByRole('list', { name: t('record.timeline') }).getByRole('heading', { level: 3 }).first().waitFor();
    const email = await field('account', 'email');
    const pencil = page.getByRole('button', { name: t('edit.field', { field: email }) });
    await pencil.focus();
    await press('Enter');
    await stands(v, { role: 'textbox', name: email, value: 'office@echo.example', is: having({ invalid: 'false' }) });
    await press('Control+a');
    await page.keyboard.type('office at echo');
    await press('Enter');
    const fault = await shown(page.getByRole('alert'));
    await stands(v, { role: 'textbox', name: email, description: fault, value: 'office at echo', is: having({ invalid: 'true' }) });
    await press('Escape');
    await stands(v, { role: 'button', name: t('edit.field', { field: email }) });
    await press('Enter');
    await stands(v, { role: 'textbox', name: email, value: 'office@echo.example' });
    await press('Control+a');
    await page.keyboard.type('hello@echo.example');
    await press('Enter');
    await hears(page, t('edit.done', { field: email, name: String(account['name']) }));
    await stands(v, { role: 'button', name: t('edit.field', { field: email }) });

    // A dialog says what it is and of whom, keeps the focus, and gives it back.
    await page.getByRole('button', { name: t('access.title') }).focus();
    await press('Enter');
    const dialog = page.getByRole('dialog', { name: t('access.title') });
    await dialog.waitFor();
    expect(await said(v, dialog)).toMatchObject({ description: String(account['name']), is: having({ modal: true }) });
    for (let i = 0; i < 12; i++) {
      await press('Tab');
      expect(await page.evaluate(() => document.activeElement === document.body || document.activeElement?.closest('dialog[open]') !== null)).toBe(true);
    }
    await press('Escape');
    await stands(v, { role: 'button', name: t('access.title') });
    await ends();
  });

  it('fills a form: faults told and found, what was made told inside the dialog, focus given back', async () => {
    const { v, page, t, field, one, press, shown, ends } = await start(lang);
    await enter(v, '/o/account?layout=table');
    const inner = async () => (lang === 'en' ? (await one('account')).toLowerCase() : one('account'));
    const opener = t('act.newOf', { name: await inner() });
    await page.getByRole('button', { name: opener }).focus();
    await press('Enter');
    const form = page.getByRole('dialog', { name: opener });
    await form.waitFor();
    const name = await field('account', 'name');
    await stands(v, { role: 'textbox', name, is: having({ required: true }) });
    await press('Control+Enter');
    await hears(page, t('form.faulty', { count: 1 }));
    await stands(v, { role: 'textbox', name, description: t('error.value.required'), is: having({ invalid: 'true' }) });
    const who = `Choir ${mark()}`;
    await page.keyboard.type(who);
    await form.getByRole('button', { name: t('form.another') }).focus();
    await press('Enter');
    await hears(page, t('form.made', { name: who }));
    await stands(v, { role: 'textbox', name, value: '' });
    // The same again: that it is there already is told while one types.
    await page.keyboard.type(who);
    await shown(form.locator('.dup b').first());
    await press('Escape');
    await stands(v, { role: 'button', name: opener });
    await ends();
  });

  it('finds by the palette: the number of results, and the one that Enter opens', async () => {
    const { v, page, t, made, press, arrives, ends } = await start(lang);
    await enter(v, '/');
    const tag = `Timbre${mark()}`;
    await made('account', { name: `${tag} East` });
    await made('account', { name: `${tag} West` });
    await page.getByRole('button', { name: t('palette.open') }).focus();
    await press('Enter');
    const box = page.getByRole('combobox', { name: t('palette.open') });
    await box.waitFor();
    expect((await said(v, box)).is).toMatchObject({ expanded: true, autocomplete: 'list', focused: true });
    await stands(v, { role: 'option', is: having({ selected: true }) });
    await page.keyboard.type(tag);
    await hears(page, t('palette.count', { count: 2 }));
    const [a, b] = [await stands(v, { role: 'option', name: like(tag) }), await (async () => { await press('ArrowDown'); return stands(v, { role: 'option', name: like(tag) }); })()];
    expect([a.name, b.name].sort()).toEqual([like(`${tag} East`), like(`${tag} West`)]);
    await press('Escape');
    await stands(v, { role: 'button', name: t('palette.open') });
    await press('Enter');
    await box.waitFor();
    await page.keyboard.type(`${tag} West`);
    await stands(v, { role: 'option', name: like(`${tag} West`) });
    await press('Enter');
    await arrives(`${tag} West`);
    await ends();
  });

  it('walks the phone: the bar, cards, tabs with arrows, a drawer', async () => {
    const { v, page, t, one, plural, made, press, arrives, ends } = await start(lang, 390);
    await enter(v, '/');
    const who = `Whisper ${mark()}`;
    await made('account', { name: who });
    const bar = page.getByRole('navigation', { name: t('nav.main') });
    await bar.getByRole('link', { name: await plural('account') }).focus();
    await press('Enter');
    await arrives(await plural('account'));
    await page.goto(base() + filtered('account', 'table', who));
    await page.getByRole('list').getByRole('link', { name: who }).focus();
    await press('Enter');
    await arrives(who);
    const tabs = page.getByRole('tablist', { name: who });
    await tabs.getByRole('tab', { selected: true }).focus();
    await stands(v, { role: 'tab', name: t('record.timeline'), is: having({ selected: true }) });
    await press('ArrowRight');
    await stands(v, { role: 'tab', name: t('record.details'), is: having({ selected: false }) });
    await press('Enter');
    await stands(v, { role: 'tab', name: t('record.details'), is: having({ selected: true }) });
    await page.getByRole('tabpanel', { name: t('record.details') }).waitFor();
    await bar.getByRole('button', { name: t('act.new') }).focus();
    await press('Enter');
    await page.getByRole('dialog', { name: t('act.newOf', { name: lang === 'en' ? (await one('account')).toLowerCase() : await one('account') }) }).waitFor();
    await press('Escape');
    await stands(v, { role: 'button', name: t('act.new') });
    await ends();
  });
});
