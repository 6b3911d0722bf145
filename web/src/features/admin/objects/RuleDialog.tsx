import { useState } from 'react';
import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import { Dialog } from '@/shared/Dialog';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { toast } from '@/shared/toast';
import { Check, Choice, Row } from '../parts';
import { useA } from '../text';
import { putRule, rulesOf, type CRule, type Custom } from './custom';
import { Formula } from './Formula';
import { proposeKey } from './names';
import { applyEdit, applyText, faults } from './useCustom';

/** Adds a rule to an object, or changes one: what must hold, what a person is told, and where. */
export function RuleDialog({ object, custom, edit, onClose }: { object: string; custom: Custom; edit?: CRule | undefined; onClose: () => void }) {
  const a = useA();
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const meta = model.object(object)!;
  const [draft, setDraft] = useState<CRule>(() => edit ?? { object, code: '', must: '', message: { en: '', zh: '' } });
  const [named, setNamed] = useState(Boolean(edit));
  const [tried, setTried] = useState(false);
  const [wrong, setWrong] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);
  const set = (part: Partial<CRule>) => setDraft({ ...draft, ...part });
  const must = draft.refuse_if === undefined;
  const formula = draft.must ?? draft.refuse_if ?? '';
  const write = (text: string, hold = must) => {
    const { must: _m, refuse_if: _r, ...rest } = draft;
    setDraft(hold ? { ...rest, must: text } : { ...rest, refuse_if: text });
  };
  const spoken = draft.message.en.trim() || draft.message.zh.trim();
  const code = named ? draft.code : !spoken ? '' : proposeKey(draft.message.en, draft.message.zh, new Set(rulesOf(custom, object).map((r) => r.code)));
  const lack = !spoken ? a('rules.lackMessage') : !formula.trim() ? a('lack.formula') : undefined;
  /** As it is kept: one message serves both languages when only one was written; what is as usual is left out. */
  const finished = (): CRule => {
    const { en, zh } = draft.message;
    const out: CRule = { object, code: code || 'rule', ...(must ? { must: formula } : { refuse_if: formula }), message: { en: en.trim() || zh.trim() || '-', zh: zh.trim() || en.trim() || '-' } };
    if (draft.field) out.field = draft.field;
    if (draft.enabled === false) out.enabled = false;
    return out;
  };
  const save = async () => {
    setTried(true);
    setWrong([]);
    if (lack || busy) return;
    setBusy(true);
    try {
      const { before } = await applyEdit((c) => putRule(c, finished()));
      toast(a(edit ? 'rules.changed' : 'rules.added'), { undo: () => void applyText(before).then(() => toast(a('model.undone'))) });
      onClose();
    } catch (e) {
      setWrong(faults(e));
    } finally {
      setBusy(false);
    }
  };
  const fields = meta.fields.filter((f) => f.section && f.access === 'edit').map((f) => ({ value: f.name, text: label(f.label, lang, f.name) }));
  const languages = (['zh', 'en'] as const).toSorted(() => (lang === 'zh-CN' ? 0 : -1));
  return (
    <Dialog
      side
      width={560}
      title={edit ? a('rules.edit') : a('rules.new')}
      text={label(meta.label, lang)}
      onClose={onClose}
      onSubmit={() => void save()}
      foot={<><span className="sp" /><button type="submit" className="btn p" disabled={busy}>{edit ? t('act.save') : a('rules.add')}<kbd aria-hidden="true">Ctrl ↵</kbd></button></>}
    >
      {(wrong.length > 0 || (tried && lack)) && (
        <div className="notice late" role="alert" style={{ marginBottom: 14 }}>
          <Icon name="alert" />
          <div className="col">{tried && lack ? <b>{lack}</b> : <><b>{a('field.refused')}</b>{wrong.map((w) => <span key={w}>{w}</span>)}</>}</div>
        </div>
      )}
      <div className="adm-row">
        <span className="seg" role="group" aria-label={a('rules.kind')} style={{ alignSelf: 'flex-start' }}>
          <button type="button" aria-pressed={must} onClick={() => write(formula, true)}>{a('rules.must')}</button>
          <button type="button" aria-pressed={!must} onClick={() => write(formula, false)}>{a('rules.refuse')}</button>
        </span>
      </div>
      <Row label={a(must ? 'rules.mustFormula' : 'rules.refuseFormula')} need>
        {(id) => <Formula id={id} object={object} value={formula} breaks={!must} change={(c) => putRule(c, { ...finished(), enabled: true })} placeholder={must ? 'ISBLANK(website) OR STARTS(website, "http")' : 'level = "a" AND ISBLANK(phone)'} onChange={(v) => write(v)} />}
      </Row>
      {languages.map((l, i) => (
        <Row key={l} label={a(l === 'zh' ? 'rules.messageZh' : 'rules.messageEn')} hint={i === 0 ? a('rules.messageHint') : undefined} need={i === 0}>
          {(id, by) => <textarea id={id} className="adm-in" rows={2} maxLength={500} lang={l === 'zh' ? 'zh-CN' : 'en'} aria-describedby={by} value={draft.message[l]} onChange={(e) => set({ message: { ...draft.message, [l]: e.target.value } })} />}
        </Row>
      ))}
      <div className="adm-two">
        <Row label={a('rules.field')}>{(id) => <Choice id={id} value={draft.field ?? ''} options={[{ value: '', text: a('rules.noField') }, ...fields]} onChange={(v) => { const { field: _f, ...rest } = draft; setDraft(v ? { ...rest, field: v } : rest); }} />}</Row>
        <Row label={a('rules.code')} hint={edit ? a('field.nameStays') : a('rules.codeHint')}>
          {(id, by) => <input id={id} className="adm-in" aria-describedby={by} disabled={Boolean(edit)} spellCheck={false} value={code} onChange={(e) => { setNamed(true); set({ code: e.target.value.toLowerCase() }); }} />}
        </Row>
      </div>
      <Check label={a('rules.enabled')} checked={draft.enabled !== false} onChange={(v) => set({ enabled: v })} />
    </Dialog>
  );
}
