// An in-memory stand-in for the server, used by `npm run dev:mock` only. Never bundled.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Plugin, ViteDevServer } from 'vite';
import type { Filter, Rec } from '../../src/api/types';
import { doc } from './model.ts';
import { newId, people, put, rows, stages } from './data.ts';

const me = people[0] as Rec;
let signedIn = true;
let seq = 100;
const listeners = new Set<ServerResponse>();
const history = new Map<string, unknown[]>();

function emit(object: string, rec: Rec, op: string, fields: string[], actor: Rec) {
  seq += 1;
  const data = { seq, object, id: rec.id, op, fields, actor: { id: actor.id, name: actor['name'] }, version: rec.version };
  for (const l of listeners) l.write(`id: ${seq}\nevent: change\ndata: ${JSON.stringify(data)}\n\n`);
}

function log(rec: Rec, op: string, changes: unknown[]) {
  const list = history.get(rec.id) ?? [];
  list.unshift({ seq: ++seq, at: new Date().toISOString(), actor: { id: me.id, name: me['name'] }, via: 'page', op, changes });
  history.set(rec.id, list);
}

function title(object: string, id: unknown): { object: string; id: string; title: string } | undefined {
  const o = doc.objects.find((x) => x.name === object);
  const r = rows(object).get(String(id));
  return r && o ? { object, id: r.id, title: String(r[o.title] ?? '') } : undefined;
}

function expand(object: string, rec: Rec, names: string | null): Rec {
  if (!names) return rec;
  const made: Record<string, unknown> = {};
  for (const name of names.split(',')) {
    const f = doc.objects.find((o) => o.name === object)?.fields.find((x) => x.name === name);
    const v = rec[name] as string | { object: string; id: string } | null | undefined;
    if (!f || !v) continue;
    const e = typeof v === 'object' ? title(v.object, v.id) : title(f.type === 'user' ? 'user' : f.type === 'dept' ? 'department' : (f.target ?? ''), v);
    if (e) made[name] = e;
  }
  return { ...rec, $expand: made as never };
}

const plain = (v: unknown): unknown => (v && typeof v === 'object' && 'amount' in v ? Number((v as { amount: string }).amount) : v && typeof v === 'object' && 'id' in v ? (v as { id: string }).id : v);

function rel(v: unknown): unknown {
  if (v && typeof v === 'object' && 'rel' in v && (v as { rel: string }).rel === 'me') return me.id;
  return v;
}

function test(f: Filter, r: Rec): boolean {
  if ('and' in f) return f.and.every((x) => test(x, r));
  if ('or' in f) return f.or.some((x) => test(x, r));
  if ('not' in f) return !test(f.not, r);
  const a = plain(r[f.field]);
  const b = rel(plain(f.value));
  const num = (x: unknown) => (typeof x === 'number' || (typeof x === 'string' && /^-?[\d.]+$/.test(x)) ? Number(x) : String(x ?? ''));
  switch (f.op) {
    case 'eq': return String(a) === String(b);
    case 'ne': return String(a) !== String(b);
    case 'in': case 'any': return (f.value as unknown[]).map(rel).map(String).includes(String(a));
    case 'nin': return !(f.value as unknown[]).map(String).includes(String(a));
    case 'contains': return String(a ?? '').includes(String(b));
    case 'starts': return String(a ?? '').startsWith(String(b));
    case 'is_empty': return a === null || a === undefined || a === '';
    case 'not_empty': return !(a === null || a === undefined || a === '');
    case 'gt': return a !== null && num(a) > num(b);
    case 'gte': return a !== null && num(a) >= num(b);
    case 'lt': return a !== null && num(a) < num(b);
    case 'lte': return a !== null && num(a) <= num(b);
    default: return true;
  }
}

