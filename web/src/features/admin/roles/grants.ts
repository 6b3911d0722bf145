/** The form in which roles are kept (`role.object_perms`, `field_perms`, `functions`). */
export const reaches = ['none', 'team', 'own', 'own_sub', 'dept', 'dept_tree', 'all'] as const;
export type Reach = (typeof reaches)[number];
export const acts = ['read', 'edit', 'delete', 'transfer', 'export'] as const;
export type Act = (typeof acts)[number];
export const fieldRights = ['hidden', 'masked', 'read', 'edit'] as const;
export type FieldRight = (typeof fieldRights)[number];

export interface ObjectGrant {
  create?: boolean;
  import?: boolean;
  read?: string;
  edit?: string;
  delete?: string;
  transfer?: string;
  export?: string;
  also?: string[];
  plain?: boolean;
}

export interface Grants {
  objects: Record<string, ObjectGrant>;
  fields: Record<string, Record<string, FieldRight>>;
  functions: string[];
}

export function ofRecord(rec: Record<string, unknown>): Grants {
  const copy = <T,>(v: unknown, none: T): T => (v && typeof v === 'object' ? (JSON.parse(JSON.stringify(v)) as T) : none);
  return { objects: copy(rec['object_perms'], {}), fields: copy(rec['field_perms'], {}), functions: copy<string[]>(rec['functions'], []) };
}

const parts: Record<string, [people: number, depts: number]> = { none: [-1, -1], team: [0, 0], own: [1, 0], own_sub: [2, 0], dept: [1, 1], dept_tree: [1, 2], own_sub_dept: [2, 1], own_sub_dept_tree: [2, 2], all: [3, 3] };

/** Whether the first reach contains the second. Own with subordinates and the department do not contain one another. */
export function includes(outer: string, inner: string): boolean {
  const none: [number, number] = [-1, -1];
  const a = parts[outer] ?? none;
  const b = parts[inner] ?? none;
  return a[0] >= b[0] && a[1] >= b[1];
}

/** Sets a reach. Nothing may reach further than reading: reading grows with an act, and acts shrink with reading. */
export function setReach(g: Grants, object: string, act: Act, reach: Reach): Grants {
  const now: ObjectGrant = { ...g.objects[object] };
  if (reach === 'none') delete now[act];
  else now[act] = reach;
  if (act === 'read') {
    for (const other of acts) if (other !== 'read' && now[other] && !includes(reach, now[other])) {
      if (reach === 'none') delete now[other];
      else now[other] = reach;
    }
  } else if (!includes(now.read ?? 'none', reach)) now.read = reach;
  return put(g, object, now);
}

export function setFlag(g: Grants, object: string, flag: 'create' | 'import' | 'plain', on: boolean): Grants {
  const now: ObjectGrant = { ...g.objects[object] };
  if (on) now[flag] = true;
  else delete now[flag];
  return put(g, object, now);
}

function put(g: Grants, object: string, grant: ObjectGrant): Grants {
  const objects = { ...g.objects };
  if (Object.values(grant).some((v) => v !== undefined && v !== false && !(Array.isArray(v) && v.length === 0))) objects[object] = grant;
  else delete objects[object];
  return { ...g, objects };
}

/** What the role says about a field; empty = as the object. */
export function setField(g: Grants, object: string, field: string, right: FieldRight | ''): Grants {
  const mine = { ...g.fields[object] };
  if (right) mine[field] = right;
  else delete mine[field];
  const fields = { ...g.fields };
  if (Object.keys(mine).length) fields[object] = mine;
  else delete fields[object];
  return { ...g, fields };
}

export function setFunction(g: Grants, name: string, on: boolean): Grants {
  return { ...g, functions: on ? [...new Set([...g.functions, name])] : g.functions.filter((f) => f !== name) };
}

/** How many lines, fields and functions differ. */
export function differences(a: Grants, b: Grants): number {
  const sorted = (v: unknown): string => JSON.stringify(v, (_k, x: unknown) => (x && typeof x === 'object' && !Array.isArray(x) ? Object.fromEntries(Object.entries(x).sort(([p], [q]) => p.localeCompare(q))) : x)) ?? '';
  const keys = <T,>(x: Record<string, T>, y: Record<string, T>) => [...new Set([...Object.keys(x), ...Object.keys(y)])];
  let n = keys(a.objects, b.objects).filter((k) => sorted(a.objects[k]) !== sorted(b.objects[k])).length;
  for (const o of keys(a.fields, b.fields)) n += keys(a.fields[o] ?? {}, b.fields[o] ?? {}).filter((f) => a.fields[o]?.[f] !== b.fields[o]?.[f]).length;
  return n + keys(Object.fromEntries(a.functions.map((f) => [f, 1])), Object.fromEntries(b.functions.map((f) => [f, 1]))).filter((f) => a.functions.includes(f) !== b.functions.includes(f)).length;
}
