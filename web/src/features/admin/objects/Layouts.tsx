import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import type { Rec } from '@/api/types';
import { Icon } from '@/shared/icons';
import { useLang, type Lang } from '@/shared/i18n';
import { MenuButton } from '@/shared/Pop';
import { toast, toastError } from '@/shared/toast';
import { roleName } from '../roles/names';
import { fetchRoles, rolesKey } from '../roles/RolesPage';
import { useA } from '../text';
import { placeOf, putLayout, specials, type CFor, type Custom } from './custom';
import Designer from './Designer';
import { applied, arranged, type Arranged } from './layout';
import { LayoutDialog } from './LayoutDialog';
import { applyEdit, applyText, faults } from './useCustom';

/** Whom a layout is for, in words. */
export function useForWords(object: string): (l: CFor) => string {
  const a = useA();
  const lang: Lang = useLang();
  const model = useModel();
  const roles = useQuery({ queryKey: rolesKey, queryFn: fetchRoles });
  return (l) => {
    const role = roles.data?.find((r: Rec) => r['code'] === l.role);
    const type = l.when ?? (l.record_type ? { field: 'record_type', is: l.record_type } : undefined);
    const f = type && model.field(object, type.field);
    const value = type && (label(model.pick(f?.picklist, type.is)?.label, lang) || type.is);
    const parts = [
      ...(type ? [a('layouts.type', { field: label(f?.label, lang, type.field), value: value ?? type.is })] : []),
      ...(l.role ? [a('layouts.role', { name: role ? roleName(role, lang) : l.role })] : []),
      ...(l.device ? [a('layouts.phone')] : []),
    ];
    return parts.length ? parts.join(' · ') : a('layouts.everyone');
  };
}

/** The layouts of an object: for everyone, and for a role, a type of record or the phone; the chosen one in the designer. */
export default function Layouts({ object, custom, onNewField, onEdit }: { object: string; custom: Custom; onNewField: () => void; onEdit: (name: string) => void }) {
  const a = useA();
  const model = useModel();
  const meta = model.object(object)!;
  const say = useForWords(object);
  const [chosen, setChosen] = useState('');
  const [from, setFrom] = useState<{ of: string; version: string; what: Arranged } | null>(null);
  const [adding, setAdding] = useState(false);
  const all = useMemo(() => specials(custom, object), [custom, object]);
  const special = all.find((l) => placeOf(l) === chosen);
  const place = special ? chosen : '';
  const base = useMemo(() => arranged(meta), [meta]);
  const remove = async () => {
    if (!special) return;
    const name = say(special);
    try {
      const { before } = await applyEdit((c) => putLayout(c, null, object, place));
      setChosen('');
      toast(a('layouts.removed', { name }), { undo: () => void applyText(before).then(() => toast(a('model.undone'))) });
    } catch (e) {
      toastError(a('field.refused'), { detail: faults(e) });
    }
  };
  const others = [{ key: '', text: a('layouts.everyone'), what: base }, ...all.map((l) => ({ key: placeOf(l), text: say(l), what: applied(base, l) }))].filter((o) => o.key !== place);
  const version = String(model.doc.version);
  const begun = from && from.of === place && from.version === version ? from : null;
  return (
    <>
      <div className="lay-for">
        <label htmlFor="lay-for">{a('layouts.for')}</label>
        <select id="lay-for" className="adm-in" value={place} onChange={(e) => setChosen(e.target.value)}>
          <option value="">{a('layouts.everyone')}</option>
          {all.map((l) => <option key={placeOf(l)} value={placeOf(l)}>{say(l)}</option>)}
        </select>
        <button type="button" className="btn" onClick={() => setAdding(true)}><Icon name="plus" />{a('layouts.add')}</button>
        {special && (
          <>
            <MenuButton className="btn q" label={a('layouts.copy')} items={others.map((o) => ({ key: o.key || 'everyone', text: o.text, icon: 'copy', run: () => setFrom({ of: place, version, what: { ...o.what, list: base.list } }) }))}><Icon name="copy" />{a('layouts.copy')}</MenuButton>
            <button type="button" className="btn q danger" onClick={() => void remove()}><Icon name="trash" />{a('layouts.remove')}</button>
          </>
        )}
        {all.length > 0 && <span className="mut s12 lay-rank">{a('layouts.rank')}</span>}
      </div>
      <Designer key={`${version}|${place}|${begun ? JSON.stringify(begun.what) : ''}`} object={object} custom={custom} special={special} from={begun?.what} onNewField={onNewField} onEdit={onEdit} />
      {adding && <LayoutDialog object={object} custom={custom} starts={[{ key: '', text: a('layouts.everyone'), what: base }, ...all.map((l) => ({ key: placeOf(l), text: say(l), what: applied(base, l) }))]} base={base} start={place} say={say} onClose={() => setAdding(false)} onDone={setChosen} />}
    </>
  );
}
