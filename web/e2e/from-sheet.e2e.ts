import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import en from '../src/features/admin/text.en.json';
import zh from '../src/features/admin/text.zh-CN.json';
import { sayIn, type Params } from '../src/shared/i18n/say';
import { wrongWith } from './axe';
import { api, base, enter, launch, settled, shot, visit, type Row } from './browser';
import { words, type Tongue } from './words';
import { workbook } from './xlsx';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

const admin = (lang: Tongue) => (key: keyof typeof en | string, p?: Params): string => sayIn(lang === 'en' ? en : zh, lang, key, p);
const stamp = () => String(Date.now() % 1_000_000);

/** A list as somebody kept it for years: a title above, a header twice, an empty column, money in words, a date that is none. */
function messy(name: string, customers: string[], people: string[]): Buffer {
  const rows: (string | number | null)[][] = [
    [`${name}（截至本月）`],
    ['设备编号*', '设备名称', '客户', '负责人', '状态', '单价(元)', '启用日期', '是否在保', '联系电话', '联系电话', '旧编号', '备注'],
  ];
  const states = ['在用', '停用', '在用', '维修'];
  for (let i = 0; i < 24; i += 1) {
    rows.push([
      `SB-${String(i + 1).padStart(3, '0')}`, `数控车床 ${i + 1} 型`, customers[i % customers.length]!, people[i % people.length]!, states[i % 4]!,
      i === 3 ? '1.2万' : 9_800 + i * 120, i === 7 ? '2025年13月40日' : `2025-${String((i % 12) + 1).padStart(2, '0')}-15`, i % 3 ? '是' : '否', `1380013${String(8000 + i)}`, null, null, i % 2 ? '每月保养一次，月底前回访' : null,
    ]);
  }
  return workbook(rows, name);
}

