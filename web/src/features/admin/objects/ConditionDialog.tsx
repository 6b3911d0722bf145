import { useState } from 'react';
import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import { Dialog } from '@/shared/Dialog';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { toast } from '@/shared/toast';
import { Row } from '../parts';
import { useA, type AdminKey } from '../text';
import { putCondition, type CCondition, type Custom } from './custom';
import { Formula } from './Formula';
import { applyEdit, applyText, faults } from './useCustom';

const kinds = ['visible_if', 'required_if', 'readonly_if'] as const;

/** When a field that came with the product is shown, required or read only. */
export function ConditionDialog({ object, field, custom, onClose }: { object: string; field: string; custom: Custom; onClose: () => void }) {
  const a = useA();
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const meta = model.object(object)!;
  const f = model.field(object, field)!;
  const said = custom.condition?.find((c) => c.object === object && c.field === field);
  const [draft, setDraft] = useState<Record<string, string>>(() => Object.fromEntries(kinds.map((k) => [k, said?.[k] ?? f[k]?.formula ?? ''])));
  const [wrong, setWrong] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);
  /** Only what differs from how the field is without it. */
  const finished = (): CCondition => {
    const out: CCondition = { object, field };
    for (const k of kinds) {
      const text = draft[k]?.trim() ?? '';
      const stands = f[k]?.formula ?? '';
      if (text || said?.[k] !== undefined || stands) {
        if (said?.[k] === undefined && text === stands) continue;
        // A formula of one's own that is taken away needs no word; one that was shipped has to be lifted.
        if (!text && said?.[k]) continue;
        out[k] = text;
      }
    }
    return out;
  };
  const save = async () => {
    if (busy) return;
    setBusy(true);
    setWrong([]);
    try {
      const { before } = await applyEdit((c) => putCondition(c, finished()));
      toast(a('cond.changed', { name: label(f.label, lang, field) }), { undo: () => void applyText(before).then(() => toast(a('model.undone'))) });
      onClose();
    } catch (e) {
      setWrong(faults(e));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      side
      width={560}
      title={a('cond.of', { name: label(f.label, lang, field) })}
      text={label(meta.label, lang)}
      onClose={onClose}
      onSubmit={() => void save()}
      foot={<><span className="sp" /><button type="submit" className="btn p" disabled={busy}>{t('act.save')}<kbd aria-hidden="true">Ctrl ↵</kbd></button></>}
    >
      {wrong.length > 0 && (
        <div className="notice late" role="alert" style={{ marginBottom: 14 }}>
          <Icon name="alert" />
          <div className="col"><b>{a('field.refused')}</b>{wrong.map((w) => <span key={w}>{w}</span>)}</div>
        </div>
      )}
      {kinds.filter((k) => k !== 'visible_if' || field !== meta.title).map((k, i) => (
        <Row key={k} label={a(`rule.${k}` as AdminKey)} hint={i === 0 ? a('cond.hint') : undefined}>
          {(id) => <Formula id={id} object={object} rows={2} value={draft[k] ?? ''} placeholder={'level = "a"'} change={(c) => putCondition(c, finished())} onChange={(v) => setDraft({ ...draft, [k]: v })} />}
        </Row>
      ))}
    </Dialog>
  );
}
