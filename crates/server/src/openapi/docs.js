'use strict';
// Shows /api/v1/openapi.json. Text goes in as text, never as markup.
const el = (tag, props = {}, ...kids) => {
  const e = Object.assign(document.createElement(tag), props);
  e.append(...kids.filter((k) => k !== null && k !== undefined));
  return e;
};

function start(doc) {
  const ops = [];
  for (const [path, item] of Object.entries(doc.paths)) {
    for (const [method, op] of Object.entries(item)) ops.push({ path, method, op });
  }
  const named = (ref) => ref.split('/').slice(1).reduce((v, k) => v[k], doc);
  // One level of every schema is laid open; references below stay names, so that circles end.
  const shape = (s, depth = 0) => {
    if (!s || typeof s !== 'object') return s;
    if (s.$ref) return depth < 2 ? shape(named(s.$ref), depth + 1) : s.$ref.split('/').pop();
    if (s.anyOf) return s.anyOf.filter((x) => x.type !== 'null').map((x) => shape(x, depth + 1)).reduce((a, b) => (a === undefined ? b : a), undefined);
    if (s.properties) return Object.fromEntries(Object.entries(s.properties).map(([k, v]) => [k, shape(v, depth + 1)]));
    if (s.type === 'array') return [shape(s.items, depth + 1)];
    return [s.type, s.format, s.title].flat().filter(Boolean).join(' · ') || 'any';
  };
  const block = (title, content) => {
    const media = content && Object.entries(content)[0];
    if (!media) return null;
    return el('div', {}, el('h3', { textContent: `${title} · ${media[0]}` }), el('pre', { textContent: JSON.stringify(shape(media[1].schema), null, 2) }));
  };
  const card = ({ path, method, op }) => {
    const d = el('details', {}, el('summary', {}, el('b', { textContent: method.toUpperCase() }), el('code', { textContent: path }), el('span', { textContent: op.summary })));
    d.addEventListener('toggle', () => {
      if (!d.open || d.dataset.full) return;
      d.dataset.full = '1';
      const inside = el('div', { className: 'in' });
      const params = (op.parameters || []).map((p) => (p.$ref ? named(p.$ref) : p));
      if (params.length) {
        const rows = params.map((p) => el('tr', {}, el('td', {}, el('code', { textContent: p.name })), el('td', { textContent: p.in }), el('td', { textContent: (p.schema.enum || [p.schema.type]).join(' | ') }), el('td', { textContent: p.description || '' })));
        inside.append(el('h3', { textContent: 'Parameters · 参数' }), el('table', {}, ...rows));
      }
      if (op.requestBody) inside.append(block('Request · 请求', op.requestBody.content));
      for (const [status, r] of Object.entries(op.responses)) {
        if (status === 'default') continue;
        inside.append(block(`${status} · 响应`, r.content) || el('h3', { textContent: `${status} · ${r.description}` }));
      }
      d.append(inside);
    });
    return d;
  };
  const groups = doc.tags.filter((t) => ops.some((o) => o.op.tags[0] === t.name));
  const nav = document.getElementById('tags');
  const box = document.getElementById('routes');
  const find = document.getElementById('find');
  let current = groups[0].name;
  const draw = () => {
    const q = find.value.trim().toLowerCase();
    const hits = ops.filter((o) => (q ? `${o.method} ${o.path} ${o.op.summary}`.toLowerCase().includes(q) : o.op.tags[0] === current)).slice(0, 200);
    box.replaceChildren(...hits.map(card));
    for (const b of nav.children) b.setAttribute('aria-current', String(!q && b.dataset.tag === current));
  };
  for (const g of groups) {
    const b = el('button', { textContent: g.description || g.name, onclick: () => { current = g.name; find.value = ''; draw(); } });
    b.dataset.tag = g.name;
    nav.append(b);
  }
  find.addEventListener('input', draw);
  draw();
}

fetch('/api/v1/openapi.json').then((r) => r.json()).then(start, (e) => { document.getElementById('routes').textContent = String(e); });
