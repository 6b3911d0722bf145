import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { expandedAll, label, titleOf } from '@/api/model';
import { Problem } from '@/api/client';
import { useModel } from '@/api/queries';
import { fieldErrors, tell, words } from '@/api/problem';
import type { Expanded, FieldMeta, ObjectMeta, Rec } from '@/api/types';
import { isBlank, valueText } from '@/fields/display';
import { useSave } from '@/fields/conflict/conflict';
import { ofRecord, shownIn, standing } from '@/fields/conditions/conditions';
import { editable } from '@/fields/editable';
import { shapeOf } from '@/features/form/shaped/shapes';
import { FieldValue } from '@/fields/FieldValue';
import { composing } from '@/shared/hotkeys';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { toast } from '@/shared/toast';

const FieldInput = lazy(() => import('@/fields/inputs'));
const ShapedInput = lazy(() => import('@/features/form/shaped/ShapedInput'));
const ShapedValue = lazy(() => import('@/features/form/shaped/ShapedValue'));
const FieldHistory = lazy(() => import('./FieldHistory'));
const Access = lazy(() => import('./Access'));
const oneTouch = new Set(['pick', 'ref', 'md', 'user', 'dept', 'date', 'bool', 'rating']);
const owned = new Set(['owner_id', 'dept_id', 'tags']);
const audit = new Set(['created_at', 'created_by', 'updated_at', 'updated_by']);
const hidden = new Set(['id', 'version', 'deleted_at', 'name_key', 'name_key_loose', 'email_domain', 'merged_into_id', 'source_system', 'external_id', 'record_type', 'approval_state', 'is_locked']);

/** The sections of the record; every value is edited where it stands. */
export function Facts({ object, rec }: { object: ObjectMeta; rec: Rec }) {
  const t = useT();
  const lang = useLang();
  const [all, setAll] = useState(false);
  const [access, setAccess] = useState(false);
  const model = useModel();
  const sections = object.sections?.length ? object.sections : [{ key: '', label: { en: 'Details', zh: '详情' } }];
  const known = new Set(sections.map((s) => s.key));
  // What the layout leaves out stays out; owner, department and tags belong to every record that has them.
  const bare = !object.sections?.length;
  const homeless = Math.max(0, sections.findIndex((s) => s.key === 'ownership'));
  const fieldsOf = (key: string, home: boolean) =>
    object.fields.filter((f) => f.name !== object.title && !hidden.has(f.name) && !audit.has(f.name) && shownIn(f, rec, model) && (bare || f.section === key || (home && owned.has(f.name) && (!f.section || !known.has(f.section)))));
  const placed = sections.map((s, i) => ({ section: s, fields: fieldsOf(s.key, i === homeless) }));
  const blanks = placed.flatMap((p) => p.fields).filter((f) => isBlank(rec[f.name])).length;
  return (
    <>
      {placed.map(({ section: s, fields: list }) => {
        const fields = list.filter((f) => all || !isBlank(rec[f.name]));
        if (fields.length === 0) return null;
        return (
          <section key={s.key} className="facts-sect">
            <h2 className="sect">{label(s.label, lang, s.key)}</h2>
            <dl className="kv">
              {fields.map((f) => <Fact key={f.name} object={object} field={f} rec={rec} />)}
            </dl>
          </section>
        );
      })}
      {blanks > 0 && (
        <button type="button" className="chip plain mut" style={{ paddingLeft: 0 }} aria-expanded={all} onClick={() => setAll(!all)}>
          <Icon name={all ? 'up' : 'down'} />
          {all ? t('record.hideBlank') : t('record.showBlank', { count: blanks })}
        </button>
      )}
      <dl className="kv audit">
        {object.fields.filter((f) => audit.has(f.name) && !isBlank(rec[f.name])).map((f) => <Fact key={f.name} object={object} field={f} rec={rec} />)}
      </dl>
      {object.kind === 'ownable' && (
        <button type="button" className="chip plain mut access-link" style={{ paddingLeft: 0 }} onClick={() => setAccess(true)}><Icon name="eye" />{t('access.title')}</button>
      )}
      <Suspense>{access && <Access object={object} rec={rec} onClose={() => setAccess(false)} />}</Suspense>
    </>
  );
}

