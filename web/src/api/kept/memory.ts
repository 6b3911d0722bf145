// A device in memory, for tests: the same transactions, all of it or nothing.
import type { Stores, Work } from './device';

type Name = keyof Stores;
const empty = () => ({ who: new Map<string, unknown>(), meta: new Map<string, unknown>(), text: new Map<string, unknown>(), waiting: new Map<string, unknown>() });
let stores = empty();

export function wipe(): void {
  stores = empty();
}

export function held<N extends Name>(name: N): Stores[N][] {
  return [...stores[name].values()] as Stores[N][];
}

export async function inOne<T>(names: Name[], mode: 'readonly' | 'readwrite', run: (work: Work) => Promise<T>): Promise<T> {
  const before = structuredClone(stores);
  const at = (name: Name, writes = false) => {
    if (!names.includes(name) || (writes && mode === 'readonly')) throw new Error(`${name} is not part of this transaction`);
    return stores[name];
  };
  const work: Work = {
    get: async (name, key) => structuredClone(at(name).get(key)) as never,
    all: async (name) => structuredClone([...at(name).values()]) as never,
    asked: async (ask) => (structuredClone([...at('meta').values()]) as Stores['meta'][]).filter((m) => m.ask === ask),
    put: (name, row) => void at(name, true).set('id' in row ? row.id : row.key, structuredClone(row)),
    remove: (name, key) => void at(name, true).delete(key),
    clear: (name) => at(name, true).clear(),
  };
  try {
    return await run(work);
  } catch (e) {
    stores = before;
    throw e;
  }
}
