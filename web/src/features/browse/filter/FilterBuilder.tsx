import { useMemo, useRef, useState, type ReactNode } from 'react';
import { api, Problem } from '@/api/client';
import { useModel, useTitlesOf } from '@/api/queries';
import { words } from '@/api/problem';
import type { Filter, Leaf, ObjectMeta, Page } from '@/api/types';
import { Ant } from '@/fields/Ant';
import { Icon } from '@/shared/icons';
import { tDynamic, has, useLang, useT } from '@/shared/i18n';
import { Condition } from './FilterEditor';
import { groupText, idsIn, isLeaf } from './filters';
import { parseFilter, printFilter, type TextFault } from './text';

/** A group while it is built: conditions may still be unfinished. */
interface Group {
  id: number;
  join: 'and' | 'or';
  not: boolean;
  parts: Part[];
}
type Part = Group | { id: number; leaf: Leaf | null; start: Leaf | undefined };

let counter = 0;
const fresh = (start?: Leaf): Part => ({ id: (counter += 1), leaf: start ?? null, start });

function toGroup(f: Filter | undefined): Group {
  counter += 1;
  const id = counter;
  if (!f) return { id, join: 'and', not: false, parts: [fresh()] };
  if (isLeaf(f)) return { id, join: 'and', not: false, parts: [fresh(f)] };
  if ('not' in f) return { ...toGroup(f.not), not: true };
  const join = 'and' in f ? 'and' : 'or';
  return { id, join, not: false, parts: ('and' in f ? f.and : f.or).map((p) => (isLeaf(p) ? fresh(p) : toGroup(p))) };
}

function toFilter(g: Group): Filter | undefined {
  const parts = g.parts.map((p) => ('parts' in p ? toFilter(p) : (p.leaf ?? undefined))).filter((p): p is Filter => p !== undefined);
  if (parts.length === 0) return undefined;
  const made: Filter = parts.length === 1 && parts[0] ? parts[0] : g.join === 'and' ? { and: parts } : { or: parts };
  return g.not ? { not: made } : made;
}

function change(g: Group, id: number, by: (p: Part) => Part | null): Group {
  return { ...g, parts: g.parts.flatMap((p) => {
    if (p.id === id) {
      const next = by(p);
      return next ? [next] : [];
    }
    return 'parts' in p ? [change(p, id, by)] : [p];
  }) };
}

interface Props {
  object: ObjectMeta;
  filter: Filter | undefined;
  onApply: (made: Filter | undefined) => void;
}

/** All conditions at once: groups of "and" and "or" in words, or as text for those who write it faster. */
export default function FilterBuilder(p: Props) {
  const t = useT();
  const [as, setAs] = useState<'words' | 'text'>('words');
  const [filter, setFilter] = useState(p.filter);
  const apply = () => p.onApply(filter);
  return (
    <Ant>
      <div className="builder">
        <div className="row">
          <b className="b">{t('filter.all')}</b>
          <span className="sp" />
          <span className="seg" role="group" aria-label={t('filter.as')}>
            <button type="button" aria-pressed={as === 'words'} onClick={() => setAs('words')}>{t('filter.asWords')}</button>
            <button type="button" aria-pressed={as === 'text'} onClick={() => setAs('text')}>{t('filter.asText')}</button>
          </span>
        </div>
        {as === 'words' ? <Words object={p.object} filter={filter} onChange={setFilter} onApply={apply} /> : <Text object={p.object} filter={filter} onChange={setFilter} onApply={p.onApply} />}
      </div>
    </Ant>
  );
}

function Words({ object, filter, onChange, onApply }: { object: ObjectMeta; filter: Filter | undefined; onChange: (f: Filter | undefined) => void; onApply: () => void }) {
  const t = useT();
  return (
    <form onSubmit={(e) => { e.preventDefault(); onApply(); }}>
      <FilterWords object={object} filter={filter} onChange={onChange}>
        <button type="submit" className="btn p s">{t('filter.apply')}</button>
      </FilterWords>
    </form>
  );
}

/** A condition while it is built, with the sentence it makes. */
export function FilterWords({ object, filter, onChange, none, children }: { object: ObjectMeta; filter: Filter | undefined; onChange: (f: Filter | undefined) => void; none?: string; children?: ReactNode }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const [root, setRoot] = useState(() => toGroup(filter));
  const put = (next: Group) => {
    setRoot(next);
    onChange(toFilter(next));
  };
  const made = toFilter(root);
  const titles = useTitlesOf(useMemo(() => [...idsIn(made, object.name, model)], [made, object.name, model]));
  return (
    <>
      <p className="builder-said" aria-live="polite">{made ? groupText(made, object.name, model, lang, titles, false) : (none ?? t('filter.noneYet'))}</p>
      <GroupBox object={object} group={root} depth={0} onChange={(id, by) => put(id === root.id ? ((by(root) as Group | null) ?? root) : change(root, id, by))} />
      <div className="row">
        <button type="button" className="btn s q" onClick={() => put(toGroup(undefined))}>{t('filter.clear')}</button>
        <span className="sp" />
        {children}
      </div>
    </>
  );
}

