import { useState } from 'react';
import { api, Problem } from '@/api/client';
import { expandedAll, inner, label, titleOf } from '@/api/model';
import { codeWords, words } from '@/api/problem';
import { useModel, wroteMyself } from '@/api/queries';
import type { FieldMeta, ObjectMeta, ProblemBody, Rec } from '@/api/types';
import { ofAction, readBy, standing } from '@/fields/conditions/conditions';
import { isBlank } from '@/fields/display';
import { editable } from '@/fields/editable';
import FieldInput from '@/fields/inputs';
import { open } from '@/shared/commands';
import { Dialog } from '@/shared/Dialog';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';

interface Props {
  object: ObjectMeta;
  rec: Rec;
  stage: string;
  problem: Problem;
  onClose: () => void;
  onMove: (extra: Record<string, unknown>) => Promise<void>;
}

const reason: FieldMeta = { name: 'reason', type: 'long', label: { en: 'Reason', zh: '原因' }, access: 'edit', required: true };

/** The gate told: what is missing, filled in here, and the deal moves at once. */
export default function GateDialog({ object, rec, stage, problem, onClose, onMove }: Props) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const [body, setBody] = useState<ProblemBody>(problem.body);
  const [values, setValues] = useState<Record<string, unknown>>({});
  const [busy, setBusy] = useState(false);
  const errors = body.errors ?? [];
  const told = [...new Set(errors.map((e) => e.field).filter((n): n is string => Boolean(n)))].map((n) => (n === 'reason' ? reason : model.field(object.name, n))).filter((f): f is FieldMeta => f !== undefined && (f === reason || editable(f)));
  // An answer may call for another one, which the server would only tell after it was sent (whom it was lost to).
  const at = ofAction(object, rec, values, model);
  const called = object.fields.filter((f) => editable(f) && !told.includes(f) && isBlank(rec[f.name]) && readBy([f]).some((n) => n in values) && standing(f, at).required);
  const inputs = [...told, ...called];
  const shown = new Set(inputs.map((f) => f.name));
  const others = errors.filter((e) => !e.field || !shown.has(e.field));
  const left = inputs.filter((f) => values[f.name] === undefined || values[f.name] === null || values[f.name] === '').length;
  const submit = async () => {
    if (left > 0 || busy) return;
    setBusy(true);
    try {
      const { reason: why, ...data } = Object.fromEntries(Object.entries(values).filter(([k]) => shown.has(k)));
      // The action takes what it names itself (a reason); everything else is written to the record first.
      const named = Object.keys(object.actions?.find((a) => a.name === 'move_stage')?.input?.properties ?? {});
      const extra: Record<string, unknown> = why === undefined ? {} : { reason: why };
      const write: Record<string, unknown> = {};
      for (const [k, v] of Object.entries(data)) (named.includes(k) ? extra : write)[k] = v;
      if (Object.keys(write).length) {
        const fresh = await api.patch<Rec>(`/${object.name}/${rec.id}`, write);
        wroteMyself(object.name, rec.id, fresh?.version);
      }
      await onMove(extra);
      onClose();
    } catch (e) {
      if (e instanceof Problem) setBody(e.body);
    } finally {
      setBusy(false);
    }
  };
  const w = words(new Problem(body), lang, object.name, model);
  return (
    <Dialog
      title={t('gate.title', { stage })}
      text={errors.length ? t('gate.text', { count: inputs.length + others.length }) : w.title}
      onClose={onClose}
      onSubmit={() => void submit()}
      foot={
        <>
          {body.trace_id && errors.length === 0 && <span className="mut">{t('error.trace', { id: body.trace_id })}</span>}
          <span className="sp" />
          <button type="button" className="btn q" onClick={onClose}>{t('act.cancel')}</button>
          <button type="submit" className="btn p" disabled={left > 0 || busy}>{left > 0 ? t('gate.left', { count: left }) : t('gate.move')}</button>
        </>
      }
    >
      {inputs.map((f) => {
        const filled = values[f.name] !== undefined && values[f.name] !== null && values[f.name] !== '';
        const said = errors.find((e) => e.field === f.name);
        return (
          <div key={f.name} className="gate-row">
            <span className={filled ? 'gate-mark done' : 'gate-mark'} aria-hidden="true">{filled && <Icon name="check" size={12} />}</span>
            <div className="col" style={{ flex: 1, gap: 4 }}>
              <label className="b" htmlFor={`gate-${f.name}`}>{label(f.label, lang, f.name)}</label>
              {said && said.code !== 'value.required' && <span id={`gate-${f.name}-said`} className="s12 mut">{codeWords(said.code, said.params, said.message)}</span>}
              <FieldInput id={`gate-${f.name}`} field={f.required ? f : { ...f, required: true }} describedBy={said && said.code !== 'value.required' ? `gate-${f.name}-said` : undefined} value={values[f.name] ?? rec[f.name]} titles={expandedAll(rec, f.name)} model={model} lang={lang} onChange={(v) => setValues((now) => ({ ...now, [f.name]: v }))} />
            </div>
          </div>
        );
      })}
      {others.map((e, i) => (
        <div key={`${e.code}${i}`} className="gate-row">
          <span className="gate-mark" aria-hidden="true" />
          <span style={{ flex: 1 }}>{[e.field ? label(model.field(object.name, e.field)?.label, lang, e.field) : '', codeWords(e.code, e.params, e.message ?? body.title)].filter(Boolean).join(lang === 'zh-CN' ? '：' : ': ')}</span>
          <Remedy object={object} rec={rec} needs={e.params?.['objects']} />
        </div>
      ))}
    </Dialog>
  );
}

/** A missing related record is made right here. */
function Remedy({ object, rec, needs }: { object: ObjectMeta; rec: Rec; needs: unknown }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const name = Array.isArray(needs) ? needs.find((n): n is string => typeof n === 'string' && model.object(n)?.rights.create === true) : undefined;
  const target = name ? model.object(name) : undefined;
  if (!name || !target) return null;
  const title = titleOf(object, rec);
  if (name === 'follow_up') return <button type="button" className="btn s" onClick={() => open({ kind: 'followUp', object: object.name, id: rec.id, title })}>{t('follow.log')}</button>;
  const via = object.related?.find((r) => r.object === name)?.field;
  if (!via) return null;
  return (
    <button type="button" className="btn s" onClick={() => open({ kind: 'create', object: name, values: { [via]: rec.id }, titles: { [via]: title }, after: 'stay' })}>
      {t('act.newOf', { name: inner(label(target.label, lang), lang) })}
    </button>
  );
}
