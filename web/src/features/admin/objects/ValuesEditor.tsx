import { useState } from 'react';
import { Icon } from '@/shared/icons';
import { useT } from '@/shared/i18n';
import { Pop } from '@/shared/Pop';
import { useA } from '../text';
import type { CValue } from './custom';
import { proposeKey } from './names';
import { colours } from './types';

export interface DraftValue extends Omit<CValue, 'key'> {
  /** Empty while it is new: made from the labels when saved. */
  key: string;
  row: number;
}

let rows = 0;
export const newValue = (): DraftValue => ({ key: '', label: { en: '', zh: '' }, color: colours[rows % colours.length] ?? 'grey', row: ++rows });
export const draftOf = (v: CValue): DraftValue => ({ ...v, row: ++rows });

/** Values with keys, those without any label left out. One label serves both languages when only one was written. */
export function finish(values: DraftValue[], suffix: string, taken: ReadonlySet<string> = new Set()): CValue[] {
  const used = new Set([...taken, ...values.map((v) => v.key).filter(Boolean)]);
  return values
    .filter((v) => v.label.en.trim() || v.label.zh.trim())
    .map((v): CValue => {
      const label = { en: v.label.en.trim() || v.label.zh.trim(), zh: v.label.zh.trim() || v.label.en.trim() };
      const key = v.key || proposeKey(v.label.en, v.label.zh, used, suffix);
      used.add(key);
      return { key, label, ...(v.color ? { color: v.color } : {}) };
    });
}

/** The values of a picklist: colour, both labels, order. Enter in the last row adds another. */
export function ValuesEditor({ values, onChange }: { values: DraftValue[]; onChange: (v: DraftValue[]) => void }) {
  const a = useA();
  const t = useT();
  const set = (row: number, part: Partial<DraftValue>) => onChange(values.map((v) => (v.row === row ? { ...v, ...part } : v)));
  const move = (i: number, by: number) => {
    const next = [...values];
    const [one] = next.splice(i, 1);
    if (one) next.splice(i + by, 0, one);
    onChange(next);
  };
  const add = () => {
    const made = newValue();
    onChange([...values, made]);
    requestAnimationFrame(() => document.getElementById(`val-${made.row}`)?.focus());
  };
  return (
    <>
      <ul className="vals">
        {values.map((v, i) => {
          const name = v.label.zh || v.label.en || String(i + 1);
          return (
            <li key={v.row}>
              <Colour value={v.color ?? 'grey'} label={a('values.colourOf', { name })} onChange={(color) => set(v.row, { color })} />
              <input id={`val-${v.row}`} className="adm-in" placeholder="中文" aria-label={a('values.zh', { n: i + 1 })} value={v.label.zh} onChange={(e) => set(v.row, { label: { ...v.label, zh: e.target.value } })} onKeyDown={(e) => { if (e.key === 'Enter' && !e.nativeEvent.isComposing && !e.ctrlKey && !e.metaKey) { e.preventDefault(); add(); } }} />
              <input className="adm-in" placeholder="English" aria-label={a('values.en', { n: i + 1 })} value={v.label.en} onChange={(e) => set(v.row, { label: { ...v.label, en: e.target.value } })} />
              <span className="dots">
                <button type="button" className="tap mv" disabled={i === 0} aria-label={t('list.moveUp', { name })} onClick={() => move(i, -1)}><Icon name="up" size={14} /></button>
                <button type="button" className="tap mv" disabled={i === values.length - 1} aria-label={t('list.moveDown', { name })} onClick={() => move(i, 1)}><Icon name="down" size={14} /></button>
                <button type="button" className="tap" aria-label={a('values.remove', { name })} onClick={() => onChange(values.filter((x) => x.row !== v.row))}><Icon name="x" size={14} /></button>
              </span>
            </li>
          );
        })}
      </ul>
      <button type="button" className="btn s" onClick={add}><Icon name="plus" />{a('values.add')}</button>
    </>
  );
}

function Colour({ value, label, onChange }: { value: string; label: string; onChange: (v: string) => void }) {
  const a = useA();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  return (
    <>
      <button type="button" className={`dot ${value}`} aria-label={label} aria-haspopup="dialog" onClick={(e) => setAnchor(anchor ? null : e.currentTarget)} />
      {anchor && (
        <Pop anchor={anchor} onClose={() => setAnchor(null)} label={label}>
          <div className="swatches">
            {colours.map((c) => <button key={c} type="button" className={`dot ${c}`} aria-label={a(`colour.${c}`)} aria-pressed={c === value} onClick={() => { onChange(c); setAnchor(null); }} />)}
          </div>
        </Pop>
      )}
    </>
  );
}
