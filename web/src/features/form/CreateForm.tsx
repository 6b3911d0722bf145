import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { api, Problem } from '@/api/client';
import { inner, label, targetOf, titleOf as titleOfRecord } from '@/api/model';
import { codeWords, fieldErrors, tell, words } from '@/api/problem';
import { keys, useCreate, useModel, useSession, useUpdate } from '@/api/queries';
import type { Expanded, FieldMeta, ObjectMeta, Rec } from '@/api/types';
import { arrange } from '@/fields/arrange';
import { isBlank } from '@/fields/display';
import { editable } from '@/fields/editable';
import { Ant } from '@/fields/Ant';
import { ofForm, standing, type Standing } from '@/fields/conditions/conditions';
import { takeFiles, uploadFiles } from '@/fields/files';
import { parseText, worthFilling } from '@/fields/parseText';
import { closeLayer, open } from '@/shared/commands';
import { Dialog } from '@/shared/Dialog';
import { focusFaulty } from '@/shared/faulty';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { phone } from '@/shared/prefs';
import { useStore } from '@/shared/store';
import { toast } from '@/shared/toast';
import { Announce } from './Announce';
import { Duplicates } from './Duplicates';
import { whatFills } from './fill';
import { dropForm, keepForm, readForm } from './formDraft';
import { FormField } from './FormField';
import { mayBeEmpty } from './shaped/shapes';
import { emptyLine, lineData, Lines, usedLines, type Line } from '@/fields/lines/Lines';
import { lacking, lineStands } from '@/fields/lines/stands';
import { linesOf } from '@/fields/lines/which';
import { pasteable, valuesOf } from './paste';
import './form.css';

interface Props {
  object: string;
  values?: Record<string, unknown> | undefined;
  titles?: Record<string, string> | undefined;
  onMade: (object: string, id: string) => void;
}

const rare = new Set(['external_id', 'source_system', 'record_type', 'dept_id', 'is_locked', 'merged_into_id']);

/** What the server fills in by itself when it is left out (the default pipeline and its first stage). */
const filled = (object: ObjectMeta, f: FieldMeta) => f.name === object.board || f.name === 'pipeline_id';

function beginning(fields: FieldMeta[], pickDefault: (f: FieldMeta) => string | null | undefined, me: string | undefined): Record<string, unknown> {
  const start: Record<string, unknown> = {};
  for (const f of fields) {
    if (f.default !== undefined && f.default !== null && typeof f.default !== 'object') start[f.name] = f.default;
    else if (f.type === 'pick' && f.required && pickDefault(f)) start[f.name] = pickDefault(f);
    else if (f.name === 'owner_id' && me) start[f.name] = me;
  }
  return start;
}

/** Fields a form offers: those of the sections, and what every record needs. */
const inForm = (o: ObjectMeta, given: Record<string, unknown> | undefined): FieldMeta[] =>
  o.fields.filter((f) => editable(f) && !rare.has(f.name) && (f.section || f.required || f.name === 'owner_id' || f.name === 'tags' || !o.sections?.length || given?.[f.name] !== undefined));

