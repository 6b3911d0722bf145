import Select from 'antd/es/select';
import { useMemo, useState } from 'react';
import { label } from '@/api/model';
import type { Expanded, FieldMeta } from '@/api/types';
import { Ant } from '@/fields/Ant';
import { conditional, open as openFor, readBy } from '@/fields/conditions/conditions';
import { editable } from '@/fields/editable';
import FieldInput from '@/fields/inputs';
import { schemaFields } from '@/fields/schema';
import { Dialog } from '@/shared/Dialog';
import { useT } from '@/shared/i18n';
import { inCell } from '../table/useBlocks';
import type { Ask } from './BulkBar';
import { bulkOnServer, forServer } from './onServer';
import { runAction, runBatches, type Target } from './run';

interface Props {
  ask: Ask;
  target: Target;
  count: number;
  said: string;
  onClose: () => void;
  onDone: () => void;
}

/** Asks what is to be written into all chosen records, then lets it run in the tray. */
export default function BulkDialog(p: Props) {
  return p.ask.kind === 'action' ? <ActionForm {...p} /> : p.ask.kind === 'tag' ? <TagForm {...p} /> : <EditForm {...p} assign={p.ask.kind === 'assign'} />;
}

const empty = (v: unknown) => v === undefined || v === null || v === '' || (Array.isArray(v) && v.length === 0);

function Foot({ text, disabled, onClose }: { text: string; disabled: boolean; onClose: () => void }) {
  const t = useT();
  return (
    <>
      <span>{t('bulk.undoHint')}</span>
      <span className="sp" />
      <button type="button" className="btn" onClick={onClose}>{t('act.cancel')}</button>
      <button type="submit" className="btn p" disabled={disabled}>{text}</button>
    </>
  );
}

function EditForm({ target, count, said, assign, onClose, onDone }: Props & { assign: boolean }) {
  const t = useT();
  const { object, model, lang } = target;
  const choices = useMemo(() => object.fields.filter((f) => editable(f) && (inCell(f) || ['users', 'refs', 'depts', 'addr'].includes(f.type)) && f.name !== object.status && !f.name.startsWith('external_')), [object]);
  const [name, setName] = useState<string | undefined>(assign ? 'owner_id' : undefined);
  const [value, setValue] = useState<unknown>(undefined);
  const [clear, setClear] = useState(false);
  const [titles, setTitles] = useState<Expanded[]>([]);
  const field = name ? model.field(object.name, name) : undefined;
  const ready = field !== undefined && (clear || !empty(value));
  const run = () => {
    if (!field || !ready) return;
    const data = { [field.name]: clear ? null : value };
    if (forServer(target, count)) void bulkOnServer(target, { kind: 'update', data });
    else void runBatches(target, t('bulk.writing', { field: label(field.label, lang, field.name), count, n: said }), readBy([field]), (rec) => (openFor(field, rec, model) ? { op: 'update', data } : { op: 'leave', reason: t('cond.locked') }));
    onDone();
  };
  return (
    <Dialog title={assign ? t('bulk.assignTitle', { count, n: said }) : t('bulk.editTitle', { count, n: said })} text={assign ? t('bulk.assignText') : t('bulk.editText')} onClose={onClose} onSubmit={run} width={480} foot={<Foot text={assign ? t('bulk.assignDo') : t('bulk.editDo')} disabled={!ready} onClose={onClose} />}>
      <Ant>
        <div className="bulk-form">
          {!assign && (
            <label>
              <span className="s12 mut">{t('filter.field')}</span>
              <Select
                aria-label={t('filter.field')}
                placeholder={t('bulk.pickField')}
                showSearch={{ optionFilterProp: 'label' }}
                autoFocus
                value={name ?? null!}
                options={choices.map((f) => ({ value: f.name, label: label(f.label, lang, f.name) }))}
                onChange={(n: string) => { setName(n); setValue(model.field(object.name, n)?.type === 'bool' ? true : undefined); setClear(false); }}
              />
            </label>
          )}
          {field && !clear && (
            <label>
              <span className="s12 mut">{label(field.label, lang, field.name)}</span>
              <FieldInput key={field.name} field={field} value={value} titles={titles} model={model} lang={lang} autoFocus={assign} onChange={(v, named) => { setValue(v); if (named) setTitles(Array.isArray(named) ? named : [named]); }} />
            </label>
          )}
          {field && conditional(field) && <p className="mut s12">{t('bulk.someLeftOut')}</p>}
          {field && !field.required && !assign && (
            <label className="row s13"><input type="checkbox" checked={clear} onChange={(e) => setClear(e.target.checked)} />{t('bulk.clearField')}</label>
          )}
        </div>
      </Ant>
    </Dialog>
  );
}

