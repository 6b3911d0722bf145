import { createHmac } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { api, base, enter, launch, settled, shot, visit, type Visit, type Row } from './browser';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

const stamp = () => String(Date.now() % 1_000_000);
async function write<T = Row>(v: Visit, method: 'post' | 'patch' | 'delete', path: string, data: unknown = {}): Promise<T> {
  const answer = await v.context.request[method](`${base()}/api/v1${path}`, { data, headers: { Origin: base() } });
  expect(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`).toBe(true);
  return (answer.status() === 204 ? undefined : await answer.json()) as T;
}

/** The six figures an authenticator would show for a key now. */
function code(secret: string, at = Date.now()): string {
  const bits = [...secret.replace(/[\s=]/g, '').toUpperCase()].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g)?.map((b) => parseInt(b, 2)) ?? []);
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const offset = mac[19]! & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

const password = 'harbour-lantern-41';

/** Invites a person through the page and accepts in a fresh browser; both stay signed in. */
async function newcomer(v: Visit, role: RegExp): Promise<{ visit: Visit; name: string; email: string; id: string }> {
  const name = `Nora ${stamp()}`;
  const email = `nora${stamp()}@lanchuan.example`;
  await v.page.goto(`${base()}/settings/people`);
  await v.page.getByRole('button', { name: 'Invite', exact: true }).click();
  const dialog = v.page.locator('dialog[open]');
  await dialog.locator('#person-name').fill(name);
  await dialog.locator('#person-email').fill(email);
  await dialog.locator('#person-main_dept').fill('International');
  await v.page.locator('.ant-select-item-option', { hasText: 'International Sales' }).click();
  await dialog.locator('#person-roles').fill('Sales');
  await v.page.locator('.ant-select-item-option').filter({ hasText: role }).first().click();
  await shot(v.page, 'invite');
  await dialog.getByRole('button', { name: 'Make invitation' }).click();
  const link = await v.page.getByLabel('Invitation link').inputValue();
  expect(link).toContain('/invitation#');
  await shot(v.page, 'invite-link');
  await v.page.keyboard.press('Escape');
  const other = await visit(browser, { lang: 'en' });
  await other.page.goto(base() + new URL(link).pathname + new URL(link).hash);
  await other.page.getByLabel('New password').fill(password);
  await other.page.getByLabel('The same again').fill(password);
  await shot(other.page, 'invitation');
  await other.page.getByRole('button', { name: 'Set password and sign in' }).click();
  await other.page.locator('.sheet h1').first().waitFor();
  const me = await api<{ user: { id: string; name: string } }>(other, '/session');
  expect(me.user.name).toBe(name);
  return { visit: other, name, email, id: me.user.id };
}

describe('people', () => {
  it('invites a person, who accepts; a role that changes counts at once; access is taken away', async () => {
    const v = await visit(browser, { lang: 'en' });
    await enter(v, '/settings/people');
    const base0 = (await api<{ data: Row[] }>(v, `/role?filter=${encodeURIComponent('code = "sales_rep"')}`)).data[0]!;
    const role = await write(v, 'post', '/role', { name: `Sales trainee ${stamp()}`, code: `trainee_${stamp()}`, object_perms: base0['object_perms'], field_perms: {}, functions: [] });
    const n = await newcomer(v, new RegExp(`^${String(role['name'])}$`));
    await n.visit.page.goto(`${base()}/o/account`);
    await settled(n.visit.page);
    const nav = n.visit.page.getByRole('navigation', { name: 'Main navigation' });
    await nav.getByRole('link', { name: 'Leads', exact: true }).waitFor();

    // The administrator takes leads away from the role; the colleague's page follows without a reload.
    await v.page.goto(`${base()}/settings/roles/${role.id}`);
    await v.page.locator('.matrix').waitFor();
    await v.page.getByLabel('Lead: See', { exact: true }).selectOption('none');
    await v.page.getByLabel('Lead: Create', { exact: true }).uncheck();
    await shot(v.page, 'role-matrix');
    await v.page.getByRole('button', { name: /^Save 1 change/ }).click();
    await v.page.locator('.toast').waitFor();
    await expect.poll(async () => (await n.visit.context.request.get(`${base()}/api/v1/lead?limit=1`)).status()).toBeGreaterThanOrEqual(403);
    await nav.getByRole('link', { name: 'Leads', exact: true }).waitFor({ state: 'detached', timeout: 10_000 });

    // A field hidden by the role is gone as well.
    await v.page.getByRole('button', { name: 'Account', exact: true }).click();
    await v.page.getByLabel('Account: Industry', { exact: true }).selectOption('hidden');
    await v.page.getByRole('button', { name: /^Save 1 change/ }).click();
    await expect.poll(async () => {
      const model = await api<{ objects: { name: string; fields: { name: string }[] }[] }>(n.visit, '/meta/model');
      return model.objects.find((o) => o.name === 'account')?.fields.length;
    }).toBeLessThan((await api<{ objects: { name: string; fields: unknown[] }[] }>(v, '/meta/model')).objects.find((o) => o.name === 'account')!.fields.length);

    await v.page.goto(`${base()}/settings/people`);
    await v.page.getByRole('button', { name: `More for ${n.name}` }).click();
    await v.page.getByRole('menuitem', { name: 'Take access away' }).click();
    await v.page.locator('.toast').waitFor();
    await expect.poll(async () => (await n.visit.context.request.get(`${base()}/api/v1/session`)).status()).toBe(401);
    expect(v.complaints).toEqual([]);
    await v.context.close();
    await n.visit.context.close();
  });

  it('turns on the second step with a QR code, and asks for it at the next sign-in', async () => {
    const v = await visit(browser, { lang: 'en' });
    await enter(v, '/settings/people');
    const n = await newcomer(v, /^Sales Rep$/);
    await n.visit.page.goto(`${base()}/settings/me`);
    await n.visit.page.getByRole('button', { name: 'Turn on' }).click();
    await n.visit.page.getByRole('img', { name: 'QR code of the key' }).waitFor();
    const secret = await n.visit.page.locator('.set-code').innerText();
    await shot(n.visit.page, 'totp-qr');
    await n.visit.page.getByLabel('Code', { exact: true }).fill(code(secret));
    await n.visit.page.getByRole('button', { name: 'Confirm' }).click();
    await n.visit.page.locator('.set-codes span').first().waitFor();
    expect(await n.visit.page.locator('.set-codes span').count()).toBeGreaterThanOrEqual(8);
    const spare = await n.visit.page.locator('.set-codes span').first().innerText();
    await shot(n.visit.page, 'totp-codes');
    await n.visit.context.close();

    const again = await visit(browser, { lang: 'en' });
    await again.page.goto(base());
    await again.page.getByRole('button', { name: 'Sign in with a password' }).click();
    await again.page.getByLabel('User name or email').fill(n.email);
    await again.page.getByLabel('Password', { exact: true }).fill(password);
    await again.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await again.page.getByLabel('Code of the second step').fill(spare);
    await again.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await again.page.locator('.sheet h1').first().waitFor();
    expect((await api<{ user: { name: string } }>(again, '/session')).user.name).toBe(n.name);
    await v.context.close();
    await again.context.close();
  });

  it('moves a department by keyboard, and back by undo', async () => {
    const v = await visit(browser, { lang: 'en' });
    await enter(v, '/settings/departments');
    const made = await write(v, 'post', '/department', { name: `Pilot ${stamp()}`, parent_id: (await api<{ data: Row[] }>(v, `/department?filter=${encodeURIComponent('code = "hq"')}`)).data[0]!.id, position: 99, enabled: true });
    await v.page.reload();
    const row = v.page.locator(`[data-dept="${String(made['name'])}"]`);
    await row.focus();
    await v.page.keyboard.press(' ');
    await v.page.keyboard.press('ArrowRight');
    await shot(v.page, 'department-held');
    await v.page.keyboard.press(' ');
    await expect.poll(async () => (await api<Row>(v, `/department/${made.id}`))['parent_id']).not.toBe(made['parent_id']);
    await v.page.getByRole('button', { name: /^Undo/ }).click();
    await expect.poll(async () => (await api<Row>(v, `/department/${made.id}`))['parent_id']).toBe(made['parent_id']);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('brings a deleted record back from the recycle bin, and says in the audit log who did it', async () => {
    const v = await visit(browser, { lang: 'en' });
    await enter(v, '/settings/bin');
    const name = `Short-lived ${stamp()}`;
    const made = await write(v, 'post', '/account', { name });
    await write(v, 'delete', `/account/${made.id}`);
    await v.page.reload();
    await v.page.getByRole('button', { name: `Restore: ${name}` }).click();
    await v.page.locator(`[data-bin="${made.id}"]`).waitFor({ state: 'detached' });
    expect((await api<Row>(v, `/account/${made.id}`))['name']).toBe(name);
    await v.page.goto(`${base()}/settings/audit`);
    await v.page.getByLabel('Every act').or(v.page.getByLabel('What', { exact: true })).first().selectOption('restore');
    await v.page.locator('tr[data-seq]', { hasText: name }).first().waitFor();
    await shot(v.page, 'audit');
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('makes a token that works, and revokes it', async () => {
    const v = await visit(browser, { lang: 'en' });
    await enter(v, '/settings/tokens');
    await v.page.getByRole('button', { name: 'New token' }).click();
    await v.page.locator('dialog[open]').getByLabel('Name').fill('Nightly report');
    await v.page.getByRole('button', { name: 'Make token' }).click();
    const secret = await v.page.getByLabel('Token', { exact: true }).inputValue();
    const ask = async () => (await fetch(`${base()}/api/v1/account?limit=1`, { headers: { Authorization: `Bearer ${secret}` } })).status;
    expect(await ask()).toBe(200);
    await v.page.keyboard.press('Escape');
    await v.page.getByRole('button', { name: 'Revoke: Nightly report' }).click();
    await v.page.locator('.toast').waitFor();
    expect(await ask()).toBe(401);
    await v.context.close();
  });
});
