import Input from 'antd/es/input';
import InputNumber from 'antd/es/input-number';
import Select from 'antd/es/select';
import { useEffect, useMemo, useState } from 'react';
import { label } from '@/api/model';
import { useTitlesOf } from '@/api/queries';
import type { FieldMeta } from '@/api/types';
import { FilterWords } from '@/features/browse/filter/FilterBuilder';
import '@/features/browse/filter/filter.css';
import { Ant } from '@/fields/Ant';
import { loadDivisions, type Division } from '@/fields/divisions';
import type { InputProps } from '@/fields/inputs';
import { RefInput } from '@/fields/RefInput';
import { Icon } from '@/shared/icons';
import { useT } from '@/shared/i18n';
import { aboutOf, asFilter, memberIds, readMembers, shortCode, takes, writeMembers, type Member, type MemberKind, type Shape } from './shapes';
import './shaped.css';

type Props = InputProps & { shape: Shape };

/** Input of a field whose JSON has a known form. */
export default function ShapedInput(p: Props) {
  return <Ant>{parts[p.shape](p)}</Ant>;
}

const parts: Record<Shape, (p: InputProps) => React.ReactNode> = {
  filter: (p) => <FilterInput {...p} />,
  fields: (p) => <FieldsInput {...p} />,
  numbers: (p) => <Words p={p} fits={(w) => /^\d{1,4}$/.test(w)} read={Number} />,
  words: (p) => <Words p={p} fits={(w) => w.trim() !== ''} read={(w) => w.trim()} />,
  divisions: (p) => <DivisionsInput {...p} />,
  members: (p) => <MembersInput {...p} />,
};

const common = (p: InputProps) => ({
  ...(p.id ? { id: p.id } : {}),
  ...(p.error ? { status: 'error' as const } : {}),
  ...(p.describedBy ? { 'aria-describedby': p.describedBy } : {}),
  style: { width: '100%' },
  'aria-label': label(p.field.label, p.lang, p.field.name),
});

/** Counts how often a value came from elsewhere (a form begun anew): what is drawn of it then begins anew too. */
function useTurn(value: unknown): { n: number; say: (v: unknown, change: InputProps['onChange']) => void } {
  const [own, setOwn] = useState({ said: JSON.stringify(value), n: 0 });
  const now = JSON.stringify(value);
  const n = now === own.said ? own.n : own.n + 1;
  if (now !== own.said) setOwn({ said: now, n });
  return {
    n,
    say: (v, change) => {
      setOwn({ said: JSON.stringify(v), n });
      change(v);
    },
  };
}

/** A condition in words, over the object the record is about. */
function FilterInput(p: InputProps) {
  const t = useT();
  const about = aboutOf(p.context ?? {}, p.model);
  const turn = useTurn(p.value ?? null);
  if (!about) return <p className="mut s13">{t('shape.objectFirst')}</p>;
  // What cannot be read as conditions is not taken for none: it stays the text it is.
  if (typeof p.value === 'string' && p.value.trim() && !asFilter(p.value)) {
    return <Input.TextArea {...common(p)} value={p.value} autoSize={{ minRows: 2, maxRows: 8 }} onChange={(e) => turn.say(e.target.value || null, p.onChange)} />;
  }
  // Another object has other fields: what was said of the first one does not fit it.
  return (
    <div className="shaped" role="group" aria-label={label(p.field.label, p.lang, p.field.name)}>
      <FilterWords key={`${about.name}${turn.n}`} object={about} filter={asFilter(p.value)} none={t('shape.everything')} onChange={(f) => turn.say(f ?? null, p.onChange)} />
    </div>
  );
}

function FieldsInput(p: InputProps) {
  const about = aboutOf(p.context ?? {}, p.model);
  const chosen = Array.isArray(p.value) ? (p.value as string[]) : [];
  const known = (about?.fields ?? []).filter((f) => f.section !== undefined || chosen.includes(f.name)).map((f) => ({ value: f.name, label: label(f.label, p.lang, f.name) }));
  // A name another object has (leads have mobiles, customers have none) stays as it is.
  const options = [...known, ...chosen.filter((n) => !known.some((o) => o.value === n)).map((n) => ({ value: n, label: n }))];
  return <Select {...common(p)} mode="multiple" value={chosen} options={options} showSearch={{ optionFilterProp: 'label' }} onChange={(v: string[]) => p.onChange(v)} />;
}

function Words({ p, fits, read }: { p: InputProps; fits: (word: string) => boolean; read: (word: string) => string | number }) {
  const value = Array.isArray(p.value) ? p.value.map(String) : [];
  return <Select {...common(p)} mode="tags" value={value} open={false} suffixIcon={null} tokenSeparators={[',', '，', '、', ' ']} onChange={(v: string[]) => p.onChange([...new Set(v.filter(fits).map(read))])} />;
}

