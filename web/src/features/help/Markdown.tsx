import { Fragment, type ReactNode } from 'react';

/** Bold, code and links inside a line. */
function line(text: string): ReactNode {
  return text.split(/(\*\*[^*]+\*\*|`[^`]+`|\[[^\]]+\]\([^)\s]+\))/).map((part, i) => {
    if (part.startsWith('**')) return <b key={i}>{part.slice(2, -2)}</b>;
    if (part.startsWith('`')) return <code key={i}>{part.slice(1, -1)}</code>;
    const link = /^\[([^\]]+)\]\(([^)\s]+)\)$/.exec(part);
    if (link) return /^(https?:\/\/|\/)/.test(link[2] ?? '') ? <a key={i} className="link" href={link[2]}>{link[1]}</a> : <Fragment key={i}>{link[1]}</Fragment>;
    return <Fragment key={i}>{part}</Fragment>;
  });
}

const cells = (row: string) => row.replace(/^\||\|$/g, '').split('|').map((c) => c.trim());

/** The little of Markdown that our own documents use: headings, paragraphs, lists, tables, code. Nothing of it becomes HTML by itself. */
export function Markdown({ text }: { text: string }) {
  const blocks = text.trim().split(/\n{2,}/);
  return (
    <div className="md">
      {blocks.map((b, i) => {
        const rows = b.split('\n');
        const first = rows[0] ?? '';
        const head = /^(#{1,4}) (.+)$/.exec(first);
        if (head) {
          const rest = rows.slice(1).join('\n');
          return <Fragment key={i}>{(head[1]?.length ?? 1) < 3 ? <h3>{line(head[2] ?? '')}</h3> : <h4>{line(head[2] ?? '')}</h4>}{rest && <Markdown text={rest} />}</Fragment>;
        }
        if (first.startsWith('```')) return <pre key={i}>{rows.slice(1, rows.at(-1)?.startsWith('```') ? -1 : undefined).join('\n')}</pre>;
        if (/^[-*] /.test(first)) return <ul key={i}>{items(rows, /^[-*] /).map((x, k) => <li key={k}>{line(x)}</li>)}</ul>;
        if (/^\d+\. /.test(first)) return <ol key={i}>{items(rows, /^\d+\. /).map((x, k) => <li key={k}>{line(x)}</li>)}</ol>;
        if (first.startsWith('|')) {
          return (
            <table key={i}>
              <thead><tr>{cells(first).map((c, k) => <th key={k} scope="col">{line(c)}</th>)}</tr></thead>
              <tbody>{rows.slice(2).map((r, k) => <tr key={k}>{cells(r).map((c, n) => <td key={n}>{line(c)}</td>)}</tr>)}</tbody>
            </table>
          );
        }
        return <p key={i}>{line(rows.join(' '))}</p>;
      })}
    </div>
  );
}

function items(rows: string[], mark: RegExp): string[] {
  const out: string[] = [];
  for (const r of rows) {
    if (mark.test(r)) out.push(r.replace(mark, ''));
    else if (out.length) out[out.length - 1] += ` ${r.trim()}`;
  }
  return out;
}