/** A new record from the layout's sections: what is required first, the rest one click away; every faulty field told at once. */
export default function CreateForm({ object: name, values: given, titles: givenTitles, onMade }: Props) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const session = useSession();
  const qc = useQueryClient();
  const plain = model.object(name)!;
  const small = useStore(phone);
  const create = useCreate(name);
  const update = useUpdate(name);
  const usual = useMemo(() => inForm(plain, given), [plain, given]);
  const begun = useMemo(() => ({ ...beginning(usual, (f) => (f.picklist ? model.doc.picklists[f.picklist]?.default : undefined), session.data?.user.id), ...given }), [usual, given, model, session.data]);
  const kept = useMemo(() => (given ? null : readForm(name)), [given, name]);
  const [values, setValues] = useState<Record<string, unknown>>(() => ({ ...begun, ...kept?.values }));
  // The arrangement may depend on what is typed: a type chosen brings the sections for it.
  const object = arrange(plain, values, small);
  const fields = useMemo(() => inForm(object, given), [object, given]);
  const [titles, setTitles] = useState<Record<string, string>>(() => ({ ...givenTitles, ...kept?.titles }));
  const [fromDraft, setFromDraft] = useState(kept !== null);
  const [pasted, setPasted] = useState<{ count: number; before: Record<string, unknown> } | null>(null);
  const priced = useMemo(() => linesOf(object, (n) => model.object(n)), [object, model]);
  const [lines, setLines] = useState<Line[]>([emptyLine(1)]);
  const [triedLines, setTriedLines] = useState(false);
  const [all, setAll] = useState(false);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [again, setAgain] = useState(false);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLDivElement>(null);
  const title = label(object.label, lang, name);
  const hasLines = usedLines(lines).length > 0;
  const stand = useMemo(() => {
    const at = ofForm(object, values, model);
    return new Map(fields.map((f) => [f.name, standing(f, at)]));
  }, [object, fields, values, model]);
  const of = (f: FieldMeta): Standing => stand.get(f.name) ?? { shown: true, required: f.required === true, locked: false, called: false };
  const need = (f: FieldMeta) => of(f).required && !of(f).locked && f.type !== 'bool' && !filled(object, f) && !(f.name === 'amount' && hasLines);

  useEffect(() => {
    if (given) return;
    const timer = setTimeout(() => keepForm(name, values, begun, titles), 250);
    return () => clearTimeout(timer);
  }, [values, titles, begun, given, name]);

  const main = useMemo(() => {
    const wanted = new Set([object.title, ...fields.filter((f) => f.required && !filled(object, f)).map((f) => f.name), ...(object.list ?? []), ...(object.card ?? []), ...Object.keys(given ?? {}), ...Object.keys(kept?.values ?? {})]);
    const short = fields.filter((f) => wanted.has(f.name) && (!filled(object, f) || given?.[f.name] !== undefined));
    return fields.length <= 8 || short.length >= fields.length - 2 ? fields : short;
  }, [fields, object, given, kept]);
  // What a condition calls for stands in the short form too.
  const shown = (all ? fields : fields.filter((f) => main.includes(f) || of(f).called || (pasted && !isBlank(values[f.name]) && !(f.name in begun)))).filter((f) => of(f).shown);
  const sections = object.sections?.length ? object.sections : [{ key: '', label: { en: '', zh: '' } }];
  const known = new Set(sections.map((s) => s.key));
  // Owner and tags stand in no section: with the ownership where there is such a section, else with what comes first.
  const homeless = Math.max(0, sections.findIndex((s) => s.key === 'ownership'));
  const wide = shown.length > 8 || priced !== null;

  const set = (f: FieldMeta, v: unknown, e?: Expanded | Expanded[]) => {
    const one = Array.isArray(e) ? e[0] : e;
    if (one) setTitles((now) => ({ ...now, [f.name]: one.title }));
    setValues((now) => ({ ...now, [f.name]: v }));
    if (errors[f.name]) setErrors((now) => Object.fromEntries(Object.entries(now).filter(([k]) => k !== f.name)));
  };
  const missing = (f: FieldMeta) => need(f) && isBlank(values[f.name]) && !mayBeEmpty(name, f.name, values);
  useEffect(() => {
    if (again && (Object.keys(errors)[0] || triedLines)) {
      focusFaulty(form.current);
      setAgain(false);
    }
  }, [errors, again, triedLines]);

  /** A pasted line with several things in it goes to its fields; an ordinary word stays where it was pasted. */
  const paste = (text: string): boolean => {
    const parsed = parseText(text);
    if (!pasteable(name) || !worthFilling(parsed)) return false;
    const found = valuesOf(object, parsed);
    const free = Object.fromEntries(Object.entries(found).filter(([k]) => isBlank(values[k]) || k === object.title));
    if (Object.keys(free).length < 2 && !(name === 'contact' && parsed.company)) return false;
    setPasted({ count: Object.keys(free).length, before: values });
    setValues((now) => ({ ...now, ...free }));
    if (name === 'contact' && parsed.company && isBlank(values['account_id'])) {
      const target = model.object('account');
      void api.get<{ data: Rec[] }>('/account', { q: parsed.company, limit: 1, fields: target?.title ?? 'name' }).then((page) => {
        const hit = page.data[0];
        if (!hit) return;
        setValues((now) => ({ ...now, account_id: hit.id }));
        setTitles((now) => ({ ...now, account_id: String(hit[target?.title ?? 'name'] ?? '') }));
      }, () => undefined);
    }
    return true;
  };

  /** What is written down and stands in the form; a value in a field that a condition or an arrangement hides, or a condition locks, stays here. */
  const sent = () => Object.fromEntries(Object.entries(values).filter(([k, v]) => !isBlank(v) && (stand.has(k) || !usual.some((f) => f.name === k)) && stand.get(k)?.shown !== false && !stand.get(k)?.locked));
  const fail = (next: Record<string, string>) => {
    setErrors(next);
    if (Object.keys(next).some((n) => !shown.some((f) => f.name === n))) setAll(true);
    setAgain(true);
  };
  const after = async (rec: Rec, files: [string, File[]][]) => {
    try {
      for (const [field, list] of files) {
        const ids = await uploadFiles(name, rec.id, field, list);
        await api.patch(`/${name}/${rec.id}`, { [field]: ids });
      }
      if (priced && hasLines) {
        await api.post(`/${priced.child.name}/batch`, { atomic: true, ops: usedLines(lines).map((l) => ({ op: 'create', data: lineData(l, priced.link, rec.id, (x) => lineStands(priced.child, priced.link, x, model).left) })) });
        void qc.invalidateQueries({ queryKey: keys.lists(priced.child.name) });
      }
      if (files.length || hasLines) {
        void qc.invalidateQueries({ queryKey: keys.record(name, rec.id) });
        void qc.invalidateQueries({ queryKey: keys.lists(name) });
      }
    } catch (e) {
      tell(e, lang, priced?.child.name ?? name, model, t('form.madePartly', { name: String(rec[object.title] ?? title) }));
    }
  };
  /** It is there already: what it lacks of what was typed goes to it, nothing of it is overwritten. */
  const fillInto = async (id: string) => {
    try {
      const rec = await api.get<Rec>(`/${name}/${id}`);
      const { data, kept: other } = whatFills(object, takeFiles(sent()).data, rec);
      const filledFields = Object.keys(data);
      if (filledFields.length) await update.mutateAsync({ id, version: rec.version, data });
      dropForm(name);
      const detail = other.length ? [t('dup.keptAs', { fields: other.map((f) => label(f.label, lang, f.name)).join(lang === 'zh-CN' ? '、' : ', ') })] : [];
      const undo = () => update.mutate({ id, data: Object.fromEntries(filledFields.map((f) => [f, null])) });
      toast(filledFields.length ? t('dup.filled', { name: titleOfRecord(object, rec), count: filledFields.length }) : t('dup.filledNone', { name: titleOfRecord(object, rec) }), { detail, ...(filledFields.length ? { undo } : {}) });
      closeLayer();
      onMade(name, id);
    } catch (e) {
      tell(e, lang, name, model);
    }
  };
  const save = async (more: boolean) => {
    if (busy) return;
    const faulty = Object.fromEntries(fields.filter(missing).map((f) => [f.name, t('error.value.required')]));
    setProblem(null);
    const lack = priced !== null && lacking(priced.child, priced.link, lines, model);
    setTriedLines(lack);
    if (lack || Object.keys(faulty).length) return fail(faulty);
    setBusy(true);
    const { data, files } = takeFiles(sent());
    if (hasLines && isBlank(values['amount']) && model.field(name, 'amount_from_lines')) data['amount_from_lines'] = true;
    try {
      const rec = await create.mutateAsync(data);
      await after(rec, files);
      dropForm(name);
      const alike = ((rec['$warnings'] as { object?: string; id?: string; visible?: boolean }[] | undefined) ?? []).filter((x) => x.object === name && x.visible && x.id);
      const made = String(rec[object.title] ?? title);
      if (alike.length && object.rights.merge) toast(t('dup.made', { name: made, count: alike.length }), { action: { text: t('dup.compare'), run: () => open({ kind: 'merge', object: name, ids: [rec.id, ...alike.map((x) => String(x.id))].slice(0, 10) }) } });
      else toast(t('form.made', { name: made }));
      if (more) {
        setValues({ ...begun });
        setLines([emptyLine(1)]);
        setPasted(null);
        setLeft(new Set());
        setFromDraft(false);
        form.current?.querySelector<HTMLElement>('input, textarea')?.focus();
      } else {
        closeLayer();
        onMade(name, rec.id);
      }
    } catch (e) {
      const p = e instanceof Problem ? e : new Problem({ status: 0, code: 'network' });
      setProblem(p);
      fail(fieldErrors(p.body));
    } finally {
      setBusy(false);
    }
  };
  const w = problem ? words(problem, lang, name, model) : null;
  const titleOf = (f: FieldMeta): Expanded[] => {
    const v = values[f.name];
    const id = typeof v === 'string' ? v : (v as { id?: string } | null)?.id;
    if (f.name === 'owner_id' && id && id === session.data?.user.id) return [{ object: 'user', id, title: session.data.user.name }];
    const said = titles[f.name];
    return said && id ? [{ object: targetOf(f) ?? '', id, title: said }] : [];
  };
  const throwAway = () => {
    dropForm(name);
    setValues({ ...begun });
    setFromDraft(false);
  };
  const count = Object.keys(errors).length;
  // What is said of no field, or of one that does not stand here, is said above.
  const loose = problem ? (problem.body.errors ?? []).filter((e) => !e.field || !shown.some((f) => f.name === e.field)).map((e) => (e.field ? words(new Problem({ ...problem.body, errors: [e] }), lang, name, model).lines[0]! : codeWords(e.code, e.params, e.message))) : [];
  return (
    <Dialog
      side
      title={t('act.newOf', { name: inner(title, lang) })}
      onClose={closeLayer}
      onSubmit={() => void save(false)}
      width={wide ? 720 : 520}
      foot={
        <>
          {fields.length > main.length && <button type="button" className="btn q s" aria-expanded={all} onClick={() => setAll(!all)}><Icon name={all ? 'up' : 'down'} />{all ? t('form.less') : t('form.all', { count: fields.length - main.length })}</button>}
          <span className="sp" />
          <button type="button" className="btn q form-another" disabled={busy} onClick={() => void save(true)}>{t('form.another')}</button>
          <button type="submit" className="btn p" disabled={busy}>{t('form.create')}<kbd aria-hidden="true">Ctrl ↵</kbd></button>
        </>
      }
    >
      <Ant><div ref={form} onPasteCapture={(e) => {
        const target = e.target as HTMLElement;
        if (target.tagName !== 'INPUT' || target.closest('.addr-in, .lines')) return;
        if (paste(e.clipboardData.getData('text'))) {
          e.preventDefault();
          e.stopPropagation();
        }
      }}>
        <div role="status">
          {fromDraft && <div className="notice info form-note"><Icon name="history" /><span className="sp">{t('form.draft')}</span><button type="button" className="btn s" onClick={throwAway}>{t('form.draftDrop')}</button></div>}
          {pasted && <div className="notice ok form-note"><Icon name="check" /><span className="sp">{t('form.pasted', { count: pasted.count })}</span><button type="button" className="btn s" onClick={() => { setValues(pasted.before); setPasted(null); }}>{t('act.undo')}</button></div>}
        </div>
        {(w || count > 0) && (
          <div className="notice late" role="alert" style={{ marginBottom: 16 }}>
            <Icon name="alert" />
            <div className="col">
              <b>{count > 0 ? t('form.faulty', { count }) : w?.title}</b>
              {(count > 0 ? loose : (w?.lines ?? []).filter((l) => l !== w?.title)).map((l) => <span key={l}>{l}</span>)}
              {w?.trace && <span className="s12 mut">{t('error.trace', { id: w.trace })}</span>}
            </div>
          </div>
        )}
        <Announce object={object} stand={stand} />
        <Duplicates object={object} values={values} onFill={(id) => void fillInto(id)} />
        {sections.map((s, i) => {
          const list = shown.filter((f) => f.section === s.key || (i === homeless && (!f.section || !known.has(f.section))));
          if (list.length === 0) return null;
          const must = list.filter(need).length;
          return (
            <fieldset key={s.key} className="form-sect">
              {s.label.en && <legend className="sect">{label(s.label, lang, s.key)}{must > 0 && <span className="ct s12">{t('form.required', { count: must })}</span>}</legend>}
              <div className={wide ? 'form-grid two' : 'form-grid'}>
                {list.map((f) => (
                  <FormField key={f.name} object={name} field={f} value={values[f.name]} values={values} required={need(f)} locked={of(f).locked} titles={titleOf(f)} model={model}
                    bad={errors[f.name] ?? (left.has(f.name) && missing(f) ? t('error.value.required') : undefined)}
                    onChange={(v, e) => set(f, v, e)} onLeave={() => setLeft((now) => (now.has(f.name) ? now : new Set([...now, f.name])))} />
                ))}
              </div>
            </fieldset>
          );
        })}
        {priced && <Lines child={priced.child} link={priced.link} lines={lines} setLines={setLines} tried={triedLines} />}
        {pasteable(name) && !pasted && <p className="mut s12 form-tip">{t('form.pasteTip')}</p>}
      </div></Ant>
    </Dialog>
  );
}
