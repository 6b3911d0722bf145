import { useMemo, useState } from 'react';
import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import { Dialog } from '@/shared/Dialog';
import { Icon, type IconName } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { toast } from '@/shared/toast';
import { Choice, Row } from '../parts';
import { useA } from '../text';
import { putObject, type CObject, type Custom } from './custom';
import { propose } from './names';
import { applyEdit, applyText, faults } from './useCustom';

const icons: IconName[] = ['box', 'building', 'user', 'users', 'target', 'spark', 'file', 'coin', 'tagIcon', 'flag', 'pin', 'calendar', 'chat', 'phone', 'mail', 'note', 'shield', 'star', 'bolt', 'chart', 'key', 'clock', 'device', 'globe'];

/** A new object: what it is called, where it stands, what its records are called by. Or the labels of one that was added. */
export function ObjectDialog({ custom, edit, onClose, onDone }: { custom: Custom; edit?: CObject | undefined; onClose: () => void; onDone?: (name: string) => void }) {
  const a = useA();
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const [lab, setLab] = useState(edit?.label ?? { en: '', zh: '' });
  const [many, setMany] = useState(edit?.plural.en ?? '');
  const [icon, setIcon] = useState<string>(edit?.icon ?? 'box');
  const [area, setArea] = useState(edit?.area ?? 'sales');
  const [parent, setParent] = useState('');
  const [title, setTitle] = useState<'text' | 'auto'>('text');
  const [wrong, setWrong] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);
  const taken = useMemo(() => new Set([...model.doc.objects.map((o) => o.name), ...(custom.object ?? []).map((o) => o.name)]), [model, custom]);
  const name = edit?.name ?? propose(lab.en, lab.zh, taken);
  const ready = Boolean(lab.en.trim() || lab.zh.trim());
  const areas = [...model.doc.areas.filter((x) => x.name !== 'settings').map((x) => ({ value: x.name, text: label(x.label, lang, x.name) })), { value: '', text: a('object.noArea') }];
  const save = async () => {
    if (!ready || busy) return;
    setBusy(true);
    setWrong([]);
    const both = { en: lab.en.trim() || lab.zh.trim(), zh: lab.zh.trim() || lab.en.trim() };
    const plural = { en: many.trim() || both.en, zh: both.zh };
    try {
      const { before } = await applyEdit((c) => {
        const was = c.object?.find((o) => o.name === name);
        if (was) {
          Object.assign(was, { label: both, plural, icon, area: area || undefined });
          return;
        }
        const fields: CObject['section'][number]['fields'] = [
          title === 'auto'
            ? { name: 'number__c', type: 'auto', pattern: `${name[0]?.toUpperCase() ?? 'N'}{YYYY}{0000}`, label: { en: `${both.en} No.`, zh: `${both.zh}编号` } }
            : { name: 'name__c', type: 'text', label: { en: 'Name', zh: '名称' }, required: true, searchable: true },
        ];
        if (parent) fields.push({ name: `${parent.replace(/__c$/, '')}_id__c`, type: 'ref', target: parent, label: model.object(parent)?.label ?? both });
        putObject(c, {
          name, kind: 'ownable', label: both, plural, icon, ...(area ? { area } : {}), position: 500, title: fields[0]!.name, default_sort: '-updated_at',
          list: [...fields.map((f) => f.name), 'owner_id', 'updated_at'],
          section: [{ key: 'main', label: { en: 'Main', zh: '基本信息' }, fields }],
        });
      });
      toast(a(edit ? 'object.changed' : 'object.added', { name: lang === 'en' ? both.en : both.zh }), { undo: () => void applyText(before).then(() => toast(a('model.undone'))) });
      onDone?.(name);
      onClose();
    } catch (e) {
      setWrong(faults(e));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={edit ? a('object.edit', { name: label(edit.label, lang) }) : a('object.new')}
      text={edit ? undefined : a('object.text')}
      onClose={onClose}
      onSubmit={() => void save()}
      foot={<><span className="sp" /><button type="button" className="btn q" onClick={onClose}>{t('act.cancel')}</button><button type="submit" className="btn p" disabled={!ready || busy}>{edit ? t('act.save') : a('object.add')}</button></>}
    >
      {wrong.length > 0 && <div className="notice late" role="alert" style={{ marginBottom: 14 }}><Icon name="alert" /><div className="col"><b>{a('field.refused')}</b>{wrong.map((w) => <span key={w}>{w}</span>)}</div></div>}
      <div className="adm-two">
        <Row label={a('field.labelZh')} need>{(id) => <input id={id} className="adm-in" lang="zh-CN" data-autofocus value={lab.zh} onChange={(e) => setLab({ ...lab, zh: e.target.value })} />}</Row>
        <Row label={a('field.labelEn')}>{(id) => <input id={id} className="adm-in" lang="en" value={lab.en} onChange={(e) => setLab({ ...lab, en: e.target.value })} />}</Row>
        <Row label={a('object.plural')}>{(id) => <input id={id} className="adm-in" lang="en" placeholder={lab.en} value={many} onChange={(e) => setMany(e.target.value)} />}</Row>
        <Row label={a('objects.area')}>{(id) => <Choice id={id} value={area} options={areas} onChange={setArea} />}</Row>
        {!edit && <Row label={a('object.title')}>{(id) => <Choice id={id} value={title} options={[{ value: 'text', text: a('object.titleText') }, { value: 'auto', text: a('object.titleAuto') }]} onChange={(v) => setTitle(v === 'auto' ? 'auto' : 'text')} />}</Row>}
        {!edit && <Row label={a('object.parent')} hint={a('object.parentHint')}>{(id, by) => <Choice id={id} describedBy={by} value={parent} options={[{ value: '', text: a('object.noParent') }, ...model.navigation().flatMap((x) => x.objects).map((o) => ({ value: o.name, text: label(o.label, lang, o.name) }))]} onChange={setParent} />}</Row>}
      </div>
      <p className="adm-label">{a('object.icon')}</p>
      <div className="icon-grid" role="radiogroup" aria-label={a('object.icon')}>
        {icons.map((i) => <button key={i} type="button" role="radio" aria-checked={icon === i} aria-label={i} className={icon === i ? 'tap on' : 'tap'} onClick={() => setIcon(i)}><Icon name={i} /></button>)}
      </div>
      <p className="mut s12">{a('field.name')}: <span className="api">{name}</span></p>
    </Dialog>
  );
}
