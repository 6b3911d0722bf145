import { lazy, Suspense, useState } from 'react';
import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import type { HistoryEntry, ObjectMeta, Rec } from '@/api/types';
import * as fmt from '@/shared/format';
import { has, t as say, tDynamic, useLang, useT } from '@/shared/i18n';
import { Icon, type IconName } from '@/shared/icons';
import { MenuButton, type MenuItem } from '@/shared/Pop';
import { useRestore } from '../useRestore';
import { changeWords } from './words';

const AsOf = lazy(() => import('../AsOf'));

/** Colour by origin: a person's change grey, automation and imports violet. */
export function origin(e: HistoryEntry): { icon: IconName; tone: string } {
  if (e.op === 'create') return { icon: 'plus', tone: '' };
  if (e.op === 'delete') return { icon: 'trash', tone: 'grey' };
  if (e.via && !['page', 'web', 'ui', 'api', 'session', 'http'].includes(e.via)) return { icon: e.via.includes('import') ? 'upload' : 'bolt', tone: 'violet' };
  return { icon: 'history', tone: 'grey' };
}

/** A change of the record itself: before and after, and the way back for one value or for all. */
export function ChangeItem({ object, rec, entry, at, titles }: { object: ObjectMeta; rec: Rec; entry: HistoryEntry; at: Date; titles: Map<string, string> }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const { value } = useRestore(object, rec);
  const [asOf, setAsOf] = useState(false);
  const o = origin(entry);
  const shown = entry.op === 'create' ? [] : entry.changes;
  const words = (field: string, v: unknown) => changeWords(object.name, field, v, model, lang, titles);
  const nameOf = (field: string) => label(model.field(object.name, field)?.label, lang, field);
  const op = `timeline.op.${entry.op}`;
  const can = object.rights.edit && object.actions?.some((a) => a.name === 'restore_value') === true;
  const items: (MenuItem | 'line')[] = [
    ...(can && entry.op === 'update' ? shown.filter((c) => model.field(object.name, c.field)?.access === 'edit' && c.field !== object.status).map((c): MenuItem => ({ key: c.field, icon: 'undo', text: t('history.back', { field: nameOf(c.field), value: words(c.field, c.before) }), run: () => value(entry.seq, c.field, 'before') })) : []),
    { key: 'asof', icon: 'eye', text: t('history.asOf'), run: () => setAsOf(true) },
  ];
  return (
    <div className="tl-item">
      <span className={`av ${o.tone}`} aria-hidden="true"><Icon name={o.icon} size={14} /></span>
      <div className="col">
        <div className="tl-h">
          <b>{entry.actor?.name ?? say('timeline.system')}</b>
          <span className="sec el">{shown.length === 1 && shown[0] ? <Change label={nameOf(shown[0].field)} before={words(shown[0].field, shown[0].before)} after={words(shown[0].field, shown[0].after)} /> : has(op) ? tDynamic(op) : entry.op}</span>
          <span className="tl-menu"><MenuButton className="tap" label={t('history.menu')} items={items}><Icon name="more" /></MenuButton></span>
          <time dateTime={entry.at} title={fmt.exact(at)}>{fmt.dateTimeWords(at, lang)}</time>
        </div>
        {shown.length > 1 && shown.map((c) => <p key={c.field}><Change label={nameOf(c.field)} before={words(c.field, c.before)} after={words(c.field, c.after)} /></p>)}
      </div>
      <Suspense>{asOf && <AsOf object={object} rec={rec} at={entry.at} onClose={() => setAsOf(false)} />}</Suspense>
    </div>
  );
}

function Change({ label: name, before, after }: { label: string; before: string; after: string }) {
  return (
    <>
      {name} <span className="mut">{before}</span> → <b className="ink">{after}</b>
    </>
  );
}
