import Select from 'antd/es/select';
import { useEffect, useMemo, useState, type ReactElement } from 'react';
import { inner, label, targetOf, type Model } from '@/api/model';
import { api } from '@/api/client';
import { keys, useTitles } from '@/api/queries';
import { tell } from '@/api/problem';
import type { Expanded, Filter, ObjectMeta, Rec } from '@/api/types';
import { t } from '@/shared/i18n';
import { Icon } from '@/shared/icons';
import { toast } from '@/shared/toast';
import { useQueryClient } from '@tanstack/react-query';
import type { InputProps } from './inputs';

const many = new Set(['refs', 'users', 'depts']);

/** What fits the rest of the form: records of the target that share a lookup with it (contacts of its account, stages of its pipeline). */
export function fitting(target: ObjectMeta | undefined, own: string, context: Record<string, unknown> | undefined): Filter | undefined {
  if (!target || !context) return undefined;
  const parts = target.fields.filter((f) => (f.type === 'ref' || f.type === 'md') && f.name !== own && f.target !== target.name && typeof context[f.name] === 'string' && context[f.name] !== '').map((f): Filter => ({ field: f.name, op: 'eq', value: context[f.name] }));
  return parts.length ? { and: parts } : undefined;
}

/** Whether a name alone, with the model's own defaults and what the form already says, makes a record. */
function bareCreate(target: ObjectMeta | undefined, model: Model, context: Record<string, unknown> | undefined): Record<string, unknown> | null {
  if (!target?.rights.create || model.field(target.name, target.title)?.type !== 'text') return null;
  const data: Record<string, unknown> = {};
  for (const f of target.fields) {
    if (f.name === target.title || f.system) continue;
    const said = context?.[f.name];
    if ((f.type === 'ref' || f.type === 'md') && typeof said === 'string' && said) data[f.name] = said;
    else if (f.required && (f.default === undefined || f.default === null) && !(f.type === 'pick' && f.picklist && model.doc.picklists[f.picklist]?.default)) return null;
  }
  return data;
}

function below(menu: ReactElement, offer: ReactElement | null, name: string): ReactElement {
  // The select gives its list of options no name of its own.
  return <div ref={(el) => el?.querySelector('[role="listbox"]')?.setAttribute('aria-label', name)}>{menu}{offer}</div>;
}

/** Looks records up by what one types: characters, pinyin or initials, as the server's search understands them. */
export function RefInput(p: InputProps) {
  const { field, model, lang } = p;
  const poly = field.type === 'poly';
  const several = many.has(field.type);
  const now = poly ? (p.value as { object?: string; id?: string } | null) : null;
  const [object, setObject] = useState(now?.object ?? targetOf(field) ?? '');
  const [text, setText] = useState('');
  const [q, setQ] = useState('');
  const [opened, setOpened] = useState(Boolean(p.autoFocus && p.onDone));
  useEffect(() => {
    const timer = setTimeout(() => setQ(text.trim()), 150);
    return () => clearTimeout(timer);
  }, [text]);
  const meta = model.object(object);
  const qc = useQueryClient();
  const fits = useMemo(() => fitting(meta, field.name, p.context), [meta, field.name, p.context]);
  const found = useTitles(object, meta?.title ?? 'name', q, opened && meta !== undefined, fits);
  const bare = useMemo(() => bareCreate(meta, model, p.context), [meta, model, p.context]);
  const [picked, setPicked] = useState<Expanded[]>([]);
  const known = useMemo(() => [...(p.titles ?? []), ...picked], [p.titles, picked]);
  const options = useMemo(() => {
    const all = new Map<string, string>();
    for (const e of found.data ?? []) all.set(e.id, e.title);
    const values = several ? ((p.value as string[] | null) ?? []) : [poly ? now?.id : (p.value as string | null)];
    for (const v of values) if (v && !all.has(v) && !text) all.set(v, known.find((e) => e.id === v)?.title ?? '…');
    return [...all].map(([value, title]) => ({ value, label: title }));
  }, [found.data, p.value, several, poly, now?.id, known, text]);
  const remember = (id: string): Expanded => {
    const e = { object, id, title: options.find((o) => o.value === id)?.label ?? known.find((x) => x.id === id)?.title ?? '' };
    setPicked((all) => [...all.filter((x) => x.id !== id), e]);
    return e;
  };
  const choose = (e: Expanded) => {
    setText('');
    setOpened(false);
    setPicked((all) => [...all.filter((x) => x.id !== e.id), e]);
    if (several) p.onChange([...((p.value as string[] | null) ?? []), e.id], [e]);
    else p.onChange(poly ? { object, id: e.id } : e.id, e);
    p.onDone?.();
  };
  const make = async () => {
    const name = text.trim();
    try {
      const rec = await api.post<Rec>(`/${object}`, { ...bare, [meta?.title ?? 'name']: name });
      void qc.invalidateQueries({ queryKey: keys.lists(object) });
      choose({ object, id: rec.id, title: name });
      toast(t('form.made', { name }));
    } catch (e) {
      tell(e, lang, object, model);
    }
  };
  const offer = bare && text.trim() && !options.some((o) => o.label === text.trim()) ? (
    <button type="button" className="ref-new" onMouseDown={(e) => e.preventDefault()} onClick={() => void make()}>
      <Icon name="plus" size={14} />
      <span className="el">{t('ref.make', { name: inner(label(meta?.label, lang, object), lang), text: text.trim() })}</span>
    </button>
  ) : null;
  const shared = {
    style: { width: '100%', minWidth: 0 },
    'aria-label': label(field.label, lang, field.name),
    ...(p.id ? { id: p.id } : {}),
    ...(p.autoFocus ? { autoFocus: true } : {}),
    ...(p.error ? { status: 'error' as const } : {}),
    showSearch: { filterOption: false, searchValue: text, onSearch: setText },
    options,
    loading: found.isFetching,
    notFoundContent: found.isFetching ? null : <span className="mut s13">{t('ref.none')}</span>,
    popupRender: (menu: ReactElement) => below(menu, offer, label(field.label, lang, field.name)),
    onOpenChange: setOpened,
    allowClear: !field.required,
  };
  const select = several ? (
    <Select<string[]>
      {...shared}
      mode="multiple"
      open={opened}
      value={(p.value as string[] | null) ?? []}
      onChange={(ids) => {
        setText('');
        setOpened(false);
        p.onChange(ids, ids.map(remember));
      }}
    />
  ) : (
    <Select<string>
      {...shared}
      open={opened}
      value={(poly ? now?.id : (p.value as string | null)) ?? null!}
      onChange={(id: string | undefined) => {
        setText('');
        setOpened(false);
        if (!id) p.onChange(null);
        else p.onChange(poly ? { object, id } : id, remember(id));
        p.onDone?.();
      }}
    />
  );
  if (!poly) return select;
  const targets = field.targets?.filter((o) => model.object(o)) ?? [];
  return (
    <div className="row">
      <Select style={{ width: 120, flex: 'none' }} aria-label={label(field.label, lang)} value={object} options={targets.map((o) => ({ value: o, label: label(model.object(o)?.label, lang, o) }))} onChange={(o: string) => { setObject(o); p.onChange(null); }} />
      {select}
    </div>
  );
}