function Fact({ object, field, rec }: { object: ObjectMeta; field: FieldMeta; rec: Rec }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const [editing, setEditing] = useState(false);
  const [past, setPast] = useState<HTMLElement | null>(null);
  // What was edited goes, and focus with it: back to where the editing began.
  const pencil = useRef<HTMLButtonElement>(null);
  const edited = useRef(false);
  useEffect(() => {
    if (edited.current && !editing && document.activeElement === document.body) pencil.current?.focus();
    edited.current = editing;
  }, [editing]);
  const name = label(field.label, lang, field.name);
  const stand = standing(field, ofRecord(rec, model));
  const locked = stand.locked && editable(field) && object.rights.edit;
  const can = object.rights.edit && editable(field) && !locked;
  const masked = rec.$masked?.includes(field.name);
  const shape = shapeOf(object.name, field.name);
  return (
    <>
      <dt title={field.help ? label(field.help, lang) : undefined}>{name}{can && field.required_if && stand.required && <span className="req" title={t('error.value.required')} aria-hidden="true"> *</span>}</dt>
      {editing ? (
        <dd className={shape ? 'fact-broad' : undefined}><FactEditor object={object} field={stand.required ? { ...field, required: true } : field} rec={rec} onStop={() => setEditing(false)} /></dd>
      ) : (
        <dd className={can ? 'can' : ''}>
          <span className={field.type === 'long' || field.type === 'addr' || field.type === 'multi' || shape ? 'fact-wrap' : 'el'}>
            {shape && rec[field.name] ? <Suspense><ShapedValue shape={shape} value={rec[field.name]} rec={rec} model={model} /></Suspense> : <FieldValue object={object.name} field={field} rec={rec} model={model} lang={lang} links blank={<span className="mut">{t('value.blank')}</span>} />}
          </span>
          {masked && <span className="mut" title={t('record.masked')}><Icon name="lock" size={12} /></span>}
          {locked && <span className="mut" role="img" aria-label={t('cond.locked')} title={t('cond.locked')}><Icon name="lock" size={12} /></span>}
          {can && (
            <button ref={pencil} type="button" data-edit className="fact-edit" aria-label={t('edit.field', { field: name })} onClick={() => setEditing(true)}>
              <Icon name="edit" size={14} />
            </button>
          )}
          {!audit.has(field.name) && field.type !== 'roll' && field.type !== 'calc' && (
            <button type="button" className="fact-hist" aria-haspopup="dialog" aria-expanded={past !== null} aria-label={t('history.of', { field: name })} title={t('history.of', { field: name })} onClick={(e) => setPast(past ? null : e.currentTarget)}>
              <Icon name="history" size={14} />
            </button>
          )}
          <Suspense>{past && <FieldHistory object={object} rec={rec} field={field} anchor={past} onClose={() => setPast(null)} />}</Suspense>
        </dd>
      )}
    </>
  );
}

function FactEditor({ object, field, rec, onStop }: { object: ObjectMeta; field: FieldMeta; rec: Rec; onStop: () => void }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const write = useSave(object.name);
  // What the person saw when the editor opened: others may change the record while they type.
  const [base] = useState(rec);
  const masked = rec.$masked?.includes(field.name);
  const [value, setValue] = useState<unknown>(masked ? null : base[field.name]);
  const [error, setError] = useState<string | null>(null);
  const [saving, setSaving] = useState(false);
  const shape = shapeOf(object.name, field.name);
  const latest = useRef<{ value: unknown; titles?: Expanded | Expanded[] | undefined }>({ value });
  const name = label(field.label, lang, field.name);
  // One's own value stands in the record already while the server is asked.
  const changed = !masked && !saving && JSON.stringify(rec[field.name] ?? null) !== JSON.stringify(base[field.name] ?? null);
  const save = async () => {
    const { value: next, titles } = latest.current;
    const before = base[field.name];
    if (JSON.stringify(next ?? null) === JSON.stringify((masked ? null : before) ?? null)) return onStop();
    setSaving(true);
    try {
      const undoData = { [field.name]: before ?? null };
      const fresh = await write({ id: rec.id, version: base.version, data: { [field.name]: next ?? null }, ...(titles ? { expand: { [field.name]: titles } } : {}) });
      onStop();
      if (fresh === null) return;
      // The undo carries the version just written: a change of somebody else in between is asked about, not overwritten.
      toast(t('edit.done', { field: name, name: titleOf(object, rec) }), masked ? {} : { undo: () => void write({ id: rec.id, version: fresh.version, data: undoData }).catch((e: unknown) => tell(e, lang, object.name, model)) });
    } catch (e) {
      // A rule about the whole record is told where the value stands too, as long as nothing else is wrong.
      const rule = e instanceof Problem && e.body.errors?.length && e.body.errors.every((x) => x.code.startsWith('validation.'));
      const said = e instanceof Problem ? (fieldErrors(e.body)[field.name] ?? (rule ? words(e, lang, object.name, model).lines.join(' ') : undefined)) : undefined;
      if (said) setError(said);
      else {
        onStop();
        tell(e, lang, object.name, model, t('edit.putBack', { field: name }));
      }
    } finally {
      setSaving(false);
    }
  };
  return (
    <div
      className="fact-editor"
      role="presentation"
      onKeyDown={(e) => {
        if (composing(e)) return;
        if (e.key === 'Escape') {
          e.stopPropagation();
          onStop();
        } else if (e.key === 'Enter' && !oneTouch.has(field.type) && (!['long', 'rich', 'json', 'multi', 'tags', 'refs', 'users', 'depts', 'poly'].includes(field.type) || e.ctrlKey)) {
          e.preventDefault();
          void save();
        }
      }}
    >
      <Suspense>
        {shape ? <ShapedInput shape={shape} field={field} value={value} model={model} lang={lang} context={rec} error={error !== null} describedBy={error ? 'fact-error' : undefined} onChange={(v) => { latest.current = { value: v }; setValue(v); setError(null); }} /> : <FieldInput field={field} value={value} titles={expandedAll(rec, field.name)} model={model} lang={lang} context={rec} home={{ object: object.name, id: rec.id }} autoFocus error={error !== null} describedBy={error ? 'fact-error' : undefined}
          onChange={(v, titles) => { latest.current = { value: v, titles }; setValue(v); setError(null); }}
          onDone={() => { if (oneTouch.has(field.type)) void save(); }} />}
      </Suspense>
      <span role="status" className={changed ? 'warn s12' : 'sr'}>{changed && t('conflict.meanwhile', { value: valueText(field, rec[field.name], model, lang) })}</span>
      {error && <span id="fact-error" role="alert" className="late s12">{error}</span>}
      <div className="row" style={{ gap: 4 }}>
        <button type="button" className="btn p s" onClick={() => void save()}>{t('act.save')}</button>
        <button type="button" className="btn q s" onClick={onStop}>{t('act.cancel')}</button>
      </div>
    </div>
  );
}
