import { useNavigate, useParams } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, useState } from 'react';
import { label, plural } from '@/api/model';
import { useModel } from '@/api/queries';
import type { FieldMeta } from '@/api/types';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { initials } from '@/shared/pinyin';
import { MenuButton } from '@/shared/Pop';
import { TabList, tabStop } from '@/shared/tabs';
import { toast, toastError } from '@/shared/toast';
import { Empty, SkeletonRows } from '@/shared/ui';
import { conditional } from '@/fields/conditions/conditions';
import { editable } from '@/fields/editable';
import { AdminPage, Body } from '../parts';
import { useA } from '../text';
import { findField, needs, retireField, retireObject, rulesOf, type Custom } from './custom';
import { ConditionDialog } from './ConditionDialog';
import { FieldDialog } from './FieldDialog';
import { LifeCycle } from './LifeCycle';
import { ObjectDialog } from './ObjectDialog';
import { RulesTab } from './RulesTab';
import { kindIcon, kindText } from './types';
import { applyEdit, applyText, faults, useCustom } from './useCustom';

const Layouts = lazy(() => import('./Layouts'));
type Tab = 'fields' | 'layout' | 'rules' | 'cycle';

/** One object: its fields, its layout, its life cycle. */
export default function ObjectPage() {
  const a = useA();
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const navigate = useNavigate();
  const { object: name } = useParams({ strict: false }) as { object: string };
  const meta = model.object(name);
  const custom = useCustom();
  const [tab, setTab] = useState<Tab>('fields');
  const [dialog, setDialog] = useState<{ edit?: string } | null>(null);
  const [conditions, setConditions] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  const [renaming, setRenaming] = useState(false);
  if (!meta) return <Empty drawing="search" title={t('state.notFound')} text={t('state.notFoundText')} />;
  const own = custom.data?.doc.object?.find((o) => o.name === name);
  const other = lang === 'en' ? meta.label.zh : meta.label.en;
  const remove = async () => {
    try {
      const { before } = await applyEdit((c) => retireObject(c, name));
      toast(a('object.retired', { name: label(meta.label, lang) }), { undo: () => void applyText(before).then(() => toast(a('model.undone'))) });
      await navigate({ to: '/settings/objects' });
    } catch (e) {
      toastError(a('field.refused'), { detail: faults(e) });
    }
  };
  const count = meta.fields.filter((f) => f.section).length;
  const tabs: [Tab, string][] = [['fields', a('tab.fields', { count })], ['layout', a('tab.layout')], ['rules', a('tab.rules', { count: (custom.data && rulesOf(custom.data.doc, name).length) || '' }).trim()], ...(meta.transitions?.length ? ([['cycle', a('tab.cycle')]] as [Tab, string][]) : [])];
  return (
    <AdminPage
      title={label(meta.label, lang, name)}
      tag={<span className="tag" lang={lang === 'en' ? 'zh-CN' : 'en'}>{other}</span>}
      crumbs={[{ to: '/settings/objects', text: t('settings.objects') }]}
      actions={
        <>
          <MenuButton className="btn ic" label={t('list.more')} items={[
            { key: 'list', text: t('palette.goto', { name: plural(meta, lang) }), icon: 'table', run: () => void navigate({ to: '/o/$object', params: { object: name } }) },
            ...(own ? ([{ key: 'rename', text: a('object.rename'), icon: 'edit', run: () => setRenaming(true) }, 'line', { key: 'retire', text: a('object.retire'), icon: 'trash', danger: true, run: () => void remove() }] as const) : []),
          ]}><Icon name="more" /></MenuButton>
          {tab === 'rules'
            ? <button type="button" className="btn p" disabled={!custom.data} onClick={() => setAdding(true)}><Icon name="plus" />{a('rules.new')}</button>
            : <button type="button" className="btn p" disabled={!custom.data} onClick={() => setDialog({})}><Icon name="plus" />{a('field.new')}</button>}
        </>
      }
      tabs={
        <TabList className="tabs" label={label(meta.label, lang, name)}>
          {tabs.map(([key, text]) => <button key={key} type="button" role="tab" aria-selected={tab === key} tabIndex={tabStop(tab === key)} onClick={() => setTab(key)}>{text}</button>)}
        </TabList>
      }
    >
      {!custom.data ? <SkeletonRows /> : tab === 'fields' ? (
        <Fields object={name} custom={custom.data.doc} onEdit={(edit) => setDialog({ edit })} onConditions={setConditions} />
      ) : tab === 'layout' ? (
        <Suspense fallback={<SkeletonRows />}><Layouts object={name} custom={custom.data.doc} onNewField={() => setDialog({})} onEdit={(edit) => setDialog({ edit })} /></Suspense>
      ) : tab === 'rules' ? (
        <RulesTab object={name} custom={custom.data.doc} adding={adding} onAdd={() => setAdding(true)} onAdded={() => setAdding(false)} />
      ) : (
        <LifeCycle object={meta} />
      )}
      {dialog && custom.data && <FieldDialog object={name} custom={custom.data.doc} {...dialog} onClose={() => setDialog(null)} />}
      {conditions && custom.data && <ConditionDialog object={name} field={conditions} custom={custom.data.doc} onClose={() => setConditions(null)} />}
      {renaming && own && custom.data && <ObjectDialog custom={custom.data.doc} edit={own} onClose={() => setRenaming(false)} />}
    </AdminPage>
  );
}