function find(object: string, q: URLSearchParams): Rec[] {
  const o = doc.objects.find((x) => x.name === object);
  let list = [...rows(object).values()].filter((r) => Boolean(r['deleted_at']) === (q.get('deleted') === 'true'));
  const filter = q.get('filter');
  if (filter) list = list.filter((r) => test(JSON.parse(filter) as Filter, r));
  const text = q.get('q');
  if (text && o) list = list.filter((r) => String(r[o.title] ?? '').toLowerCase().includes(text.toLowerCase()) || String(r['company_name'] ?? '').includes(text));
  const sort = (q.get('sort') ?? o?.default_sort ?? '').split(',').filter(Boolean);
  return list.sort((x, y) => {
    for (const s of sort) {
      const name = s.replace(/^-/, '');
      const a = plain(x[name]) as string | number | null;
      const b = plain(y[name]) as string | number | null;
      if (a === b) continue;
      if (a === null || a === undefined) return 1;
      if (b === null || b === undefined) return -1;
      return (a < b ? -1 : 1) * (s.startsWith('-') ? -1 : 1);
    }
    return x.id < y.id ? -1 : 1;
  });
}

const refuse = (status: number, code: string, more: object = {}) => ({ status, body: { type: 'about:blank', title: code, status, code, trace_id: `7f3a-${(seq++).toString(16)}`, ...more } });
type Answer = { status: number; body?: unknown };

