/** Somebody who may be called on a record; who does not see it is not told. */
export interface Person {
  id: string;
  name: string;
  title?: string | null;
  sees: boolean;
}

/** What is being typed after an `@` that may become a mention: where it begins, and the words so far. An address is none. */
export function typing(text: string, caret: number): { from: number; q: string } | null {
  const before = text.slice(0, caret);
  const at = before.lastIndexOf('@');
  if (at < 0 || /[A-Za-z0-9._-]/.test(before[at - 1] ?? '')) return null;
  const q = before.slice(at + 1);
  // A second word may be the family name of somebody with a Latin name.
  const fits = q.length <= 40 && (/^[^\s@，。；：！？,;:]{0,20}$/.test(q) || /^[\p{Script=Latin}.'-]+ [\p{Script=Latin}.'-]+$/u.test(q));
  return fits ? { from: at, q } : null;
}

/** The text with the mention in the place of what was typed, and where the caret goes on. */
export function put(text: string, caret: number, from: number, name: string): { text: string; caret: number } {
  const rest = text.slice(caret).replace(/^ /, '');
  const head = `${text.slice(0, from)}@${name} `;
  return { text: head + rest, caret: head.length };
}

/** Who of those once picked is still called in the text. */
export function called(text: string, picked: Person[]): Person[] {
  return picked.filter((p, i) => text.includes(`@${p.name}`) && picked.findIndex((x) => x.id === p.id) === i);
}

/** A comment cut at its mentions. The names come from the data, so that an `@` somebody merely typed stays plain text. */
export function parts(text: string, names: string[]): { text: string; mention: boolean }[] {
  const known = [...new Set(names)].filter(Boolean).sort((a, b) => b.length - a.length);
  const out: { text: string; mention: boolean }[] = [];
  let plain = '';
  for (let i = 0; i < text.length; ) {
    const name = text[i] === '@' ? known.find((n) => text.startsWith(n, i + 1)) : undefined;
    if (name === undefined) {
      plain += text[i];
      i += 1;
      continue;
    }
    if (plain) out.push({ text: plain, mention: false });
    plain = '';
    out.push({ text: `@${name}`, mention: true });
    i += name.length + 1;
  }
  if (plain) out.push({ text: plain, mention: false });
  return out;
}
