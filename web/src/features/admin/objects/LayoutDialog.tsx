import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import { Dialog } from '@/shared/Dialog';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { toast } from '@/shared/toast';
import { Check, Choice, Row } from '../parts';
import { roleName } from '../roles/names';
import { fetchRoles, rolesKey } from '../roles/RolesPage';
import { useA } from '../text';
import { placeOf, putLayout, specials, type CFor, type Custom } from './custom';
import { toSpecial, type Arranged } from './layout';
import { applyEdit, applyText, faults } from './useCustom';

interface Props {
  object: string;
  custom: Custom;
  base: Arranged;
  /** What it may begin with, and with which. */
  starts: { key: string; text: string; what: Arranged }[];
  start: string;
  say: (l: CFor) => string;
  onClose: () => void;
  onDone: (place: string) => void;
}

/** A further layout: whom it is for, and what it begins with. */
export function LayoutDialog(p: Props) {
  const a = useA();
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const roles = useQuery({ queryKey: rolesKey, queryFn: fetchRoles });
  const [role, setRole] = useState('');
  const [field, setField] = useState('');
  const [value, setValue] = useState('');
  const [device, setDevice] = useState(false);
  const [start, setStart] = useState(p.start);
  const [wrong, setWrong] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);
  const types = model.object(p.object)!.fields.filter((f) => f.type === 'pick' && f.picklist && (f.section || p.base.hidden.includes(f.name)));
  const values = model.picks(model.field(p.object, field)?.picklist).filter((v) => v.active !== false);
  const whom: CFor = { ...(role ? { role } : {}), ...(field && value ? { when: { field, is: value } } : {}), ...(device ? { device: 'phone' as const } : {}) };
  const place = placeOf(whom);
  const taken = specials(p.custom, p.object).some((l) => placeOf(l) === place);
  const save = async () => {
    if (!place || taken || busy) return;
    setBusy(true);
    setWrong([]);
    try {
      const what = p.starts.find((s) => s.key === start)?.what ?? p.base;
      const { before } = await applyEdit((c) => putLayout(c, toSpecial(p.object, whom, p.base, what), p.object, place));
      toast(a('layouts.added', { name: p.say(whom) }), { undo: () => void applyText(before).then(() => toast(a('model.undone'))) });
      p.onDone(place);
      p.onClose();
    } catch (e) {
      setWrong(faults(e));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={a('layouts.addTitle')}
      text={a('layouts.addText')}
      width={520}
      onClose={p.onClose}
      onSubmit={() => void save()}
      foot={<><span className="mut s12" role="status">{taken ? a('layouts.there') : place ? '' : a('layouts.nobody')}</span><span className="sp" /><button type="button" className="btn q" onClick={p.onClose}>{t('act.cancel')}</button><button type="submit" className="btn p" disabled={!place || taken || busy}>{a('layouts.addDo')}</button></>}
    >
      {wrong.length > 0 && <div className="notice late" role="alert" style={{ marginBottom: 14 }}><Icon name="alert" /><div className="col"><b>{a('field.refused')}</b>{wrong.map((w) => <span key={w}>{w}</span>)}</div></div>}
      <Row label={a('layouts.byRole')}>{(id) => <Choice id={id} value={role} onChange={setRole} options={[{ value: '', text: a('layouts.everyRole') }, ...(roles.data ?? []).map((r) => ({ value: String(r['code']), text: roleName(r, lang) }))]} />}</Row>
      <div className="adm-two">
        <Row label={a('layouts.byType')}>{(id) => <Choice id={id} value={field} onChange={(f) => { setField(f); setValue(model.picks(model.field(p.object, f)?.picklist).find((v) => v.active !== false)?.key ?? ''); }} options={[{ value: '', text: a('layouts.everyType') }, ...types.map((f) => ({ value: f.name, text: label(f.label, lang, f.name) }))]} />}</Row>
        {field && <Row label={a('layouts.byValue')}>{(id) => <Choice id={id} value={value} onChange={setValue} options={values.map((v) => ({ value: v.key, text: label(v.label, lang, v.key) }))} />}</Row>}
      </div>
      <Check label={a('layouts.onPhone')} checked={device} onChange={setDevice} />
      {p.starts.length > 1 && <div style={{ marginTop: 14 }}><Row label={a('layouts.start')}>{(id) => <Choice id={id} value={start} onChange={setStart} options={p.starts.map((s) => ({ value: s.key, text: s.text }))} />}</Row></div>}
    </Dialog>
  );
}
