import { createStore } from './store';

/** Layers that any part of the page may open; the app shows them. This is how features reach each other without importing each other. */
export type Layer =
  | { kind: 'palette' }
  | { kind: 'help' }
  | { kind: 'guide'; article?: string }
  | { kind: 'tour' }
  /** What one was told of. */
  | { kind: 'notices' }
  | { kind: 'create'; /** None: asks what to make. */ object?: string; values?: Record<string, unknown>; titles?: Record<string, string>; after?: 'open' | 'stay' }
  /** Somebody else changed the same fields; `version` is what the server has now. */
  | { kind: 'conflict'; object: string; id: string; mine: Record<string, unknown>; fields: string[]; version: number; titles?: Record<string, { object: string; id: string; title: string } | { object: string; id: string; title: string }[]> }
  /** Several records become one; a single id asks for the others first. */
  | { kind: 'merge'; object: string; ids: string[] }
  | { kind: 'followUp'; object: string; id: string; title: string }
  /** Notes that were not sent would be lost. */
  | { kind: 'signOut' };

export const layer = createStore<Layer | null>(null);

export function open(next: Layer): void {
  layer.set(next);
}

export function closeLayer(): void {
  layer.set(null);
}
