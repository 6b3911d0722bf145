/** The numbers of formulas: exact, with twelve decimals, below 10^18, as a count of 10^-12. `null` = blank. The server's are the same. */
export type Fix = bigint;

const PLACES = 12;
export const ONE = 10n ** 12n;
const LIMIT = 10n ** 30n;

const checked = (n: bigint): Fix | null => (n > -LIMIT && n < LIMIT ? n : null);
const abs = (n: bigint) => (n < 0n ? -n : n);

/** `a × b / c`, halves away from zero. */
function mulDiv(a: bigint, b: bigint, c: bigint): bigint {
  const negative = a < 0n !== b < 0n !== c < 0n;
  const [n, d] = [abs(a * b), abs(c)];
  const q = n / d + (n % d >= d - (n % d) ? 1n : 0n);
  return negative ? -q : q;
}

/** Reads `-12.5`; `null` for anything else. */
export function parse(s: string): Fix | null {
  const m = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(s);
  if (!m) return null;
  const frac = m[3] ?? '';
  let n = BigInt(m[2]! + frac.slice(0, PLACES).padEnd(PLACES, '0'));
  if (n >= LIMIT) return null;
  if ((frac[PLACES] ?? '0') >= '5') n += 1n;
  return checked(m[1] === '-' ? -n : n);
}

export const int = (n: number): Fix => BigInt(n) * ONE;
export const trunc = (n: Fix): number => Number(n / ONE);
export const add = (a: Fix, b: Fix) => checked(a + b);
export const sub = (a: Fix, b: Fix) => checked(a - b);
export const mul = (a: Fix, b: Fix) => checked(mulDiv(a, b, ONE));
export const div = (a: Fix, b: Fix) => (b === 0n ? null : checked(mulDiv(a, ONE, b)));

/** Remainder with the sign of the divisor, as spreadsheets do. */
export function mod(a: Fix, b: Fix): Fix | null {
  if (b === 0n) return null;
  const r = a % b;
  return r !== 0n && r < 0n !== b < 0n ? r + b : r;
}

export function floor(n: Fix): Fix | null {
  const r = n % ONE;
  return checked(r < 0n ? n - r - ONE : n - r);
}

export function ceil(n: Fix): Fix | null {
  const f = floor(-n);
  return f === null ? null : -f;
}

export function round(n: Fix, places: number): Fix | null {
  const unit = 10n ** BigInt(PLACES - Math.min(PLACES, Math.max(-18, places)));
  return checked(mulDiv(n, 1n, unit) * unit);
}

/** With exactly so many decimals, at most twelve. */
export function fixed(n: Fix, places: number): string {
  const p = Math.min(places, PLACES);
  const m = mulDiv(n, 1n, 10n ** BigInt(PLACES - p));
  const digits = abs(m).toString().padStart(p + 1, '0');
  const whole = digits.slice(0, digits.length - p);
  return `${m < 0n ? '-' : ''}${whole}${p ? `.${digits.slice(digits.length - p)}` : ''}`;
}

/** The shortest text of a number. */
export const text = (n: Fix): string => fixed(n, PLACES).replace(/0+$/, '').replace(/\.$/, '');
