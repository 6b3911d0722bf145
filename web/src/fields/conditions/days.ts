/** Calendar arithmetic by plain rules over `YYYY-MM-DD`, 1900 to 2199; `null` = no such day. The server's is the same. */

const DAY = 86_400_000;
const parts = (d: string): [number, number, number] => [Number(d.slice(0, 4)), Number(d.slice(5, 7)), Number(d.slice(8, 10))];
const number = (d: string) => Date.parse(`${d}T00:00:00Z`) / DAY;
const pad = (n: number, to: number) => String(n).padStart(to, '0');

export function dayOf(y: number, m: number, d: number): string | null {
  if (y < 1900 || y > 2199 || m < 1 || m > 12 || d < 1 || d > new Date(Date.UTC(y, m, 0)).getUTCDate()) return null;
  return `${pad(y, 4)}-${pad(m, 2)}-${pad(d, 2)}`;
}

const months: Record<string, number> = { month: 1, quarter: 3, year: 12 };
export const millis: Record<string, number> = { second: 1000, minute: 60_000, hour: 3_600_000, day: DAY, week: 7 * DAY };

/** A day plus so many units; the last day of a shorter month. */
export function addTo(day: string, n: number, unit: string): string | null {
  const [y, m, d] = parts(day);
  const step = months[unit];
  if (step === undefined) {
    const days = n * (unit === 'week' ? 7 : 1);
    if (Math.abs(days) >= 200_000) return null;
    const to = new Date((number(day) + days) * DAY);
    return dayOf(to.getUTCFullYear(), to.getUTCMonth() + 1, to.getUTCDate());
  }
  if (Math.abs(n * step) >= 10_000) return null;
  const at = y * 12 + (m - 1) + n * step;
  const [year, month] = [Math.floor(at / 12), (((at % 12) + 12) % 12) + 1];
  if (year < 1900 || year > 2199) return null;
  return dayOf(year, month, Math.min(d, new Date(Date.UTC(year, month, 0)).getUTCDate()));
}

/** Whole units between two days, towards zero. */
export function between(a: string, b: string, unit: string): number {
  const step = months[unit];
  if (step === undefined) return Math.trunc((number(b) - number(a)) / (unit === 'week' ? 7 : 1));
  const [ya, ma, da] = parts(a);
  const [yb, mb, db] = parts(b);
  let whole = (yb - ya) * 12 + mb - ma;
  if (whole > 0 && db < da) whole -= 1;
  else if (whole < 0 && db > da) whole += 1;
  return Math.trunc(whole / step);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The day of an instant in a zone. */
export function dayIn(at: number, zone: string): string {
  let f = formats.get(zone);
  if (!f) formats.set(zone, (f = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })));
  return f.format(at);
}
