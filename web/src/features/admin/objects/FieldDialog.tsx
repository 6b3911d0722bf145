import { useMemo, useState } from 'react';
import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import type { FieldType } from '@/api/types';
import { Dialog } from '@/shared/Dialog';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { toast } from '@/shared/toast';
import { Check, Choice, Row } from '../parts';
import { useA } from '../text';
import type { CField, Custom } from './custom';
import { CUSTOM_SECTION, fresh, missing, nameOf, ofField, putDraft, type FieldDraft } from './fieldDraft';
import { FieldRules } from './FieldRules';
import { TypePart } from './FieldTypePart';
import { kindIcon, kinds, kindText, searchTypes, uniqueTypes, written } from './types';
import { applyEdit, applyText, faults } from './useCustom';

/** Adds a field to an object, or changes one that was added. First the kind, then how it is called and what it keeps. */
export function FieldDialog({ object, custom, edit, section, onClose, onDone }: { object: string; custom: Custom; edit?: string | undefined; section?: string | undefined; onClose: () => void; onDone?: (name: string, draft: FieldDraft) => void }) {
  const a = useA();
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const meta = model.object(object);
  const [draft, setDraft] = useState<FieldDraft | null>(() => (edit ? (ofField(custom, object, edit) ?? null) : null));
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string[]>([]);
  const [tried, setTried] = useState(false);
  const taken = useMemo(() => new Set(meta?.fields.map((f) => f.name) ?? []), [meta]);
  const sections = useMemo(() => {
    const all = (meta?.sections ?? []).map((s) => ({ value: s.key, text: label(s.label, lang, s.key) }));
    return all.some((s) => s.value === CUSTOM_SECTION.key) ? all : [...all, { value: CUSTOM_SECTION.key, text: a('field.newSection', { name: label(CUSTOM_SECTION.label, lang) }) }];
  }, [meta, lang, a]);
  const begin = (type: FieldType) => setDraft(fresh(type, section ?? meta?.sections?.[0]?.key ?? CUSTOM_SECTION.key));
  if (!draft) {
    return (
      <Dialog title={a('field.new')} text={a('field.whatKind')} onClose={onClose} width={640}>
        <div className="type-grid">
          {kinds.map((k, i) => <button key={k.type} type="button" data-type={k.type} {...(i === 0 ? { 'data-autofocus': true } : {})} onClick={() => begin(k.type)}><Icon name={k.icon} />{a(k.text)}</button>)}
        </div>
      </Dialog>
    );
  }
  const f = draft.field;
  const set = (part: Partial<CField>) => setDraft({ ...draft, field: { ...f, ...part } });
  const name = nameOf(draft, taken);
  const lack = missing(draft);
  const bad = tried && lack ? a(`lack.${lack}` as 'lack.label') : undefined;
  const save = async () => {
    setTried(true);
    setWrong([]);
    if (lack || busy) return;
    setBusy(true);
    try {
      let made = name;
      const { before } = await applyEdit((c) => {
        made = putDraft(c, model, object, draft);
      });
      toast(a(edit ? 'field.changed' : 'field.added', { name: label(f.label, lang) || f.label.en || f.label.zh }), { undo: () => void applyText(before).then(() => toast(a('model.undone'))) });
      onDone?.(made, draft);
      onClose();
    } catch (e) {
      setWrong(faults(e));
    } finally {
      setBusy(false);
    }
  };
  const change = (c: Custom) => void putDraft(c, model, object, { ...draft, field: { ...f, label: { en: f.label.en || 'x', zh: f.label.zh || 'x' } } });
  const zhFirst = lang === 'zh-CN';
  const labels = (['zh', 'en'] as const).toSorted(() => (zhFirst ? 0 : -1));
  return (
    <Dialog
      side
      width={560}
      title={edit ? a('field.edit', { name: label(f.label, lang, f.name) }) : a('field.newOf', { kind: a(kindText(draft.type)) })}
      text={label(meta?.label, lang)}
      onClose={onClose}
      onSubmit={() => void save()}
      foot={
        <>
          {!edit && <button type="button" className="btn q s" onClick={() => setDraft(null)}><Icon name="left" />{a('field.otherKind')}</button>}
          <span className="sp" />
          <button type="submit" className="btn p" disabled={busy}>{edit ? t('act.save') : a('field.add')}<kbd aria-hidden="true">Ctrl ↵</kbd></button>
        </>
      }
    >
      {(wrong.length > 0 || bad) && (
        <div className="notice late" role="alert" style={{ marginBottom: 14 }}>
          <Icon name="alert" />
          <div className="col">{bad ? <b>{bad}</b> : <><b>{a('field.refused')}</b>{wrong.map((w) => <span key={w}>{w}</span>)}</>}</div>
        </div>
      )}
      <div className="adm-two">
        {labels.map((l, i) => (
          <Row key={l} label={a(l === 'zh' ? 'field.labelZh' : 'field.labelEn')} need={i === 0}>
            {(id) => <input id={id} className="adm-in" lang={l === 'zh' ? 'zh-CN' : 'en'} {...(i === 0 ? { 'data-autofocus': true } : {})} value={f.label[l]} onChange={(e) => set({ label: { ...f.label, [l]: e.target.value } })} />}
          </Row>
        ))}
      </div>
      <div className="adm-two">
        <Row label={a('field.name')} hint={edit ? a('field.nameStays') : a('field.nameHint')}>
          {(id, by) => <input id={id} className="adm-in" aria-describedby={by} value={name} disabled={Boolean(edit)} spellCheck={false} onChange={(e) => setDraft({ ...draft, named: true, field: { ...f, name: e.target.value.toLowerCase() } })} />}
        </Row>
        <Row label={a('field.section')}>{(id) => <Choice id={id} value={draft.section} options={sections} onChange={(v) => setDraft({ ...draft, section: v })} />}</Row>
      </div>
      {edit && <p className="mut s12 row" style={{ marginBottom: 12 }}><Icon name={kindIcon(draft.type)} />{a('field.kindStays', { kind: a(kindText(draft.type)) })}</p>}
      <TypePart object={object} draft={draft} setDraft={setDraft} change={change} />
      <div style={{ marginBottom: 10 }}>
        {written(draft.type) && draft.type !== 'bool' && <Check label={a('field.required')} checked={f.required === true} onChange={(v) => set({ required: v })} />}
        {uniqueTypes.has(draft.type) && <Check label={a('field.unique')} hint={a('field.uniqueHint')} checked={f.unique === true} onChange={(v) => set({ unique: v })} />}
        {searchTypes.has(draft.type) && <Check label={a('field.searchable')} hint={a('field.searchableHint')} checked={f.searchable === true} onChange={(v) => set({ searchable: v })} />}
      </div>
      <FieldRules object={object} draft={draft} setDraft={setDraft} change={change} />
    </Dialog>
  );
}
