import type { Label, ObjectMeta } from '@/api/types';
import type { CFor, CLayout } from './custom';

/** Zones of the designer: key facts, list columns, one for each section (`s:key`), and what is on no section. */
export type Zone = 'facts' | 'list' | 'hidden' | `s:${string}`;

export interface Arranged {
  facts: string[];
  list: string[];
  sections: { key: string; label: Label; fields: string[] }[];
  hidden: string[];
}

/** How an object is arranged now. System fields that no section may hold stay out of it. */
export function arranged(meta: ObjectMeta): Arranged {
  const sections = (meta.sections ?? []).map((s) => ({ key: s.key, label: s.label, fields: meta.fields.filter((f) => f.section === s.key).map((f) => f.name) }));
  const hidden = meta.fields.filter((f) => !f.section && f.type !== 'id' && f.type !== 'json' && !['version', 'deleted_at'].includes(f.name)).map((f) => f.name);
  return { facts: meta.facts ?? [], list: meta.list ?? [], sections, hidden };
}

/** What an arrangement for some makes of the one for everyone; as `crates/records/src/engine/layout.rs` has it. */
export function applied(base: Arranged, l: CLayout): Arranged {
  const there = new Set([...base.sections.flatMap((s) => s.fields), ...base.hidden]);
  const named = new Map((l.section ?? []).flatMap((s) => s.fields.map((f) => [f, s.key] as const)).filter(([f]) => there.has(f)));
  const away = new Set(l.hidden ?? []);
  const left = (key: string) => (base.sections.find((s) => s.key === key)?.fields ?? []).filter((f) => !named.has(f) && !away.has(f));
  const said = (l.section ?? []).map((s) => ({
    key: s.key,
    label: s.label ?? base.sections.find((x) => x.key === s.key)?.label ?? { en: s.key, zh: s.key },
    fields: [...s.fields.filter((f) => named.get(f) === s.key && !away.has(f)), ...left(s.key)],
  }));
  const rest = base.sections.filter((s) => !said.some((x) => x.key === s.key)).map((s) => ({ ...s, fields: left(s.key) }));
  const sections = [...said, ...rest];
  const shown = new Set(sections.flatMap((s) => s.fields));
  return { facts: l.facts?.length ? l.facts : base.facts, list: base.list, sections, hidden: [...there].filter((f) => !shown.has(f)) };
}

/** Whom an arrangement is for, without what it says. */
export function whom(l: CFor): CFor {
  return { ...(l.role ? { role: l.role } : {}), ...(l.record_type ? { record_type: l.record_type } : {}), ...(l.when ? { when: l.when } : {}), ...(l.device ? { device: l.device } : {}) };
}

/** The text of an arrangement for some, told against the one for everyone it starts from. */
export function toSpecial(object: string, whom: CFor, base: Arranged, now: Arranged): CLayout {
  const { list: _list, ...rest } = toLayout(object, base, now, undefined);
  return { ...whom, ...rest };
}

export function fieldsOf(a: Arranged, zone: Zone): string[] {
  if (zone === 'facts' || zone === 'list' || zone === 'hidden') return a[zone];
  return a.sections.find((s) => `s:${s.key}` === zone)?.fields ?? [];
}

function withZone(a: Arranged, zone: Zone, fields: string[]): Arranged {
  if (zone === 'facts' || zone === 'list' || zone === 'hidden') return { ...a, [zone]: fields };
  return { ...a, sections: a.sections.map((s) => (`s:${s.key}` === zone ? { ...s, fields } : s)) };
}

/** Key facts and columns show a field a second time; sections hold it once. */
const repeats = (zone: Zone): boolean => zone === 'facts' || zone === 'list';

/** Puts a field before position `index` of a zone. */
export function place(a: Arranged, field: string, from: Zone, to: Zone, index: number): Arranged {
  let next = a;
  const was = fieldsOf(a, from).indexOf(field);
  let at = index;
  if (from === to) {
    if (was >= 0 && was < index) at -= 1;
    next = withZone(next, from, fieldsOf(next, from).filter((f) => f !== field));
  } else if (repeats(to)) {
    if (fieldsOf(a, to).includes(field)) return a;
  } else {
    if (repeats(from)) return withZone(next, from, fieldsOf(next, from).filter((f) => f !== field));
    next = withZone(next, from, fieldsOf(next, from).filter((f) => f !== field));
  }
  const list = [...fieldsOf(next, to)];
  list.splice(Math.max(0, Math.min(at, list.length)), 0, field);
  return withZone(next, to, list);
}