function TagForm({ target, count, said, onClose, onDone }: Props) {
  const t = useT();
  const { object, model, lang } = target;
  const tags = model.field(object.name, 'tags');
  const [add, setAdd] = useState<string[]>([]);
  const [drop, setDrop] = useState<string[]>([]);
  const ready = add.length + drop.length > 0;
  const run = () => {
    if (!ready) return;
    // Tags of each record stay apart from those added or taken off.
    if (forServer(target, count)) void bulkOnServer(target, { kind: 'tags', add, remove: drop });
    else void runBatches(target, t('bulk.tagging', { count, n: said }), ['tags'], (rec) => {
      const now = Array.isArray(rec['tags']) ? (rec['tags'] as string[]) : [];
      const next = [...new Set([...now.filter((x) => !drop.includes(x)), ...add])];
      return next.length === now.length && next.every((x) => now.includes(x)) ? null : { op: 'update', data: { tags: next } };
    });
    onDone();
  };
  const plain: FieldMeta | undefined = tags && { ...tags, required: false };
  if (!plain) return null;
  return (
    <Dialog title={t('bulk.tagTitle', { count, n: said })} onClose={onClose} onSubmit={run} width={480} foot={<Foot text={t('bulk.tagDo')} disabled={!ready} onClose={onClose} />}>
      <div className="bulk-form">
        <label><span className="s12 mut">{t('bulk.tagAdd')}</span><FieldInput field={{ ...plain, label: { en: 'Add', zh: '添加' } }} value={add} model={model} lang={lang} autoFocus onChange={(v) => setAdd((v as string[] | null) ?? [])} /></label>
        <label><span className="s12 mut">{t('bulk.tagDrop')}</span><FieldInput field={{ ...plain, label: { en: 'Take off', zh: '移除' } }} value={drop} model={model} lang={lang} onChange={(v) => setDrop((v as string[] | null) ?? [])} /></label>
      </div>
    </Dialog>
  );
}

function ActionForm({ ask, target, count, said, onClose, onDone }: Props) {
  const t = useT();
  const { object, model, lang } = target;
  const action = ask.kind === 'action' ? ask.action : undefined;
  const fields = useMemo(() => schemaFields(action?.input, object.name, model), [action, object.name, model]);
  const [values, setValues] = useState<Record<string, unknown>>({});
  if (!action) return null;
  const name = label(action.label, lang, action.name);
  const ready = fields.every((f) => !f.required || !empty(values[f.name]));
  const run = () => {
    if (!ready) return;
    const input = Object.fromEntries(Object.entries(values).filter(([, v]) => !empty(v)));
    if (forServer(target, count)) void bulkOnServer(target, { kind: 'action', action: action.name, input });
    else void runAction(target, t('bulk.acting', { action: name, count, n: said }), action.name, input);
    onDone();
  };
  return (
    <Dialog
      title={t('bulk.actionTitle', { action: name, count, n: said })}
      text={fields.length ? undefined : t('action.none')}
      onClose={onClose}
      onSubmit={run}
      width={480}
      foot={
        <>
          <span>{t('bulk.actionHint')}</span>
          <span className="sp" />
          <button type="button" className="btn" onClick={onClose}>{t('act.cancel')}</button>
          <button type="submit" className="btn p" disabled={!ready}>{name}</button>
        </>
      }
    >
      <div className="bulk-form">
        {fields.map((f, i) => (
          <label key={f.name}>
            <span className="s12 mut">{label(f.label, lang, f.name)}</span>
            <FieldInput field={f} value={values[f.name]} model={model} lang={lang} autoFocus={i === 0} onChange={(v) => setValues((now) => ({ ...now, [f.name]: v }))} />
          </label>
        ))}
      </div>
    </Dialog>
  );
}
