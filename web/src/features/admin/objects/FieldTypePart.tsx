import { label, valueType } from '@/api/model';
import { useModel } from '@/api/queries';
import { useLang } from '@/shared/i18n';
import { Choice, Row } from '../parts';
import { useA, type AdminKey } from '../text';
import type { CField, Custom } from './custom';
import type { FieldDraft } from './fieldDraft';
import { Formula } from './Formula';
import { kindText, results } from './types';
import { newValue, ValuesEditor } from './ValuesEditor';

export interface PartProps {
  object: string;
  draft: FieldDraft;
  setDraft: (d: FieldDraft) => void;
  change: (c: Custom) => void;
}

const numberOf = (text: string): number => (text.trim() === '' ? NaN : Number(text));
const shown = (n: number | undefined): string => (n === undefined || Number.isNaN(n) ? '' : String(n));

/** What only this kind of field has: values, target, formula, limits. */
export function TypePart(p: PartProps) {
  const { type } = p.draft;
  if (type === 'pick' || type === 'multi') return <Pick {...p} />;
  if (type === 'ref' || type === 'refs') return <Lookup {...p} />;
  if (type === 'calc') return <Calc {...p} />;
  if (type === 'roll') return <Roll {...p} />;
  if (type === 'auto') return <Auto {...p} />;
  return <Limits {...p} />;
}

function useSet(p: PartProps) {
  return (part: Partial<CField>) => p.setDraft({ ...p.draft, field: { ...p.draft.field, ...part } });
}

function Pick(p: PartProps) {
  const a = useA();
  const lang = useLang();
  const model = useModel();
  const set = useSet(p);
  const { draft } = p;
  const lists = Object.entries(model.doc.picklists).map(([value, x]) => ({ value, text: `${label((x as { label?: { en: string; zh: string } }).label, lang, value)} (${x.values.length})` })).sort((x, y) => x.text.localeCompare(y.text, lang));
  const own = draft.values !== null;
  return (
    <>
      <p className="adm-label">{a('values.title')}</p>
      {!draft.named && (
        <span className="seg" role="group" aria-label={a('values.title')} style={{ margin: '4px 0 10px' }}>
          <button type="button" aria-pressed={own} onClick={() => !own && p.setDraft({ ...draft, values: [newValue(), newValue()], field: { ...draft.field, picklist: undefined! } })}>{a('values.own')}</button>
          <button type="button" aria-pressed={!own} onClick={() => own && p.setDraft({ ...draft, values: null })}>{a('values.shared')}</button>
        </span>
      )}
      {draft.values ? (
        <ValuesEditor values={draft.values} onChange={(values) => p.setDraft({ ...draft, values })} />
      ) : (
        <Choice label={a('values.title')} value={draft.field.picklist ?? ''} disabled={draft.named} options={[{ value: '', text: a('values.choose') }, ...lists]} onChange={(v) => set({ picklist: v })} />
      )}
      <div style={{ height: 14 }} />
    </>
  );
}

function Lookup(p: PartProps) {
  const a = useA();
  const lang = useLang();
  const model = useModel();
  const set = useSet(p);
  const objects = model.doc.objects.filter((o) => o.kind !== 'log').map((o) => ({ value: o.name, text: label(o.label, lang, o.name) })).sort((x, y) => x.text.localeCompare(y.text, lang));
  return (
    <div className="adm-two">
      <Row label={a('ref.target')} need>{(id) => <Choice id={id} value={p.draft.field.target ?? ''} disabled={p.draft.named} options={[{ value: '', text: a('ref.choose') }, ...objects]} onChange={(v) => set({ target: v })} />}</Row>
      {p.draft.type === 'ref' && (
        <Row label={a('ref.onDelete')}>
          {(id) => <Choice id={id} value={p.draft.field.on_delete ?? 'clear'} options={(['clear', 'restrict', 'cascade'] as const).map((v) => ({ value: v, text: a(`ref.${v}`) }))} onChange={(v) => set({ on_delete: v })} />}
        </Row>
      )}
    </div>
  );
}