function route(method: string, path: string, q: URLSearchParams, body: Record<string, unknown>): Answer {
  const p = path.split('/').filter(Boolean);
  const [a = '', b = '', c = '', d = ''] = p;
  if (a === 'setup') return { status: 200, body: { needed: false, demo: true } };
  if (a === 'demo' && b === 'people') return { status: 200, body: { data: people.map((x) => ({ id: x.id, version: 1, name: x['name'], title: x['title'], $expand: { main_dept: title('department', x['main_dept']) } })) } };
  if (a === 'demo' && b === 'session') { signedIn = true; return { status: 200, body: session() }; }
  if (a === 'session') {
    if (method === 'DELETE') { signedIn = false; return { status: 204 }; }
    if (method === 'POST') {
      if (body['password'] === 'wrong') return refuse(401, 'session.bad_credentials');
      signedIn = true;
      return { status: 200, body: session() };
    }
    return signedIn ? { status: 200, body: session() } : refuse(401, 'session.required');
  }
  if (!signedIn) return refuse(401, 'session.required');
  if (a === 'sessions') return { status: 200, body: { data: [{ id: 's1', current: true, ip: '127.0.0.1', user_agent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/142', created_at: new Date().toISOString(), last_seen_at: new Date().toISOString() }] } };
  if (a === 'meta') return { status: 200, body: doc };
  if (a === 'me') return { status: 204 };
  if (a === 'search') {
    const text = (q.get('q') ?? '').toLowerCase();
    const hits = ['account', 'contact', 'opportunity', 'lead'].flatMap((o) => [...rows(o).values()].filter((r) => String(r['name']).toLowerCase().includes(text)).slice(0, 5).map((r) => ({
      object: o, id: r.id, title: r['name'], subtitle: title('account', r['account_id'])?.title ?? r['code'] ?? '', highlights: [{ field: 'name', ranges: [[String(r['name']).toLowerCase().indexOf(text), String(r['name']).toLowerCase().indexOf(text) + text.length]] }, { field: 'pinyin', text: 'bei ming jing gong', ranges: [[0, 1]] }], score: 1 })));
    return { status: 200, body: { hits } };
  }
  if (a === 'import') return importing(b, d, method, body);
  const o = doc.objects.find((x) => x.name === a);
  if (!o) return refuse(404, 'not_found');
  const t = rows(a);
  if (!b && method === 'GET') {
    const all = find(a, q);
    const from = Number(q.get('cursor') ?? 0);
    const limit = Math.min(200, Number(q.get('limit') ?? 50));
    return { status: 200, body: { data: all.slice(from, from + limit).map((r) => expand(a, r, q.get('expand'))), next: from + limit < all.length ? String(from + limit) : null, ...(q.get('count') && q.get('count') !== 'none' ? { count: { value: all.length, capped: false } } : {}) } };
  }
  if (!b && method === 'POST') {
    const missing = o.fields.filter((f) => f.required && !f.system && (body[f.name] === undefined || body[f.name] === null || body[f.name] === '')).map((f) => ({ field: f.name, code: 'value.required', params: {} }));
    if (missing.length) return refuse(422, 'value.required', { errors: missing });
    const r = put(a, { ...coerce(a, body), owner_id: body['owner_id'] ?? me.id, created_at: new Date().toISOString(), updated_at: new Date().toISOString() });
    log(r, 'create', []);
    emit(a, r, 'create', Object.keys(body), me);
    return { status: 201, body: r };
  }
  if (b === 'aggregate') {
    const g = body as { group: string[]; measures: { fn: string; field?: string }[]; filter?: Filter };
    const groups = new Map<string, { key: Record<string, string>; list: Rec[] }>();
    for (const r of find(a, new URLSearchParams(g.filter ? { filter: JSON.stringify(g.filter) } : {}))) {
      const key = Object.fromEntries(g.group.map((n) => [n, String(plain(r[n]) ?? '')]));
      const k = JSON.stringify(key);
      const group = groups.get(k) ?? { key, list: [] };
      group.list.push(r);
      groups.set(k, group);
    }
    return { status: 200, body: { groups: [...groups.values()].map((x) => ({ key: x.key, values: g.measures.map((m) => (m.fn === 'count' ? String(x.list.length) : x.list.reduce((s, r) => s + (Number(plain(r[m.field ?? ''])) || 0), 0).toFixed(2))) })) } };
  }
  const r = t.get(b);
  if (!r || (r['deleted_at'] && c !== 'actions')) return refuse(404, 'not_found');
  if (c === 'history') return { status: 200, body: { data: history.get(b) ?? [{ seq: 1, at: r.created_at, actor: { id: me.id, name: me['name'] }, via: 'import', op: 'create', changes: [] }], next: null } };
  if (c === 'actions' && d === 'move_stage') {
    const s = stages.find((x) => x.id === body['stage_id']) as Rec;
    const gate = (s['gate'] as { required: string[] } | null)?.required.filter((f) => !r[f]) ?? [];
    if (gate.length) return refuse(422, 'stage.gate_failed', { errors: gate.map((f) => ({ field: f, code: 'value.required', params: {} })) });
    if (s['kind'] === 'lost' && !body['lost_reason'] && !r['lost_reason']) return refuse(422, 'stage.gate_failed', { errors: [{ field: 'lost_reason', code: 'value.required' }] });
    return { status: 200, body: change(a, r, { stage_id: s.id, probability: s['probability'], stage_entered_at: new Date().toISOString() }, me) };
  }
  if (c === 'actions' && d === 'restore') { delete r['deleted_at']; r.version += 1; emit(a, r, 'restore', [], me); return { status: 200, body: r }; }
  if (c === 'actions') return { status: 200, body: change(a, r, body, me) };
  if (method === 'PATCH') {
    const bad = Object.entries(body).filter(([k, v]) => v === 'bad' || (o.fields.find((f) => f.name === k)?.required && (v === null || v === ''))).map(([k]) => ({ field: k, code: 'value.required', params: {} }));
    if (bad.length) return refuse(422, 'value.required', { errors: bad });
    return { status: 200, body: change(a, r, coerce(a, body), me) };
  }
  if (method === 'DELETE') { r['deleted_at'] = new Date().toISOString(); r.version += 1; emit(a, r, 'delete', [], me); return { status: 204 }; }
  return { status: 200, body: expand(a, r, q.get('expand')) };
}

interface MockJob { id: string; status: string; dry_run: boolean; total: number; done: number; created: number; updated: number; skipped: number; failed: number }
let job: MockJob = { id: 'j0', status: 'done', dry_run: true, total: 0, done: 0, created: 0, updated: 0, skipped: 0, failed: 0 };
let csv: string[][] = [];
let made: string[] = [];
const known: Record<string, [field: string, why: { en: string; zh: string }]> = {
  客户名称: ['name', { en: 'Same heading', zh: '列名相同' }],
  单位名称: ['name', { en: 'Similar heading, filled in every row', zh: '列名相近，每行都有值' }],
  客户简称: ['short_name', { en: 'Same heading', zh: '列名相同' }],
  客户类型: ['kind', { en: 'Same heading', zh: '列名相同' }],
  级别: ['level', { en: 'Heading is an alias', zh: '列名是别名' }],
  业务员: ['owner_id', { en: 'Values are names of people', zh: '值是同事姓名' }],
};

/** Reads one plain CSV file, proposes a mapping, writes accounts. */
function importing(what: string, act: string, method: string, body: Record<string, unknown>): Answer {
  if (what === 'uploads') {
    const text = String(body['raw'] ?? '');
    const file = /text\/csv\r?\n\r?\n([\s\S]*?)\r?\n--/.exec(text)?.[1] ?? '';
    csv = file.replace(/^\uFEFF/, '').split(/\r?\n/).filter(Boolean).map((line) => line.split(','));
    const [head = [], ...data] = csv;
    return { status: 201, body: { upload_id: 'u1', file_name: 'list.csv', sheets: [{ name: 'Sheet1', rows: data.length, suggested_object: 'account', columns: head.map((header, i) => ({ header, samples: data.slice(0, 3).map((r) => r[i]) })), mapping: head.map((column) => ({ column, field: known[column]?.[0] ?? null, confidence: known[column] ? 0.96 : null, why: known[column]?.[1] ?? null })) }] } };
  }
  if (method === 'POST' && !act) {
    const dry = body['dry_run'] === true;
    const [head = [], ...data] = csv;
    job = { id: `j${seq++}`, status: 'done', dry_run: dry, total: data.length, done: data.length, created: data.length, updated: 0, skipped: 0, failed: 0 };
    if (!dry) made = data.map((r) => put('account', { name: r[head.indexOf('客户名称')] ?? '', kind: 'company', owner_id: me.id, open_opp_amount: null }).id);
  } else if (act === 'undo') {
    for (const id of made) rows('account').delete(id);
    job = { ...job, status: 'undone' };
  }
  return { status: 200, body: job };
}

function coerce(object: string, body: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [k, v] of Object.entries(body)) {
    const f = doc.objects.find((o) => o.name === object)?.fields.find((x) => x.name === k);
    out[k] = f?.type === 'money' && (typeof v === 'string' || typeof v === 'number') ? { amount: Number(v).toFixed(2), currency: 'CNY', rate: '1', base: Number(v).toFixed(2) } : f?.type === 'phone' && typeof v === 'string' ? { raw: v, e164: v.startsWith('1') ? `+86${v}` : null } : v;
  }
  return out;
}

function change(object: string, r: Rec, data: Record<string, unknown>, actor: Rec): Rec {
  log(r, 'update', Object.entries(data).map(([field, after]) => ({ field, before: r[field] ?? null, after })));
  Object.assign(r, data, { version: r.version + 1, updated_at: new Date().toISOString() });
  emit(object, r, 'update', Object.keys(data), actor);
  return r;
}

const session = () => ({ user: { id: me.id, name: me['name'], email: me['email'], locale: 'zh-CN', is_admin: true }, organisation: { name: '岚川仪器' }, demo: true });

function read(req: IncomingMessage): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    let text = '';
    req.setEncoding('utf8');
    req.on('data', (chunk) => { text += String(chunk); });
    req.on('end', () => {
      try { resolve(JSON.parse(text || '{}') as Record<string, unknown>); } catch { resolve({ id: newId(), raw: text }); }
    });
  });
}

type Host = Pick<ViteDevServer, 'middlewares'>;

function serve(server: Host): void {
  server.middlewares.use('/api/v1', (req, res) => {
    const u = new URL(req.url ?? '/', 'http://mock');
    if (u.pathname === '/events') {
      res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
      res.write(': hello\n\n');
      listeners.add(res);
      req.on('close', () => listeners.delete(res));
      return;
    }
    void read(req).then((body) => {
      // Signed in is who has the cookie, as on a real server.
      signedIn = /rapport_mock=1/.test(req.headers.cookie ?? '');
      const before = signedIn;
      const answer = route(req.method ?? 'GET', u.pathname, u.searchParams, body);
      if (signedIn !== before) res.setHeader('set-cookie', `rapport_mock=${signedIn ? 1 : 0}; Path=/; HttpOnly; SameSite=Lax`);
      setTimeout(() => {
        res.writeHead(answer.status, { 'content-type': answer.status >= 400 ? 'application/problem+json' : 'application/json' });
        res.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
      }, 20);
    });
  });
}

export function mockServer(): Plugin {
  return { name: 'rapport-mock', configureServer: (server) => serve(server), configurePreviewServer: (server) => serve(server as unknown as Host) };
}
