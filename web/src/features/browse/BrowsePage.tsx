import { useParams } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState, type ComponentType } from 'react';
import { inner, label, plural } from '@/api/model';
import { useModel } from '@/api/queries';
import { open } from '@/shared/commands';
import { useHotkeys } from '@/shared/hotkeys';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { Empty, SkeletonRows } from '@/shared/ui';
import { phone } from '@/shared/prefs';
import type { Layout } from '@/shared/search';
import { useStore } from '@/shared/store';
import { FilterBar } from './filter/FilterBar';
import { useBrowse, type Browse } from './useBrowse';
import { useViews } from './views/views';
import { ViewTabs } from './views/ViewTabs';
import { MoreMenu } from './MoreMenu';
import './browse.css';
import './filter/filter.css';

const TableView = lazy(() => import('./table/TableView'));
const BoardView = lazy(() => import('./board/BoardView'));
const CalendarView = lazy(() => import('./calendar/CalendarView'));
const TimelineView = lazy(() => import('./calendar/TimelineView'));
const MapView = lazy(() => import('./map/MapView'));
const SidePanel = lazy(() => import('./split/SidePanel'));

const views: Record<Layout, ComponentType<{ browse: Browse; onHead: (text: string) => void }>> = { table: TableView, split: TableView, board: BoardView, calendar: CalendarView, timeline: TimelineView, map: MapView };

/** One page for every object: views, conditions, and the records as table or board. */
export default function BrowsePage() {
  const { object: name } = useParams({ strict: false });
  const model = useModel();
  const t = useT();
  const object = model.object(name ?? '');
  if (!object) return <Empty page drawing="search" title={t('state.notFound')} text={t('state.notFoundText')} />;
  return <Records key={object.name} name={object.name} />;
}

function Records({ name }: { name: string }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const object = model.object(name)!;
  const saved = useViews(name, model);
  const browse = useBrowse(object, model, saved.data);
  const small = useStore(phone);
  const [head, setHead] = useState('');
  useEffect(() => {
    document.title = `${plural(object, lang)} · ${t('app.name')}`;
  }, [object, lang, t]);
  const create = () => object.rights.create && open({ kind: 'create', object: name });
  useHotkeys([{ key: 'c', run: create }]);
  // A saved view decides filter and layout: wait for it rather than show everything first.
  const ready = !browse.search.view || saved.isFetched;
  const View = views[browse.layout];
  const beside = !small && (browse.layout === 'split' || browse.search.open !== undefined);
  return (
    <>
      <header className="top">
        <h1>{plural(object, lang)}</h1>
        <span className="mut s13 num" role="status">{head}</span>
        <span className="sp" />
        <MoreMenu browse={browse} />
        {object.rights.create && (
          <button type="button" className={small ? 'btn p ic' : 'btn p s'} onClick={create} aria-label={t('act.newOf', { name: inner(label(object.label, lang), lang) })}>
            <Icon name="plus" />
            {!small && (
              <>
                {t('act.newOf', { name: inner(label(object.label, lang), lang) })}
                <kbd aria-hidden="true">C</kbd>
              </>
            )}
          </button>
        )}
      </header>
      <ViewTabs browse={browse} views={saved.data ?? []} />
      <FilterBar browse={browse} />
      <div className="browse-body">
        <div className="browse-main">
          <Suspense fallback={<SkeletonRows />}>{ready && <View key={views[browse.layout] === views.table ? 'table' : browse.layout} browse={browse} onHead={setHead} />}</Suspense>
        </div>
        {ready && beside && (
          <Suspense fallback={<div className="split-hint" />}>
            {browse.search.open ? <SidePanel key={browse.search.open} browse={browse} id={browse.search.open} /> : <div className="split-hint"><Empty title={t('split.none')} text={t('split.noneText')} /></div>}
          </Suspense>
        )}
      </div>
    </>
  );
}
