export interface Line {
  op: ' ' | '+' | '-';
  text: string;
}

/** Two texts by line: what stays, what goes, what comes. Long stretches that stay are cut to `around` lines. */
export function diff(before: string, after: string, around = 3): Line[] {
  const a = before.split('\n');
  const b = after.split('\n');
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const x = a.slice(head, a.length - tail);
  const y = b.slice(head, b.length - tail);
  // Longest common subsequence of what lies between; texts of some thousand lines at most differ in few of them.
  const w = y.length + 1;
  const best = new Uint32Array((x.length + 1) * w);
  for (let i = x.length - 1; i >= 0; i--)
    for (let j = y.length - 1; j >= 0; j--) best[i * w + j] = x[i] === y[j] ? best[(i + 1) * w + j + 1]! + 1 : Math.max(best[(i + 1) * w + j]!, best[i * w + j + 1]!);
  const out: Line[] = a.slice(0, head).map((text) => ({ op: ' ', text }));
  let i = 0;
  let j = 0;
  while (i < x.length || j < y.length) {
    if (i < x.length && j < y.length && x[i] === y[j]) {
      out.push({ op: ' ', text: x[i]! });
      i += 1;
      j += 1;
    } else if (i < x.length && (j >= y.length || best[(i + 1) * w + j]! >= best[i * w + j + 1]!)) {
      out.push({ op: '-', text: x[i]! });
      i += 1;
    } else {
      out.push({ op: '+', text: y[j]! });
      j += 1;
    }
  }
  out.push(...a.slice(a.length - tail).map((text): Line => ({ op: ' ', text })));
  const near = out.map((_, k) => out.slice(Math.max(0, k - around), k + around + 1).some((l) => l.op !== ' '));
  return out.filter((_, k) => near[k]);
}
