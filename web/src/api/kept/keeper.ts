// Keeps answers on the device and finds them again. Loaded when the page is idle, or when the network is gone (`port.ts`).
import { inOne, type Work } from './device';
import { askOf, DAYS, fits, homeOf, idOf, keepable, surplus, type Asked, type Place } from './rules';

export interface Answer {
  asked: Asked;
  place: Place | null;
  at: number;
  /** None: the server refused, and what was kept of it goes. */
  body?: unknown;
}

const answers = ['who', 'meta', 'text'] as const;
const MODEL = '/meta/model';
/** Answers after which the bounds are looked at again. */
const OFTEN = 50;
let since = OFTEN;
let objects: ReadonlySet<string> = new Set();

function learn(model: unknown): void {
  const all = (model as { objects?: { name?: unknown }[] } | null)?.objects;
  if (Array.isArray(all)) objects = new Set(all.map((o) => String(o.name)));
}

function forgetAnswers(work: Work): void {
  for (const store of answers) work.clear(store);
}

/** From now on for this person: what was kept for another one goes first. */
export async function begin(owner: string): Promise<void> {
  await inOne([...answers], 'readwrite', async (work) => {
    if ((await work.get('who', 'owner'))?.owner === owner) return;
    forgetAnswers(work);
    work.put('who', { key: 'owner', owner });
  });
}

/** Keeps answers, unless the device has passed to somebody else meanwhile (another page of this browser may have signed in or out). */
export async function keep(owner: string, all: readonly Answer[]): Promise<void> {
  for (const a of all) if (a.asked.path === MODEL) learn(a.body);
  if (objects.size === 0) learn(await read(MODEL));
  await inOne([...answers], 'readwrite', async (work) => {
    if ((await work.get('who', 'owner'))?.owner !== owner) return;
    for (const { asked, place, at, body } of all) {
      const home = homeOf(asked, place);
      if (!home || !keepable(asked, objects)) continue;
      const ask = askOf(asked, home);
      if (body === undefined) {
        await drop(work, asked, ask);
        continue;
      }
      const id = idOf(home, ask);
      const text = JSON.stringify(body);
      // Rights and fields are part of the model: what was told under another one may be more than is told now.
      if (asked.path === MODEL && ((await work.get('text', id))?.text ?? text) !== text) await only(work, 'shell');
      if (!fits(text.length)) continue;
      work.put('meta', { id, ask, place: home.key, kind: home.kind, at, size: text.length });
      work.put('text', { id, text });
      since += 1;
    }
    if (since < OFTEN) return;
    since = 0;
    for (const id of surplus(await work.all('meta'), Date.now())) remove(work, id);
  });
}

function remove(work: Work, id: string): void {
  work.remove('meta', id);
  work.remove('text', id);
}

async function only(work: Work, place: string): Promise<void> {
  for (const m of await work.all('meta')) if (m.place !== place) remove(work, m.id);
}

/** What the server no longer tells this person is not told by the device either: the answer, and of a record its whole page. */
async function drop(work: Work, asked: Asked, ask: string): Promise<void> {
  const page = /^\/[^/]+\/[^/]+$/.test(asked.path) && asked.method === 'GET' ? `/o${asked.path}` : undefined;
  for (const m of await work.all('meta')) if (m.ask === ask || m.place === page) remove(work, m.id);
}

async function read(path: string): Promise<unknown> {
  const asked = { method: 'GET', path };
  const text = await inOne(['text'], 'readonly', (work) => work.get('text', idOf({ kind: 'shell', key: 'shell' }, askOf(asked, null))));
  return text ? (JSON.parse(text.text) as unknown) : undefined;
}

/** A kept answer to a question: of this page, or else the newest of any page. Only the session is found without knowing whose it is. */
export async function find(owner: string | null, asked: Asked, place: Place | null, now = Date.now()): Promise<{ body: unknown; at: number } | undefined> {
  const home = homeOf(asked, place) ?? { kind: 'list', key: '' };
  const ask = askOf(asked, home);
  return inOne([...answers], 'readonly', async (work) => {
    const who = await work.get('who', 'owner');
    if (!who || (who.owner !== owner && asked.path !== '/session')) return undefined;
    const found = (await work.asked(ask)).filter((m) => now - m.at < DAYS).sort((a, b) => Number(b.place === home.key) - Number(a.place === home.key) || b.at - a.at)[0];
    const text = found && (await work.get('text', found.id));
    return found && text ? { body: JSON.parse(text.text) as unknown, at: found.at } : undefined;
  });
}

/** Nothing of what was read stays; notes that wait stay for whoever wrote them. */
export async function forget(): Promise<void> {
  await inOne([...answers], 'readwrite', async (work) => forgetAnswers(work));
}

/** Somebody leaves this device: nothing stays. */
export async function forgetAll(): Promise<void> {
  await inOne([...answers, 'waiting'], 'readwrite', async (work) => {
    forgetAnswers(work);
    work.clear('waiting');
  });
}
