import Select from 'antd/es/select';
import InputNumber from 'antd/es/input-number';
import { useEffect, useMemo, useRef, useState } from 'react';
import { label, targetOf, valueType } from '@/api/model';
import { useModel } from '@/api/queries';
import type { Expanded, FieldMeta, Filter, Leaf, ObjectMeta, Op } from '@/api/types';
import { Ant } from '@/fields/Ant';
import FieldInput from '@/fields/inputs';
import { t, tDynamic, useLang, useT, type TextKey } from '@/shared/i18n';
import { fieldAt, needsValue, operators, pathLabel, periods, throughPerson } from './filters';

const references = new Set(['ref', 'md', 'user', 'dept', 'refs', 'users', 'depts']);

/** One condition: field, operator, value. */
interface Props {
  object: ObjectMeta;
  leaf: Leaf | undefined;
  onApply: (made: Filter) => void;
}

export default function FilterEditor(p: Props) {
  return (
    <Ant>
      <Editor {...p} />
    </Ant>
  );
}

function Editor({ object, leaf, onApply }: Props) {
  const tt = useT();
  const [made, setMade] = useState<Leaf | null>(null);
  return (
    <form className="pop-form" onSubmit={(e) => { e.preventDefault(); if (made) onApply(made); }}>
      <Condition object={object} leaf={leaf} onChange={setMade} autoFocus={!leaf} />
      <div className="row">
        <span className="sp" />
        <button type="submit" className="btn p s" disabled={!made}>{tt('filter.apply')}</button>
      </div>
    </form>
  );
}

/** Field, comparison and value of one condition; hands up the condition once it is whole, `null` before. */
export function Condition({ object, leaf, onChange, autoFocus }: { object: ObjectMeta; leaf: Leaf | undefined; onChange: (made: Leaf | null) => void; autoFocus?: boolean }) {
  const tt = useT();
  const model = useModel();
  const person = leaf ? throughPerson(model, object.name, leaf) : null;
  const first = leaf ? (fieldAt(model, object.name, person ?? leaf.field)?.field) : undefined;
  const [name, setName] = useState<string | undefined>(person ?? leaf?.field);
  const [op, setOp] = useState<Op | undefined>(first && references.has(first.type) && (leaf?.op === 'eq' || leaf?.op === 'ne') ? (leaf.op === 'eq' ? 'in' : 'nin') : leaf?.op);
  const [value, setValue] = useState<unknown>(leaf?.value);
  const field = name ? fieldAt(model, object.name, name)?.field : undefined;
  const ops = field ? operators(field) : [];
  const chosen = op && ops.includes(op) ? op : ops[0];
  const tell = (n: string | undefined, o: Op | undefined, v: unknown) => {
    const f = n ? fieldAt(model, object.name, n)?.field : undefined;
    const how = f && (o && operators(f).includes(o) ? o : operators(f)[0]);
    onChange(n && f && how && (!needsValue(how) || !blank(v)) ? make(n, f, how, v) : null);
  };
  const set = (n: string | undefined, o: Op | undefined, v: unknown) => {
    setName(n);
    setOp(o);
    setValue(v);
    tell(n, o, v);
  };
  // A condition handed in is whole already.
  const told = useRef(false);
  useEffect(() => {
    if (told.current || !leaf) return;
    told.current = true;
    onChange(leaf);
  }, [leaf, onChange]);
  return (
    <>
      <FieldPicker object={object} value={name} autoFocus={autoFocus ?? false} onChange={(n) => set(n, undefined, fieldAt(model, object.name, n)?.field.type === 'bool' ? true : undefined)} />
      {field && chosen && (
        <>
          {ops.length > 1 && <Select aria-label={tt('filter.op')} value={chosen} options={ops.map((o) => ({ value: o, label: opLabel(o, field) }))} onChange={(o: Op) => set(name, o, undefined)} />}
          {needsValue(chosen) && <div className="filter-value"><ValueInput key={`${name}/${chosen}`} field={field} op={chosen} value={value} onChange={(v) => set(name, chosen, v)} /></div>}
        </>
      )}
    </>
  );
}

