import { useState } from 'react';
import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { useLang } from '@/shared/i18n';
import { Choice, Row } from '../parts';
import { useA, type AdminKey } from '../text';
import { kindIcon, kindText } from '../objects/types';
import { ValuesEditor } from '../objects/ValuesEditor';
import { mayBeUnique, relabel, sheetTypes, type ColumnDraft, type DateOrder, type SheetType } from './draft';

interface Props {
  column: ColumnDraft;
  /** Records are called by it. */
  title: boolean;
  wrong: string[];
  onChange: (part: Partial<ColumnDraft>) => void;
}

const dates: readonly DateOrder[] = ['ymd', 'mdy', 'dmy'];

/** A column of the sheet and the field it becomes; what is seldom changed stands behind the arrow. */
export function ColumnRow({ column: c, title, wrong, onChange }: Props) {
  const a = useA();
  const lang = useLang();
  const model = useModel();
  const [open, setOpen] = useState(false);
  const tongue = lang === 'en' ? 'en' : 'zh';
  const name = c.label[tongue] || c.guess.column;
  const types = sheetTypes.map((value) => ({ value, text: value === 'owner' ? a('sheet.owner') : a(kindText(value)) }));
  const objects = model.doc.objects.filter((o) => o.kind === 'ownable').map((o) => ({ value: o.name, text: label(o.label, lang, o.name) })).sort((x, y) => x.text.localeCompare(y.text, lang));
  const known = objects.some((o) => o.value === c.target) || !c.target ? objects : [...objects, { value: c.target, text: label(model.object(c.target)?.label, lang, c.target) }];
  const dated = c.type === 'date' || c.type === 'dt';
  const same = c.type === c.guess.type;
  const said = c.guess.remarks.filter((r) => (r.code === 'odd' || r.code === 'unmatched' ? same : r.code !== 'unknown_order' || (dated && !c.date)));
  const remark = (r: (typeof said)[number]) => {
    const p = r.params as { count?: number; row?: number; value?: string };
    return a(`sheet.remark.${r.code}` as AdminKey, { count: p.count ?? 0, n: fmt.number(p.count ?? 0, lang), row: p.row ?? 0, value: p.value ?? '' });
  };
  const hints = [
    ...(c.keep && c.required && c.guess.blank > 0 && c.type !== 'owner' ? [a('sheet.blankRefused', { count: c.guess.blank, n: fmt.number(c.guess.blank, lang) })] : []),
    ...(c.keep && c.unique && mayBeUnique(c) && !c.guess.distinct ? [a('sheet.repeatRefused')] : []),
  ];
  const details = c.keep && c.type !== 'owner';
  return (
    <>
      <tr data-column={c.guess.column} className={c.keep ? '' : 'off'}>
        <td className="ck"><input type="checkbox" checked={c.keep} aria-label={a('sheet.keepOf', { name: c.guess.column })} onChange={(e) => onChange({ keep: e.target.checked })} /></td>
        <td className="wrap from">
          <b className="b">{c.guess.column}</b>
          <span className="mut s12 eg">{c.guess.samples.join(' · ') || a('sheet.noValue')}</span>
          {c.keep && said.map((r) => <span key={r.code} className={`s12 note ${r.code === 'odd' || r.code === 'unmatched' || r.code === 'unknown_order' || r.code === 'repeats' ? 'warn' : 'mut'}`}><Icon name="alert" size={12} />{remark(r)}</span>)}
          {hints.map((h) => <span key={h} className="s12 note warn"><Icon name="alert" size={12} />{h}</span>)}
          {wrong.map((w) => <span key={w} className="s12 note late" role="alert"><Icon name="alert" size={12} />{a(w as AdminKey)}</span>)}
        </td>
        <td className="lab">{c.keep && c.type !== 'owner' && <input className="adm-in" aria-label={a('sheet.labelOf', { name: c.guess.column })} aria-invalid={wrong.includes('sheet.needLabel') || undefined} value={c.label[tongue]} onChange={(e) => onChange({ label: relabel(c.label, tongue, e.target.value) })} />}</td>
        <td className="ty">
          {c.keep && (
            <div className="row">
              <Icon name={c.type === 'owner' ? 'user' : kindIcon(c.type)} />
              <Choice label={a('sheet.typeOf', { name })} value={c.type} disabled={title} options={types} onChange={(v) => { onChange({ type: v as SheetType }); if (v === 'pick' && c.values.length === 0) setOpen(true); }} />
            </div>
          )}
          {c.keep && c.type === 'ref' && <Choice label={a('sheet.targetOf', { name })} value={c.target} options={[{ value: '', text: a('ref.choose') }, ...known]} onChange={(target) => onChange({ target })} />}
          {c.keep && c.type === 'pick' && c.values.length > 0 && <button type="button" className="sheet-opts" aria-expanded={open} onClick={() => setOpen(!open)}>{c.values.slice(0, 4).map((v) => <span key={v.row} className="tag">{v.label[tongue] || v.label.en}</span>)}{c.values.length > 4 && <span className="mut s12">+{c.values.length - 4}</span>}</button>}
          {c.keep && dated && (!c.guess.date || c.date !== c.guess.date) && <Choice label={a('sheet.orderOf', { name })} value={c.date ?? ''} options={[{ value: '', text: a('sheet.orderAuto') }, ...dates.map((d) => ({ value: d, text: a(`sheet.order.${d}`) }))]} onChange={(v) => onChange({ date: v ? (v as DateOrder) : undefined })} />}
          {title && <span className="mut s12">{a('sheet.isTitle')}</span>}
        </td>
        <td className="ck" data-head={a('flag.required')}>{details && c.type !== 'bool' && <input type="checkbox" checked={c.required} disabled={title} aria-label={a('sheet.requiredOf', { name })} onChange={(e) => onChange({ required: e.target.checked })} />}</td>
        <td className="ck" data-head={a('flag.unique')}>{details && mayBeUnique(c) && <input type="checkbox" checked={c.unique} aria-label={a('sheet.uniqueOf', { name })} onChange={(e) => onChange({ unique: e.target.checked })} />}</td>
        <td className="acts">{details && <button type="button" className="tap" aria-expanded={open} aria-label={a('sheet.moreOf', { name })} onClick={() => setOpen(!open)}><Icon name={open ? 'up' : 'down'} size={14} /></button>}</td>
      </tr>
      {open && details && (
        <tr className="sheet-more">
          <td />
          <td colSpan={6} className="wrap">
            <div className="sheet-more-in">
              <Row label={lang === 'en' ? a('field.labelZh') : a('field.labelEn')}>{(id) => <input id={id} className="adm-in" lang={lang === 'en' ? 'zh-CN' : 'en'} value={c.label[tongue === 'en' ? 'zh' : 'en']} onChange={(e) => onChange({ label: { ...c.label, [tongue === 'en' ? 'zh' : 'en']: e.target.value } })} />}</Row>
              <Row label={a('objects.name')}>{(id) => <input id={id} className="adm-in api" spellCheck={false} value={c.name} onChange={(e) => onChange({ name: e.target.value.trim() })} />}</Row>
              {c.type === 'dec' && <Row label={a('limit.scale')}>{(id) => <Choice id={id} value={String(c.scale)} options={[1, 2, 3, 4, 5, 6].map((n) => ({ value: String(n), text: String(n) }))} onChange={(v) => onChange({ scale: Number(v) })} />}</Row>}
            </div>
            {c.type === 'pick' && <><p className="adm-label">{a('values.title')}</p><ValuesEditor values={c.values} onChange={(values) => onChange({ values })} /></>}
          </td>
        </tr>
      )}
    </>
  );
}
