import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import { Icon, objectIcon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { initials } from '@/shared/pinyin';
import { SkeletonRows } from '@/shared/ui';
import { AdminPage, Body } from '../parts';
import { useA } from '../text';
import { ObjectDialog } from './ObjectDialog';
import { useCustom } from './useCustom';

/** Every object of the workspace, shipped and added, with what was added to it. */
export default function ObjectsPage() {
  const a = useA();
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const custom = useCustom();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [adding, setAdding] = useState(false);
  const rows = useMemo(() => {
    const needle = text.trim().toLowerCase();
    return model.doc.objects
      .map((o) => ({ o, name: label(o.label, lang, o.name), area: model.doc.areas.find((x) => x.name === o.area), own: o.fields.filter((f) => f.name.endsWith('__c')).length }))
      .filter((r) => !needle || r.name.toLowerCase().includes(needle) || r.o.name.includes(needle) || initials(r.name).includes(needle))
      .sort((x, y) => Number(Boolean(y.o.area && y.o.area !== 'settings')) - Number(Boolean(x.o.area && x.o.area !== 'settings')) || x.name.localeCompare(y.name, lang));
  }, [model, text, lang]);
  return (
    <AdminPage
      title={t('settings.objects')}
      actions={
        <>
          <Link className="btn" to="/settings/objects/from-sheet"><Icon name="upload" />{a('sheet.from')}</Link>
          <button type="button" className="btn p" disabled={!custom.data} onClick={() => setAdding(true)}><Icon name="plus" />{a('object.new')}</button>
        </>
      }
    >
      <Body label={t('settings.objects')}>
        <p className="adm-lead">{a('objects.lead')}</p>
        <div className="adm-bar"><input data-search className="adm-in" type="search" placeholder={a('objects.find')} aria-label={a('objects.find')} value={text} onChange={(e) => setText(e.target.value)} /></div>
        {custom.isPending ? <SkeletonRows /> : (
          <table className="adm-table">
            <thead><tr><th scope="col">{a('objects.object')}</th><th scope="col" className="hide">{a('objects.name')}</th><th scope="col" className="hide">{a('objects.area')}</th><th scope="col">{a('objects.fields')}</th></tr></thead>
            <tbody>
              {rows.map(({ o, name, area, own }) => (
                <tr key={o.name}>
                  <td><Link className="name" to="/settings/objects/$object" params={{ object: o.name }}><Icon name={objectIcon(o.icon, o.name)} /><span className="el">{name}</span>{o.name.endsWith('__c') && <span className="tag brand">{a('objects.own')}</span>}</Link></td>
                  <td className="hide"><span className="api">{o.name}</span></td>
                  <td className="hide sec">{area ? label(area.label, lang) : ''}</td>
                  <td className="num">{o.fields.filter((f) => f.section).length}{own > 0 && <span className="brand s12"> +{own}</span>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Body>
      {adding && custom.data && <ObjectDialog custom={custom.data.doc} onClose={() => setAdding(false)} onDone={(name) => void navigate({ to: '/settings/objects/$object', params: { object: name } })} />}
    </AdminPage>
  );
}