function flat(all: readonly Division[], above: string): { value: string; label: string }[] {
  return all.flatMap((d) => {
    const name = above && !above.endsWith(d.name) ? `${above} ${d.name}` : d.name;
    return [{ value: shortCode(d.code), label: name }, ...flat(d.children ?? [], name)];
  });
}

/** Provinces, cities, districts, by name; kept by their codes. */
function DivisionsInput(p: InputProps) {
  const [options, setOptions] = useState<{ value: string; label: string }[]>([]);
  useEffect(() => void loadDivisions().then((all) => setOptions([...new Map(flat(all, '').map((o) => [o.value, o])).values()])), []);
  return <Select {...common(p)} mode="multiple" loading={options.length === 0} value={Array.isArray(p.value) ? p.value.map(String) : []} options={options} showSearch={{ optionFilterProp: 'label' }} onChange={(v: string[]) => p.onChange(v)} />;
}

const meta: Record<Exclude<MemberKind, 'field'>, Pick<FieldMeta, 'type' | 'target'>> = {
  user: { type: 'user' },
  department: { type: 'dept' },
  team: { type: 'ref', target: 'team' },
  territory: { type: 'ref', target: 'territory' },
  pool: { type: 'ref', target: 'pool' },
};

/** Whom a rule gives records to: people, departments, teams, territories, with how much weight. */
function MembersInput(p: InputProps) {
  const turn = useTurn(p.value ?? null);
  return <Members key={turn.n} {...p} onChange={(v) => turn.say(v, p.onChange)} />;
}

function Members(p: InputProps) {
  const t = useT();
  const [rows, setRows] = useState(() => readMembers(p.value));
  const put = (next: Member[]) => {
    setRows(next);
    p.onChange(writeMembers(next));
  };
  const change = (i: number, part: Partial<Member>) => put(rows.map((r, k) => (k === i ? { ...r, ...part } : r)));
  const strategy = p.context?.['strategy'];
  const can = takes(strategy);
  const wanted = useMemo(() => memberIds(readMembers(p.value)), [p.value]);
  const titles = useTitlesOf(wanted);
  const about = aboutOf(p.context ?? {}, p.model);
  const people = (about?.fields ?? []).filter((f) => f.type === 'user' && f.name !== 'owner_id').map((f) => ({ value: f.name, label: label(f.label, p.lang, f.name) }));
  return (
    <div className="shaped" role="group" aria-label={label(p.field.label, p.lang, p.field.name)} {...(p.describedBy ? { 'aria-describedby': p.describedBy } : {})}>
      {rows.length === 0 && <p className="mut s13">{t(strategy === 'territory' ? 'shape.allTerritories' : strategy === 'to_pool' ? 'shape.fittingPool' : 'shape.nobody')}</p>}
      {rows.map((r, i) => {
        const name = t(`shape.${r.kind}`);
        return (
          // oxlint-disable-next-line react/no-array-index-key -- rows have no id of their own, and only the last ones come and go
          <div className="shaped-row" key={`${i}${r.kind}`}>
            <span className="shaped-kind s13 sec">{name}</span>
            {r.kind === 'field'
              ? <Select style={{ width: '100%' }} aria-label={name} value={r.id ?? null} options={people} onChange={(id: string | null) => change(i, { id })} />
              : <RefInput field={{ name: r.kind, label: { en: name, zh: name }, access: 'edit', required: true, ...meta[r.kind] }} value={r.id} titles={r.id ? [{ object: r.kind, id: r.id, title: titles.get(r.id) ?? '…' }] : []} model={p.model} lang={p.lang} onChange={(id) => change(i, { id: typeof id === 'string' ? id : null })} />}
            {strategy === 'weighted' && <InputNumber aria-label={t('shape.weight')} title={t('shape.weight')} min={1} max={100} precision={0} value={r.weight} style={{ width: 72, flex: 'none' }} onChange={(w) => change(i, { weight: w ?? 1 })} />}
            <button type="button" className="tap" aria-label={t('shape.drop', { what: name })} onClick={() => put(rows.filter((_, k) => k !== i))}><Icon name="x" size={14} /></button>
          </div>
        );
      })}
      {rows.length < can.most && (
        <div className="row shaped-add">
          {can.kinds.map((kind) => <button key={kind} type="button" className="chip add" onClick={() => setRows([...rows, { kind, id: null, weight: 1 }])}><Icon name="plus" />{t(`shape.${kind}`)}</button>)}
        </div>
      )}
    </div>
  );
}