describe('an object out of an Excel sheet', () => {
  for (const look of [{ name: 'zh-light-1440', lang: 'zh-CN', theme: 'light', width: 1440 }, { name: 'en-dark-390', lang: 'en', theme: 'dark', width: 390 }] as const) {
    it(`is read, looked over, made and filled in one go: ${look.name}`, async () => {
      const v = await visit(browser, look);
      const a = admin(look.lang);
      const t = words(look.lang);
      const name = `设备台账${stamp()}`;
      await enter(v, '/settings/objects');
      const accounts = (await api<{ data: Row[] }>(v, '/account?limit=200&fields=name&sort=created_at')).data.map((r) => String(r['name']));
      const people = (await api<{ data: Row[] }>(v, `/user?limit=200&fields=name&filter=${encodeURIComponent("status = 'active'")}`)).data.map((r) => String(r['name']));
      const once = (all: string[]) => all.filter((x) => all.filter((y) => y === x).length === 1);
      const customers = once(accounts).slice(0, 5);
      const before = await (await v.context.request.get(`${base()}/api/v1/meta/custom`)).text();

      await v.page.getByRole('link', { name: a('sheet.from') }).click();
      await v.page.locator('.imp-drop').waitFor();
      expect(await wrongWith(v.page, 'drop')).toEqual([]);
      await shot(v.page, `from-sheet-drop-${look.name}`);

      // A header without rows is refused in words; nothing is changed.
      await v.page.locator('input[type=file]').setInputFiles({ name: 'leer.csv', mimeType: 'text/csv', buffer: Buffer.from('名称,金额\n') });
      await v.page.getByRole('alert').waitFor();
      expect(await v.page.getByRole('alert').innerText()).toContain(a('sheet.nothingChanged'));

      await v.page.locator('input[type=file]').setInputFiles({ name: '设备.xlsx', mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer: messy(name, customers, once(people).slice(0, 3)) });
      await v.page.locator('tr[data-column]').first().waitFor();
      const row = (header: string) => v.page.locator(`tr[data-column="${header}"]`);
      const type = (header: string) => row(header).locator('.ty select').first().inputValue();
      expect(await Promise.all(['设备编号*', '设备名称', '客户', '负责人', '状态', '单价(元)', '启用日期', '是否在保', '联系电话', '备注'].map(type))).toEqual(['text', 'text', 'ref', 'owner', 'pick', 'money', 'date', 'bool', 'phone', 'text']);
      expect(await row('旧编号').locator('input[type=checkbox]').first().isChecked()).toBe(false);
      await row('启用日期').locator('.note').first().waitFor();
      await shot(v.page, `from-sheet-guess-${look.name}`);
      expect(await wrongWith(v.page, 'guess')).toEqual([]);
      expect(await (await v.context.request.get(`${base()}/api/v1/meta/custom`)).text(), 'nothing is changed by looking').toBe(before);

      // Changed by hand: a name, a value's name, the second telephone left out.
      await v.page.getByLabel(a('sheet.labelOf', { name: '备注' })).fill('保养说明');
      await row('备注').locator('.ty select').selectOption('long');
      await row('联系电话 (2)').locator('input[type=checkbox]').first().uncheck();
      await row('状态').locator('.sheet-opts').click();
      await v.page.getByLabel(a('values.zh', { n: 1 })).fill('使用中');
      await v.page.getByLabel(a('values.en', { n: 1 })).fill('In use');
      await shot(v.page, `from-sheet-open-${look.name}`);
      expect(await wrongWith(v.page, 'open')).toEqual([]);

      // A name that is missing holds the button; told where it stands.
      await v.page.getByLabel(a('sheet.labelOf', { name: '设备名称' })).fill('');
      await v.page.getByRole('alert').filter({ hasText: a('sheet.needLabel') }).waitFor();
      const make = v.page.getByRole('button', { name: a('sheet.do', { count: 24, rows: '24' }) });
      expect(await make.isDisabled()).toBe(true);
      await v.page.getByLabel(a('sheet.labelOf', { name: '设备名称' })).fill('设备名称');
      await make.click();

      // One row has a date that is none: it is shown with the reason, the others are there.
      await v.page.locator('.imp-wrong tbody tr').first().waitFor();
      expect(await v.page.locator('.imp-wrong tbody tr').count()).toBe(1);
      await shot(v.page, `from-sheet-done-${look.name}`);
      expect(await wrongWith(v.page, 'done')).toEqual([]);
      await v.page.getByRole('link', { name: t('import.see') }).click();
      await v.page.locator('.browse-main').waitFor();
      await settled(v.page);
      await v.page.getByText('数控车床 1 型').first().waitFor();
      await shot(v.page, `from-sheet-list-${look.name}`);
      expect(await wrongWith(v.page, 'list')).toEqual([]);
      const object = new URL(v.page.url()).pathname.split('/').pop()!;
      const made = await api<{ data: Row[] }>(v, `/${object}?limit=200&sort=she_bei_bian_hao__c&expand=owner_id,ke_hu__c`);
      expect(made.data.length).toBe(23);
      expect(made.data[0]).toMatchObject({ she_bei_bian_hao__c: 'SB-001', zhuang_tai__c: 'zai_yong', shi_fou_zai_bao__c: false, $expand: { ke_hu__c: { title: customers[0] } } });
      expect((made.data[3]!['dan_jia_yuan__c'] as { amount: string }).amount).toBe('12000.00');
      const described = await api<{ objects: { name: string; fields: { name: string; type: string; unique?: boolean }[] }[] }>(v, '/meta/model');
      const fields = described.objects.find((o) => o.name === object)!.fields;
      expect(fields.find((f) => f.name === 'she_bei_bian_hao__c')).toMatchObject({ type: 'text', unique: true });
      expect(fields.find((f) => f.name === 'bei_zhu__c')).toMatchObject({ type: 'long' });
      expect(v.complaints).toEqual([]);
      await v.context.close();
    });
  }

  it('ends on the list when every row came in, and is taken back as a whole', async () => {
    const v = await visit(browser, { lang: 'en' });
    const a = admin('en');
    const name = `Key ring ${stamp()}`;
    await enter(v, '/settings/objects/from-sheet');
    const text = `Key name,Handed to,Since\n${Array.from({ length: 12 }, (_, i) => `Key ${i},Room ${i},2026-0${(i % 9) + 1}-01`).join('\n')}\n`;
    await v.page.locator('input[type=file]').setInputFiles({ name: `${name}.csv`, mimeType: 'text/csv', buffer: Buffer.from(text) });
    await v.page.getByRole('button', { name: a('sheet.do', { count: 12, rows: '12' }) }).click();
    await v.page.locator('.browse-main').waitFor();
    await v.page.getByText('Key 11').first().waitFor();
    const object = new URL(v.page.url()).pathname.split('/').pop()!;
    await v.page.locator('.toast').getByRole('button', { name: /^Undo/ }).click();
    await v.page.waitForURL('**/settings/objects');
    await settled(v.page);
    await v.page.getByText(a('sheet.undone', { name })).waitFor();
    const described = await api<{ objects: { name: string }[] }>(v, '/meta/model');
    expect(described.objects.some((o) => o.name === object)).toBe(false);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });
});