function GroupBox({ object, group, depth, onChange }: { object: ObjectMeta; group: Group; depth: number; onChange: (id: number, by: (p: Part) => Part | null) => void }) {
  const t = useT();
  const grow = (part: Part) => onChange(group.id, (g) => ('parts' in g ? { ...g, parts: [...g.parts, part] } : g));
  const flip = () => onChange(group.id, (g) => ('parts' in g ? { ...g, join: g.join === 'and' ? 'or' : 'and' } : g));
  return (
    <div className={depth ? 'builder-group' : 'builder-root'} role="group" aria-label={t('filter.group')}>
      {group.not && <button type="button" className="chip on" onClick={() => onChange(group.id, (g) => ('parts' in g ? { ...g, not: false } : g))}>{t('filter.not')}<Icon name="x" /></button>}
      {group.parts.map((part, i) => (
        <div key={part.id} className="builder-row">
          {i === 0 ? <span className="builder-join mut s12">{t('filter.where')}</span> : i === 1 ? (
            <button type="button" className="builder-join chip" aria-label={t('filter.flip')} title={t('filter.flip')} onClick={flip}>{t(`filter.${group.join}`)}</button>
          ) : <span className="builder-join mut s12">{t(`filter.${group.join}`)}</span>}
          {'parts' in part ? <GroupBox object={object} group={part} depth={depth + 1} onChange={onChange} /> : (
            <div className="builder-cond">
              <Condition object={object} leaf={part.start} onChange={(leaf) => onChange(part.id, (x) => ('parts' in x ? x : { ...x, leaf }))} />
            </div>
          )}
          <button type="button" className="tap" aria-label={t('filter.drop')} onClick={() => onChange(part.id, () => null)}><Icon name="x" size={14} /></button>
        </div>
      ))}
      <div className="row">
        <button type="button" className="chip add" onClick={() => grow(fresh())}><Icon name="plus" />{t('filter.add')}</button>
        {depth < 2 && <button type="button" className="chip plain" onClick={() => grow({ id: (counter += 1), join: group.join === 'and' ? 'or' : 'and', not: false, parts: [fresh()] })}>{t('filter.addGroup')}</button>}
      </div>
    </div>
  );
}

function Text({ object, filter, onChange, onApply }: { object: ObjectMeta; filter: Filter | undefined; onChange: (f: Filter | undefined) => void; onApply: (f: Filter | undefined) => void }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const [text, setText] = useState(() => printFilter(filter));
  const [fault, setFault] = useState<{ where: TextFault | null; said: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const expected = (what: string) => (has(`filter.expected.${what}`) ? tDynamic(`filter.expected.${what}`) : t('filter.expectedThat', { what }));
  const show = (where: TextFault, said: string) => {
    setFault({ where, said });
    const before = [...text].slice(0, where.at).join('').length;
    const through = [...text].slice(0, where.at + Math.max(1, where.len)).join('').length;
    box.current?.focus();
    box.current?.setSelectionRange(before, through);
  };
  const apply = async () => {
    setFault(null);
    const read = parseFilter(text);
    if ('fault' in read) {
      show(read.fault, expected(read.fault.expected));
      return;
    }
    setBusy(true);
    try {
      // The server knows the fields and what fits them.
      if (text.trim()) await api.get<Page>(`/${object.name}`, { filter: text, limit: 1, fields: object.title });
      onChange(read.filter);
      onApply(read.filter);
    } catch (e) {
      const p = e instanceof Problem ? (e.body['params'] as { at?: number; len?: number; near?: string } | undefined) : undefined;
      const w = words(e, lang, undefined, model);
      const said = p?.near ? t('filter.near', { said: w.title, near: p.near }) : w.title;
      if (p?.at !== undefined) show({ at: p.at, len: p.len ?? 1, expected: '' }, said);
      else setFault({ where: null, said });
    } finally {
      setBusy(false);
    }
  };
  const chars = [...text];
  const at = fault?.where;
  return (
    <form onSubmit={(e) => { e.preventDefault(); void apply(); }}>
      <textarea
        ref={box}
        className="in builder-text"
        rows={4}
        value={text}
        spellCheck={false}
        aria-label={t('filter.asText')}
        aria-invalid={fault !== null}
        aria-describedby="filter-fault"
        placeholder="amount >= 50000 and close_on in this_month and owner_id = me"
        onChange={(e) => { setText(e.target.value); setFault(null); }}
        onKeyDown={(e) => { if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) { e.preventDefault(); void apply(); } }}
      />
      <div id="filter-fault" role="alert">
        {fault && (
          <p className="builder-fault">
            {at && <code>{chars.slice(Math.max(0, at.at - 24), at.at).join('')}<mark>{chars.slice(at.at, at.at + at.len).join('') || '▁'}</mark>{chars.slice(at.at + at.len, at.at + at.len + 16).join('')}</code>}
            <span>{fault.said}</span>
          </p>
        )}
      </div>
      <div className="row">
        <span className="mut s12">{t('filter.textHelp')}</span>
        <span className="sp" />
        <button type="submit" className="btn p s" disabled={busy}>{t('filter.apply')}</button>
      </div>
    </form>
  );
}
