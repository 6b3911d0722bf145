import type { Visit } from './browser';

type Held = Record<'who' | 'meta' | 'text' | 'waiting', Record<string, unknown>[]>;

/** Everything the page keeps on the device. */
export const held = (v: Visit): Promise<Held> =>
  v.page.evaluate(async () => {
    // Opening makes what is not there yet, and makes it empty.
    if (!(await indexedDB.databases()).some((d) => d.name === 'rapport')) return { who: [], meta: [], text: [], waiting: [] };
    return new Promise<Held>((resolve, reject) => {
      const request = indexedDB.open('rapport');
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const db = request.result;
        const names = ['who', 'meta', 'text', 'waiting'] as const;
        const all = {} as Held;
        const tx = db.transaction(names);
        for (const n of names) {
          const rows = tx.objectStore(n).getAll() as IDBRequest<Record<string, unknown>[]>;
          rows.onsuccess = () => { all[n] = rows.result; };
        }
        tx.oncomplete = () => { db.close(); resolve(all); };
      };
    });
  });

/** Asks again and again until the answer is good. */
export async function until<T>(ask: () => Promise<T>, good: (now: T) => boolean, what: string): Promise<T> {
  const end = Date.now() + 20_000;
  for (;;) {
    const now = await ask();
    if (good(now)) return now;
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((r) => setTimeout(r, 200));
  }
}