/** Own fields, then those of the records they lead to. */
function FieldPicker({ object, value, autoFocus, onChange }: { object: ObjectMeta; value: string | undefined; autoFocus: boolean; onChange: (path: string) => void }) {
  const lang = useLang();
  const tt = useT();
  const model = useModel();
  const options = useMemo(() => {
    const usable = (f: FieldMeta) => f.filterable !== false && f.type !== 'json';
    const own = object.fields.filter(usable).map((f) => ({ value: f.name, label: label(f.label, lang, f.name) }));
    const groups = object.fields.filter((f) => ['ref', 'md', 'user'].includes(f.type) && (f.section || f.name === 'owner_id')).flatMap((f) => {
      const target = model.object(targetOf(f) ?? '');
      if (!target) return [];
      const name = label(f.label, lang, f.name);
      const inner = target.fields.filter((g) => usable(g) && (g.section || g.name === 'owner_id' || g.name === 'tags')).map((g) => ({ value: `${f.name}.${g.name}`, label: `${name} › ${label(g.label, lang, g.name)}` }));
      return inner.length ? [{ label: tt('filter.of', { name }), title: f.name, options: inner }] : [];
    });
    const known = value && value.split('.').length > 2 ? [{ value, label: pathLabel(model, object.name, value, lang) }] : [];
    return [{ label: label(object.label, lang, object.name), title: '', options: [...known, ...own] }, ...groups];
  }, [object, lang, model, tt, value]);
  return (
    <Select
      aria-label={tt('filter.field')}
      placeholder={tt('filter.field')}
      showSearch={{ optionFilterProp: 'label' }}
      autoFocus={autoFocus}
      defaultOpen={autoFocus}
      popupMatchSelectWidth={300}
      value={value ?? null!}
      options={options}
      onChange={onChange}
    />
  );
}

function blank(v: unknown): boolean {
  return v === undefined || v === null || v === '' || (Array.isArray(v) && (v.length === 0 || v.some((x) => x === undefined || x === null || x === '')));
}

function opLabel(op: Op, field: FieldMeta): string {
  const type = valueType(field);
  const dated = type === 'date' || type === 'dt';
  const name = op === 'in' ? (dated ? 'dated' : 'eq') : op === 'nin' ? 'ne' : dated && op === 'gte' ? 'from' : dated && op === 'lte' ? 'until' : op;
  return t(`op.${name}` as TextKey);
}

function make(path: string, field: FieldMeta, op: Op, value: unknown): Leaf {
  if (!needsValue(op)) return { field: path, op };
  // A person asked for by relation ("me") stands alone: lists hold ids only.
  if (Array.isArray(value) && value.length === 1 && typeof value[0] === 'string' && value[0].startsWith('rel:')) {
    const rel = value[0].slice(4);
    const not = op === 'nin';
    if (rel.startsWith('my_dept')) return { field: field.type === 'user' ? `${path}.main_dept` : path, op: not ? 'nin' : 'in', value: { rel } };
    return { field: path, op: rel === 'my_reports' ? (not ? 'nin' : 'in') : not ? 'ne' : 'eq', value: { rel } };
  }
  return { field: path, op, value };
}

