// The page's own database on this device (IndexedDB): kept answers and notes that wait. Nothing of it passes the service worker.
import type { Meta } from './rules';
import type { Waiting } from './queue';

export interface Stores {
  /** One row: whose answers these are. */
  who: { key: 'owner'; owner: string };
  meta: Meta;
  text: { id: string; text: string };
  waiting: Waiting;
}
type Name = keyof Stores;

let opened: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open('rapport', 1);
    request.onupgradeneeded = () => {
      const db = request.result;
      db.createObjectStore('who', { keyPath: 'key' });
      db.createObjectStore('meta', { keyPath: 'id' }).createIndex('ask', 'ask');
      db.createObjectStore('text', { keyPath: 'id' });
      db.createObjectStore('waiting', { keyPath: 'id' });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('no database'));
  });
  opened.catch(() => { opened = undefined; });
  return opened;
}

const done = <T>(request: IDBRequest<T>): Promise<T> => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error ?? new Error('the database refused'));
});

/** What can be done to the stores inside one transaction; only its own promises may be awaited in between. */
export interface Work {
  get<N extends Name>(store: N, key: string): Promise<Stores[N] | undefined>;
  all<N extends Name>(store: N): Promise<Stores[N][]>;
  asked(ask: string): Promise<Meta[]>;
  put<N extends Name>(store: N, row: Stores[N]): void;
  remove(store: Name, key: string): void;
  clear(store: Name): void;
}

/** One transaction: all of it or nothing. */
export async function inOne<T>(stores: Name[], mode: 'readonly' | 'readwrite', run: (work: Work) => Promise<T>): Promise<T> {
  const db = await open();
  const tx = db.transaction(stores, mode);
  const end = new Promise<void>((resolve, reject) => {
    tx.oncomplete = () => resolve();
    tx.onabort = () => reject(tx.error ?? new Error('the database gave up'));
  });
  const at = (store: Name) => tx.objectStore(store);
  const answer = await run({
    get: (store, key) => done(at(store).get(key)),
    all: (store) => done(at(store).getAll()),
    asked: (ask) => done(at('meta').index('ask').getAll(ask) as IDBRequest<Meta[]>),
    put: (store, row) => void at(store).put(row),
    remove: (store, key) => void at(store).delete(key),
    clear: (store) => void at(store).clear(),
  });
  await end;
  return answer;
}