function Fields({ object, custom, onEdit, onConditions }: { object: string; custom: Custom; onEdit: (name: string) => void; onConditions: (name: string) => void }) {
  const a = useA();
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const meta = model.object(object)!;
  const [text, setText] = useState('');
  const [mine, setMine] = useState(false);
  const rows = useMemo(() => {
    const needle = text.trim().toLowerCase();
    const order = new Map((meta.sections ?? []).map((s, i) => [s.key, i]));
    return meta.fields
      .map((f) => ({ f, name: label(f.label, lang, f.name), own: findField(custom, object, f.name) !== undefined }))
      .filter((r) => (!mine || r.own) && (!needle || r.name.toLowerCase().includes(needle) || r.f.name.includes(needle) || initials(r.name).includes(needle)))
      .sort((x, y) => (order.get(x.f.section ?? '') ?? 99) - (order.get(y.f.section ?? '') ?? 99));
  }, [meta, text, mine, lang, custom, object]);
  const retire = async (f: FieldMeta) => {
    const held = needs(custom, object, f.name);
    const name = label(f.label, lang, f.name);
    if (held.length) return toastError(a('field.needed', { name }), { detail: held });
    try {
      const { before } = await applyEdit((c) => retireField(c, object, f.name));
      toast(a('field.retired', { name }), { undo: () => void applyText(before).then(() => toast(a('model.undone'))) });
    } catch (e) {
      toastError(a('field.refused'), { detail: faults(e) });
    }
  };
  const flags = (f: FieldMeta & { unique?: boolean }): string => [f.required && a('flag.required'), f.unique && a('flag.unique'), f.system && a('flag.system'), f.mask && a('flag.masked'), conditional(f) && a('flag.conditional')].filter(Boolean).join(' · ');
  return (
    <Body label={a('tab.fields', { count: meta.fields.length })}>
      <div className="adm-bar" style={{ marginTop: 12 }}>
        <input data-search className="adm-in" type="search" placeholder={a('fields.find')} aria-label={a('fields.find')} value={text} onChange={(e) => setText(e.target.value)} />
        <button type="button" className={mine ? 'chip on' : 'chip'} aria-pressed={mine} onClick={() => setMine(!mine)}>{a('fields.own')}</button>
      </div>
      <table className="adm-table">
        <thead><tr><th scope="col">{a('fields.field')}</th><th scope="col">{a('fields.kind')}</th><th scope="col" className="hide">{a('field.section')}</th><th scope="col" className="hide">{a('fields.flags')}</th><th scope="col" className="hide">{a('objects.name')}</th><th scope="col"><span className="sr">{t('list.more')}</span></th></tr></thead>
        <tbody>
          {rows.map(({ f, name, own }) => (
            <tr key={f.name} data-field={f.name}>
              <td>{own ? <button type="button" className="name" onClick={() => onEdit(f.name)}><Icon name={kindIcon(f.type)} /><span className="el">{name}</span><span className="tag brand">{a('objects.own')}</span></button> : <span className="name"><Icon name={kindIcon(f.type)} /><span className="el">{name}</span></span>}</td>
              <td className="sec">{a(kindText(f.type))}</td>
              <td className="hide sec">{label(meta.sections?.find((s) => s.key === f.section)?.label, lang, '')}</td>
              <td className="hide mut">{flags(f)}</td>
              <td className="hide"><span className="api">{f.name}</span></td>
              <td className="acts">
                {!own && f.section && editable(f) && <MenuButton className="tap" label={a('field.menu', { name })} items={[{ key: 'conditions', text: a('cond.open'), icon: 'formula', run: () => onConditions(f.name) }]}><Icon name="more" /></MenuButton>}
                {own && <MenuButton className="tap" label={a('field.menu', { name })} items={[
                  { key: 'edit', text: a('edit'), icon: 'edit', run: () => onEdit(f.name) },
                  { key: 'retire', text: a('field.retire'), icon: 'trash', danger: true, run: () => void retire(f) },
                ]}><Icon name="more" /></MenuButton>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <Empty title={a('fields.none')} text={a('fields.noneText')} />}
    </Body>
  );
}
