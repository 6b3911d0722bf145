import { local } from '@/shared/store';

// `public/theme-boot.js` asks what a page will need before the scripts are there: who this is, the model, and the questions the first page asked
// the last time. In those the days stand as `{n}`, counted from today; without them an answer would be of yesterday.

const NAME = 'rapport.asks';
/** What was asked for at the start says nothing of a page that is opened later. */
const FRESH_MS = 20_000;

const midnight = (now: Date, days: number) => encodeURIComponent(new Date(now.getFullYear(), now.getMonth(), now.getDate() + days).toISOString());

/** Notes what to ask for next time, most needed first: paths with their queries, of which `days` name the midnights in them. */
export function askEarlier(asks: readonly string[], now: Date, days: readonly number[]): void {
  const timeless = asks.map((a) => days.reduce((text, d) => text.replaceAll(midnight(now, d), `{${d}}`), a));
  local.set(NAME, JSON.stringify(timeless));
}

/** The questions name records: they go with whoever signs out. */
export function forgetAsks(): void {
  local.set(NAME, null);
}

/** The answer that was asked for before the scripts were there; each is used once. */
export function early(ask: string): Promise<Response> | undefined {
  const all = (window as { rapportEarly?: Record<string, Promise<Response>> }).rapportEarly;
  const found = all?.[ask];
  if (!all || !found) return undefined;
  delete all[ask];
  return performance.now() < FRESH_MS ? found : undefined;
}
