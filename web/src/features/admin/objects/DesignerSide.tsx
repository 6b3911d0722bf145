import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import { Icon } from '@/shared/icons';
import { useLang } from '@/shared/i18n';
import { Tag } from '@/shared/ui';
import { Row } from '../parts';
import { useA } from '../text';
import type { CField } from './custom';
import { fieldsOf, place, removeFrom, type Arranged, type Zone } from './layout';
import { kindText } from './types';

interface Props {
  object: string;
  now: Arranged;
  /** List columns are arranged here too. */
  lists: boolean;
  chosen: { field: string; zone: Zone } | null;
  own: CField | undefined;
  put: (next: Arranged) => void;
  zoneName: (z: Zone) => string;
  setChosen: (c: { field: string; zone: Zone } | null) => void;
  onEdit: (name: string) => void;
}

/** The chosen field or section in words, with everything a drag can do as buttons too. */
export function DesignerSide(p: Props) {
  const a = useA();
  const lang = useLang();
  const model = useModel();
  const { chosen, now, object } = p;
  if (!chosen) return <aside className="dsg-right" aria-label={a('layout.chosen')}><p className="mut s12">{a('layout.choose')}</p></aside>;
  if (!chosen.field) {
    const key = chosen.zone.slice(2);
    const s = now.sections.find((x) => x.key === key);
    if (!s) return <aside className="dsg-right" aria-label={a('layout.chosen')} />;
    const set = (l: 'en' | 'zh', text: string) => p.put({ ...now, sections: now.sections.map((x) => (x.key === key ? { ...x, label: { ...x.label, [l]: text } } : x)) });
    return (
      <aside className="dsg-right" aria-label={a('layout.chosen')}>
        <h2 className="b">{label(s.label, lang, key)}</h2>
        <Row label={a('field.labelZh')}>{(id) => <input id={id} className="adm-in" lang="zh-CN" value={s.label.zh} onChange={(e) => set('zh', e.target.value)} />}</Row>
        <Row label={a('field.labelEn')}>{(id) => <input id={id} className="adm-in" lang="en" value={s.label.en} onChange={(e) => set('en', e.target.value)} />}</Row>
      </aside>
    );
  }
  const f = model.field(object, chosen.field);
  if (!f) return <aside className="dsg-right" aria-label={a('layout.chosen')} />;
  const home: Zone = now.sections.map((s): Zone => `s:${s.key}`).find((z) => fieldsOf(now, z).includes(f.name)) ?? 'hidden';
  const twice = (zone: 'facts' | 'list') => {
    const on = now[zone].includes(f.name);
    return <label className="adm-check"><input type="checkbox" checked={on} onChange={() => p.put(on ? removeFrom(now, f.name, zone) : place(now, f.name, home, zone, 99))} /><span>{a(zone === 'facts' ? 'layout.inFacts' : 'layout.inList')}</span></label>;
  };
  const values = model.picks(f.picklist);
  return (
    <aside className="dsg-right" aria-label={a('layout.chosen')}>
      <div className="row"><h2 className="b el">{label(f.label, lang, f.name)}</h2><span className="sp" /><span className="tag">{a(kindText(f.type))}</span></div>
      <p className="api" style={{ marginBottom: 12 }}>{f.name}</p>
      <Row label={a('field.section')}>
        {(id) => (
          <select id={id} className="adm-in" value={home} onChange={(e) => { const z = e.target.value as Zone; p.put(z === 'hidden' ? removeFrom(now, f.name, home) : place(now, f.name, home, z, 999)); p.setChosen({ field: f.name, zone: z }); }}>
            {now.sections.map((s) => <option key={s.key} value={`s:${s.key}`}>{label(s.label, lang, s.key)}</option>)}
            <option value="hidden">{a('layout.hidden')}</option>
          </select>
        )}
      </Row>
      {twice('facts')}
      {p.lists && twice('list')}
      {f.help && <p className="sec s12" style={{ marginTop: 10 }}>{label(f.help, lang)}</p>}
      {values.length > 0 && <><p className="adm-label" style={{ marginTop: 14 }}>{a('values.count', { count: values.length })}</p><div className="row" style={{ flexWrap: 'wrap', gap: 4, marginTop: 4 }}>{values.slice(0, 12).map((v) => <Tag key={v.key} colour={v.color}>{label(v.label, lang, v.key)}</Tag>)}</div></>}
      {p.own ? <button type="button" className="btn s" style={{ marginTop: 16 }} onClick={() => p.onEdit(f.name)}><Icon name="edit" />{a('field.editShort')}</button> : <p className="dsg-note">{a('layout.shipped')}</p>}
    </aside>
  );
}
