/** The texts of the first sheet of an Excel workbook, as far as its refused rows need it: shared and inline strings, numbers. */
export async function readSheet(file: ArrayBuffer): Promise<string[][]> {
  const entries = directory(new DataView(file));
  const text = async (name: string) => {
    const e = entries.get(name);
    return e ? new TextDecoder().decode(await unpack(file, e)) : '';
  };
  const xml = (s: string) => new DOMParser().parseFromString(s || '<none/>', 'application/xml');
  const shared = [...xml(await text('xl/sharedStrings.xml')).getElementsByTagName('si')].map(textOf);
  const sheet = [...entries.keys()].filter((n) => /^xl\/worksheets\/[^/]+\.xml$/.test(n)).sort()[0];
  return [...xml(await text(sheet ?? '')).getElementsByTagName('row')].map((row) => {
    const out: string[] = [];
    for (const c of row.getElementsByTagName('c')) {
      const at = columnOf(c.getAttribute('r') ?? '');
      const raw = c.getElementsByTagName('v')[0]?.textContent ?? '';
      const kind = c.getAttribute('t');
      out[at >= 0 ? at : out.length] = kind === 's' ? (shared[Number(raw)] ?? '') : kind === 'inlineStr' ? textOf(c) : raw;
    }
    return Array.from(out, (v) => v ?? '');
  });
}

const textOf = (e: Element) => [...e.getElementsByTagName('t')].map((t) => t.textContent ?? '').join('');
const columnOf = (ref: string) => [...(/^[A-Z]+/.exec(ref)?.[0] ?? '')].reduce((n, ch) => n * 26 + ch.charCodeAt(0) - 64, 0) - 1;

interface Entry {
  method: number;
  size: number;
  at: number;
}

/** What a ZIP file holds, from the directory at its end. */
function directory(view: DataView): Map<string, Entry> {
  const out = new Map<string, Entry>();
  let end = view.byteLength - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end -= 1;
  if (end < 0) return out;
  let at = view.getUint32(end + 16, true);
  for (let n = view.getUint16(end + 10, true); n > 0; n -= 1) {
    const name = view.getUint16(at + 28, true);
    const label = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at + 46, name));
    out.set(label, { method: view.getUint16(at + 10, true), size: view.getUint32(at + 20, true), at: view.getUint32(at + 42, true) });
    at += 46 + name + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return out;
}

async function unpack(file: ArrayBuffer, e: Entry): Promise<ArrayBuffer> {
  const view = new DataView(file);
  const start = e.at + 30 + view.getUint16(e.at + 26, true) + view.getUint16(e.at + 28, true);
  const packed = file.slice(start, start + e.size);
  if (e.method === 0) return packed;
  const body = new Response(packed).body;
  return body ? new Response(body.pipeThrough(new DecompressionStream('deflate-raw'))).arrayBuffer() : packed;
}
