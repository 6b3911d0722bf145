import { createStore, local } from './store';

export type Mode = 'light' | 'dark';

/** `auto` follows the system. */
export type ThemeChoice = Mode | 'auto';

const query = typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: dark)') : null;
const stored = local.get('rapport.theme');

export const themeChoice = createStore<ThemeChoice>(stored === 'light' || stored === 'dark' ? stored : 'auto');
export const mode = createStore<Mode>(resolve());

function resolve(): Mode {
  const choice = themeChoice.get();
  if (choice !== 'auto') return choice;
  return query?.matches ? 'dark' : 'light';
}

function apply(): void {
  const next = resolve();
  document.documentElement.dataset['theme'] = next;
  mode.set(next);
}

export function setTheme(choice: ThemeChoice): void {
  themeChoice.set(choice);
  local.set('rapport.theme', choice === 'auto' ? null : choice);
  apply();
}

query?.addEventListener('change', apply);

/** Narrow screens get the phone layout (design.md §4). */
const phoneQuery = typeof matchMedia === 'function' ? matchMedia('screen and (max-width: 899px)') : null;
export const phone = createStore<boolean>(phoneQuery?.matches ?? false);
phoneQuery?.addEventListener('change', () => phone.set(phoneQuery.matches));
