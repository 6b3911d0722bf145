import { useState } from 'react';
import { label } from '@/api/model';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { Pop } from '@/shared/Pop';
import type { Browse } from './useBrowse';

/** Which columns, in which order. */
export function ColumnsButton({ browse }: { browse: Browse }) {
  const t = useT();
  const lang = useLang();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const chosen = browse.columns.map((f) => f.name);
  const rest = browse.object.fields.filter((f) => !chosen.includes(f.name) && !['json', 'rich'].includes(f.type));
  const move = (i: number, by: number) => {
    const next = [...chosen];
    const [it] = next.splice(i, 1);
    if (it) next.splice(i + by, 0, it);
    browse.set({ columns: next });
  };
  return (
    <>
      <button type="button" className="tap" aria-label={t('list.columns')} title={t('list.columns')} aria-haspopup="dialog" onClick={(e) => setAnchor(anchor ? null : e.currentTarget)}>
        <Icon name="sliders" />
      </button>
      {anchor && (
        <Pop anchor={anchor} onClose={() => setAnchor(null)} label={t('list.columns')} align="end" width={280}>
          <div className="cols-pop">
            <div className="row s12 mut">
              {t('list.columnsShown')}
              <span className="sp" />
              {browse.search.columns && <button type="button" className="link" onClick={() => browse.set({ columns: undefined })}>{t('act.reset')}</button>}
            </div>
            {browse.columns.map((f, i) => (
              <div key={f.name} className="row cols-row">
                <label className="row el">
                  <input type="checkbox" checked disabled={f.name === browse.object.title} onChange={() => browse.set({ columns: chosen.filter((n) => n !== f.name) })} />
                  <span className="el">{label(f.label, lang, f.name)}</span>
                </label>
                <span className="sp" />
                <button type="button" className="tap" aria-label={t('list.moveUp', { name: label(f.label, lang) })} disabled={i === 0} onClick={() => move(i, -1)}><Icon name="up" size={14} /></button>
                <button type="button" className="tap" aria-label={t('list.moveDown', { name: label(f.label, lang) })} disabled={i === chosen.length - 1} onClick={() => move(i, 1)}><Icon name="down" size={14} /></button>
              </div>
            ))}
            <div className="s12 mut" style={{ marginTop: 8 }}>{t('list.columnsMore')}</div>
            {rest.map((f) => (
              <label key={f.name} className="row cols-row">
                <input type="checkbox" checked={false} onChange={() => browse.set({ columns: [...chosen, f.name] })} />
                <span className="el">{label(f.label, lang, f.name)}</span>
              </label>
            ))}
          </div>
        </Pop>
      )}
    </>
  );
}
