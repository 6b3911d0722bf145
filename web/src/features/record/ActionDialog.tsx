import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { Problem } from '@/api/client';
import { expandedAll, label, titleOf } from '@/api/model';
import { fieldErrors, words } from '@/api/problem';
import { act, keys, useModel } from '@/api/queries';
import type { ActionMeta, FieldMeta, ObjectMeta, Rec } from '@/api/types';
import { conditional, ofAction, standing } from '@/fields/conditions/conditions';
import { isBlank } from '@/fields/display';
import FieldInput from '@/fields/inputs';
import { schemaFields } from '@/fields/schema';
import { Dialog } from '@/shared/Dialog';
import { focusFaulty } from '@/shared/faulty';
import { useLang, useT } from '@/shared/i18n';
import { toast } from '@/shared/toast';

interface Props {
  object: ObjectMeta;
  rec: Rec;
  action: ActionMeta;
  onClose: () => void;
  /** What is sent besides, and asked of the device rather than the person. */
  also?: () => Promise<Record<string, unknown>>;
}

/** An action of the registry as a dialog: its input schema is its form. */
export default function ActionDialog({ object, rec, action, onClose, also }: Props) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const qc = useQueryClient();
  const fields = useMemo(() => schemaFields(action.input, object.name, model), [action, object.name, model]);
  const [values, setValues] = useState<Record<string, unknown>>({});
  // What an action writes is never held by a condition (the server lets it write); shown and asked for it is by what is typed.
  const stand = useMemo(() => {
    const at = ofAction(object, rec, values, model);
    return new Map(fields.map((f) => [f.name, standing(f, at)]));
  }, [object, rec, fields, values, model]);
  const shown = fields.filter((f) => stand.get(f.name)?.shown !== false);
  const need = (f: FieldMeta) => stand.get(f.name)?.required === true;
  const [lacks, setLacks] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLDivElement>(null);
  useEffect(() => { if (problem || Object.keys(lacks).length) focusFaulty(form.current); }, [problem, lacks]);
  const name = label(action.label, lang, action.name);
  const errors = problem ? fieldErrors(problem.body) : lacks;
  const run = async () => {
    const blank = shown.filter((f) => conditional(f) && need(f) && isBlank(values[f.name] ?? rec[f.name]));
    setProblem(null);
    setLacks(Object.fromEntries(blank.map((f) => [f.name, t('error.value.required')])));
    if (blank.length) return;
    // What a condition hides stays here.
    const typed = Object.fromEntries(Object.entries(values).filter(([k]) => stand.get(k)?.shown !== false));
    setBusy(true);
    try {
      await act(object.name, rec.id, action.name, { ...(await also?.()), ...typed });
      onClose();
      void qc.invalidateQueries({ queryKey: keys.record(object.name, rec.id) });
      void qc.invalidateQueries({ queryKey: keys.history(object.name, rec.id) });
      void qc.invalidateQueries({ queryKey: ['list'] });
      void qc.invalidateQueries({ queryKey: ['aggregate'] });
      toast(t('action.done', { action: name, name: titleOf(object, rec) }));
    } catch (e) {
      setProblem(e instanceof Problem ? e : new Problem({ status: 0, code: 'network' }));
    } finally {
      setBusy(false);
    }
  };
  const w = problem ? words(problem, lang, object.name, model) : null;
  const loose = problem?.body.errors?.filter((e) => !e.field || !shown.some((f) => f.name === e.field)) ?? [];
  return (
    <Dialog
      title={name}
      text={titleOf(object, rec)}
      onClose={onClose}
      onSubmit={() => void run()}
      width={480}
      foot={
        <>
          <span className="sp" />
          <button type="button" className="btn q" onClick={onClose}>{t('act.cancel')}</button>
          <button type="submit" className="btn p" disabled={busy}>{name}</button>
        </>
      }
    >
      {w && (loose.length > 0 || !problem?.body.errors?.length) && <div className="notice late" role="alert"><div className="col"><b>{w.title}</b>{loose.length > 0 && w.lines.map((l) => <span key={l}>{l}</span>)}{w.trace && <span className="s12 mut">{t('error.trace', { id: w.trace })}</span>}</div></div>}
      <div ref={form}>{shown.map((f) => (
        <div key={f.name} className="form-item">
          <label htmlFor={`act-${f.name}`}>{label(f.label, lang, f.name)}{need(f) && <span className="mut"> *</span>}</label>
          <FieldInput id={`act-${f.name}`} field={need(f) === (f.required === true) ? f : { ...f, required: need(f) }} value={values[f.name]} titles={expandedAll(rec, f.name)} model={model} lang={lang} error={Boolean(errors[f.name])} describedBy={errors[f.name] ? `act-${f.name}-bad` : undefined} onChange={(v) => { setValues((now) => ({ ...now, [f.name]: v })); setLacks((now) => Object.fromEntries(Object.entries(now).filter(([k]) => k !== f.name))); }} />
          {errors[f.name] && <span id={`act-${f.name}-bad`} className="late s12" role="alert">{errors[f.name]}</span>}
        </div>
      ))}</div>
      {fields.length === 0 && !w && <p className="sec s13">{t('action.none')}</p>}
    </Dialog>
  );
}