export function removeFrom(a: Arranged, field: string, zone: Zone): Arranged {
  if (zone === 'hidden') return a;
  const next = withZone(a, zone, fieldsOf(a, zone).filter((f) => f !== field));
  return repeats(zone) ? next : { ...next, hidden: [field, ...next.hidden] };
}

/** One step with the keyboard: within its zone, at its end on to the next one. */
export function step(a: Arranged, field: string, zone: Zone, by: 1 | -1): { next: Arranged; zone: Zone } {
  const list = fieldsOf(a, zone);
  const at = list.indexOf(field);
  const to = at + by;
  if (to >= 0 && to < list.length) return { next: place(a, field, zone, zone, by > 0 ? to + 1 : to), zone };
  if (repeats(zone)) return { next: a, zone };
  const zones: Zone[] = a.sections.map((s): Zone => `s:${s.key}`);
  const here = zones.indexOf(zone);
  const other = zone === 'hidden' ? zones[0] : zones[here + by];
  if (!other) return { next: a, zone };
  return { next: place(a, field, zone, other, by > 0 ? 0 : fieldsOf(a, other).length), zone: other };
}

export function moveSection(a: Arranged, key: string, by: number): Arranged {
  const at = a.sections.findIndex((s) => s.key === key);
  const to = at + by;
  if (at < 0 || to < 0 || to >= a.sections.length) return a;
  const sections = [...a.sections];
  const [one] = sections.splice(at, 1);
  if (one) sections.splice(to, 0, one);
  return { ...a, sections };
}

/** How many things differ: each moved field, renamed or moved section, changed zone counts once. */
export function changes(was: Arranged, now: Arranged): number {
  const where = (a: Arranged) => new Map(a.sections.flatMap((s) => s.fields.map((f) => [f, s.key] as const)).concat(a.hidden.map((f) => [f, ''] as const)));
  const old = where(was);
  let n = [...where(now)].filter(([f, s]) => old.get(f) !== s).length;
  for (const s of now.sections) {
    const before = was.sections.find((x) => x.key === s.key);
    if (!before || before.label.en !== s.label.en || before.label.zh !== s.label.zh) n += 1;
    else {
      const common = before.fields.filter((f) => s.fields.includes(f));
      if (common.join() !== s.fields.filter((f) => before.fields.includes(f)).join()) n += 1;
    }
  }
  const common = was.sections.map((s) => s.key).filter((k) => now.sections.some((s) => s.key === k));
  if (common.join() !== now.sections.map((s) => s.key).filter((k) => common.includes(k)).join()) n += 1;
  return n + Number(was.facts.join() !== now.facts.join()) + Number(was.list.join() !== now.list.join());
}

/** What the text says about it: the whole arrangement, so that it reads by itself. Labels only where they are new or changed. */
export function toLayout(object: string, was: Arranged, now: Arranged, before: CLayout | undefined): CLayout {
  const shown = new Set(was.hidden);
  return {
    object,
    ...(now.list.length ? { list: now.list } : {}),
    ...(before?.card ? { card: before.card } : {}),
    ...(now.facts.length ? { facts: now.facts } : {}),
    ...(before?.subtitle ? { subtitle: before.subtitle } : {}),
    ...(() => {
      // Fields that were in a section and are not now; those that never were need no word, except when this text said it before.
      const hidden = now.hidden.filter((f) => !shown.has(f) || before?.hidden?.includes(f));
      return hidden.length ? { hidden } : {};
    })(),
    section: now.sections.map((s) => {
      const old = was.sections.find((x) => x.key === s.key);
      const said = before?.section?.find((x) => x.key === s.key)?.label;
      const changed = !old || old.label.en !== s.label.en || old.label.zh !== s.label.zh;
      return { key: s.key, ...(changed || said ? { label: s.label } : {}), fields: s.fields };
    }),
  };
}