function Calc(p: PartProps) {
  const a = useA();
  const set = useSet(p);
  const f = p.draft.field;
  return (
    <>
      <Row label={a('formula.result')}>{(id) => <Choice id={id} value={f.result ?? 'text'} disabled={p.draft.named} options={results.map((r) => ({ value: r, text: a(kindText(r)) }))} onChange={(v) => set({ result: v })} />}</Row>
      <Row label={a('formula.formula')} need>{(id) => <Formula id={id} object={p.object} value={f.formula ?? ''} change={p.change} result={f.result ?? 'text'} scale={f.scale} placeholder={'IF(ISBLANK(name), "", UPPER(name))'} onChange={(v) => set({ formula: v })} />}</Row>
    </>
  );
}

function Roll(p: PartProps) {
  const a = useA();
  const lang = useLang();
  const model = useModel();
  const r = p.draft.field.rollup ?? { object: '', via: '', fn: 'count' };
  const set = (part: Partial<NonNullable<CField['rollup']>>) => p.setDraft({ ...p.draft, field: { ...p.draft.field, rollup: { ...r, ...part } } });
  const sources = model.doc.objects.flatMap((o) =>
    o.fields.filter((f) => (f.target === p.object && (f.type === 'ref' || f.type === 'md')) || (f.type === 'poly' && f.targets?.includes(p.object))).map((f) => ({ value: `${o.name}.${f.name}`, text: `${label(o.label, lang, o.name)} · ${label(f.label, lang, f.name)}` })),
  );
  const numbers = new Set(['int', 'dec', 'money', 'pct', 'dur', 'rating', ...(r.fn === 'min' || r.fn === 'max' ? ['date', 'dt'] : [])]);
  const fields = (model.object(r.object)?.fields ?? []).filter((f) => numbers.has(valueType(f)));
  return (
    <>
      <Row label={a('roll.over')} need>
        {(id) => <Choice id={id} value={r.object ? `${r.object}.${r.via}` : ''} options={[{ value: '', text: a('roll.choose') }, ...sources]} onChange={(v) => { const [object = '', via = ''] = v.split('.'); set({ object, via, field: '' }); }} />}
      </Row>
      <div className="adm-two">
        <Row label={a('roll.fn')}>{(id) => <Choice id={id} value={r.fn} options={(['count', 'sum', 'avg', 'min', 'max'] as const).map((v) => ({ value: v, text: a(`roll.${v}`) }))} onChange={(v) => set({ fn: v })} />}</Row>
        {r.fn !== 'count' && <Row label={a('roll.field')} need>{(id) => <Choice id={id} value={r.field ?? ''} options={[{ value: '', text: a('roll.chooseField') }, ...fields.map((f) => ({ value: f.name, text: label(f.label, lang, f.name) }))]} onChange={(v) => set({ field: v })} />}</Row>}
      </div>
      <Row label={a('roll.filter')} hint={a('roll.filterHint')}>{(id, by) => <input id={id} className="adm-in" aria-describedby={by} spellCheck={false} value={r.filter ?? ''} onChange={(e) => set({ filter: e.target.value })} />}</Row>
    </>
  );
}

function Auto(p: PartProps) {
  const a = useA();
  const set = useSet(p);
  return <Row label={a('auto.pattern')} hint={a('auto.hint')} need>{(id, by) => <input id={id} className="adm-in" aria-describedby={by} spellCheck={false} value={p.draft.field.pattern ?? ''} onChange={(e) => set({ pattern: e.target.value })} />}</Row>;
}

function Limits(p: PartProps) {
  const a = useA();
  const set = useSet(p);
  const { type, field: f } = p.draft;
  const items: [key: 'max' | 'min' | 'scale', text: AdminKey][] =
    type === 'text' ? [['max', 'limit.length']] : type === 'rating' ? [['max', 'limit.stars']] : type === 'dec' ? [['scale', 'limit.scale'], ['min', 'limit.min'], ['max', 'limit.max']] : type === 'int' || type === 'pct' ? [['min', 'limit.min'], ['max', 'limit.max']] : type === 'money' ? [['min', 'limit.min']] : [];
  if (items.length === 0) return null;
  return (
    <div className="adm-two">
      {items.map(([k, text]) => (
        <Row key={k} label={a(text)} hint={k === 'max' && type === 'text' ? a('limit.lengthHint') : undefined}>
          {(id, by) => <input id={id} className="adm-in num" inputMode="decimal" aria-describedby={by} value={shown(f[k])} onChange={(e) => set({ [k]: numberOf(e.target.value) })} />}
        </Row>
      ))}
    </div>
  );
}
