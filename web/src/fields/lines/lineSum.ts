/** Exact sums of line items: decimals as scaled integers, never binary floats. */
const SCALE = 12;

function scaled(text: string): bigint | null {
  const m = /^(-?)(\d*)(?:\.(\d*))?$/.exec(text.trim());
  if (!m || (!m[2] && !m[3])) return null;
  const frac = (m[3] ?? '').slice(0, SCALE).padEnd(SCALE, '0');
  const n = BigInt(`${m[2] || '0'}${frac}`);
  return m[1] ? -n : n;
}

const MONTHS: Record<string, number> = { month: 1, quarter: 3, half_year: 6, year: 12 };

/** How often a charge comes within its term; one where it comes once, or the term holds no whole number of periods. */
export function periodsIn(kind: unknown, term: unknown, period: unknown): number {
  const [months, of] = [Number(term), MONTHS[String(period)]];
  return kind === 'recurring' && of && months > 0 && months % of === 0 ? months / of : 1;
}

const ONE = 10n ** BigInt(SCALE);

/** Quantity times price less the discount in per cent, for so many billing periods, rounded half up to cents; null while something is not a number. */
export function lineTotal(quantity: string, price: string, discount: string, periods = 1): string | null {
  const [q, p, d] = [scaled(quantity || '0'), scaled(price || '0'), scaled(discount || '0')];
  if (q === null || p === null || d === null) return null;
  const exact = (q * p * (100n * ONE - d) * BigInt(Math.max(1, Math.round(periods)))) / 100n;
  return cents(exact, SCALE * 3);
}

function cents(n: bigint, scale: number): string {
  const unit = 10n ** BigInt(scale - 2);
  const sign = n < 0n;
  const abs = sign ? -n : n;
  const rounded = (abs + unit / 2n) / unit;
  const text = rounded.toString().padStart(3, '0');
  return `${sign ? '-' : ''}${text.slice(0, -2)}.${text.slice(-2)}`;
}

/** The sum of amounts in cents, exact. */
export function sumOf(amounts: (string | null)[]): string {
  const total = amounts.reduce((n, a) => n + (a === null ? 0n : (scaled(a) ?? 0n)), 0n);
  return cents(total, SCALE);
}