function ValueInput({ field, op, value, onChange }: { field: FieldMeta; op: Op; value: unknown; onChange: (v: unknown) => void }) {
  const lang = useLang();
  const model = useModel();
  const [titles, setTitles] = useState<Expanded[]>([]);
  const type = valueType(field);
  const plain: FieldMeta = { ...field, required: false, type: type === 'text' || type === 'long' || type === 'rich' || type === 'auto' ? 'text' : type };
  if (type === 'bool') {
    return <Select aria-label={t('filter.value')} value={value === true} options={[{ value: true, label: t('value.yes') }, { value: false, label: t('value.no') }]} onChange={onChange} />;
  }
  if (type === 'pick' || type === 'multi') {
    return (
      <div className="filter-picks" role="group" aria-label={t('filter.value')}>
        {model.picks(field.picklist).map((v) => {
          const now = (Array.isArray(value) ? value : value ? [value] : []) as string[];
          return (
            <label key={v.key} className="row">
              <input type="checkbox" checked={now.includes(v.key)} onChange={() => onChange(now.includes(v.key) ? now.filter((k) => k !== v.key) : [...now, v.key])} />
              <span className="el">{label(v.label, lang, v.key)}</span>
            </label>
          );
        })}
      </div>
    );
  }
  if ((type === 'date' || type === 'dt') && op === 'in') {
    const rel = (value as { rel?: string; n?: number } | undefined) ?? {};
    return (
      <div className="row">
        <Select
          autoFocus
          style={{ flex: 1 }}
          aria-label={t('filter.value')}
          value={rel.rel ?? null!}
          options={[...periods, 'last_days', 'next_days'].map((k) => ({ value: k, label: tDynamic(`rel.${k}`, { n: rel.n ?? 7, count: rel.n ?? 7 }) }))}
          onChange={(k: string) => onChange(k.endsWith('_days') ? { rel: k, n: rel.n ?? 7 } : { rel: k })}
        />
        {rel.rel?.endsWith('_days') && <InputNumber style={{ width: 72 }} min={1} max={3650} aria-label={t('filter.days')} value={rel.n ?? 7} onChange={(n) => onChange({ rel: rel.rel, n: Number(n ?? 7) })} />}
      </div>
    );
  }
  if (references.has(type)) {
    const people = type === 'user' || type === 'users';
    const depts = type === 'dept' || type === 'depts';
    const quick = people ? ['me', 'my_reports', 'my_dept', 'my_dept_tree'] : depts ? ['my_dept', 'my_dept_tree'] : [];
    const list = Array.isArray(value) ? (value as string[]) : value && typeof value === 'object' && 'rel' in value ? [`rel:${(value as { rel: string }).rel}`] : [];
    const rel = list.find((v) => v.startsWith('rel:'));
    return (
      <>
        {quick.length > 0 && (
          <div className="row wrap" role="group" aria-label={t('filter.value')}>
            {quick.map((k) => (
              <button key={k} type="button" className={rel === `rel:${k}` ? 'chip on' : 'chip'} aria-pressed={rel === `rel:${k}`} onClick={() => onChange(rel === `rel:${k}` ? [] : [`rel:${k}`])}>
                {tDynamic(`rel.${k}`)}
              </button>
            ))}
          </div>
        )}
        <FieldInput
          field={{ ...plain, type: people ? 'users' : depts ? 'depts' : 'refs', target: targetOf(field) ?? '' }}
          value={list.filter((v) => !v.startsWith('rel:'))}
          titles={titles}
          model={model}
          lang={lang}
          onChange={(ids, named) => {
            onChange(ids);
            if (Array.isArray(named)) setTitles(named);
          }}
        />
      </>
    );
  }
  if (op === 'between') {
    const pair = Array.isArray(value) ? value : [undefined, undefined];
    return (
      <div className="row">
        <FieldInput field={plain} value={pair[0]} model={model} lang={lang} onChange={(v) => onChange([v, pair[1]])} />
        <FieldInput field={plain} value={pair[1]} model={model} lang={lang} onChange={(v) => onChange([pair[0], v])} />
      </div>
    );
  }
  if (type === 'tags') return <FieldInput field={plain} value={value} model={model} lang={lang} autoFocus onChange={onChange} />;
  return <FieldInput field={type === 'phone' || type === 'email' || type === 'url' || type === 'addr' ? { ...plain, type: 'text' } : plain} value={value} model={model} lang={lang} autoFocus onChange={onChange} />;
}
