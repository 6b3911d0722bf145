import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { label } from '@/api/model';
import { useModel, useTitlesOf } from '@/api/queries';
import type { Filter } from '@/api/types';
import { composing } from '@/shared/hotkeys';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { MenuButton, Pop } from '@/shared/Pop';
import { combine, conditions, idsIn, isLeaf, sentence } from './filters';
import { phone } from '@/shared/prefs';
import { useStore } from '@/shared/store';
import { boardFields } from '../board/cards';
import { ColumnsButton } from '../ColumnsButton';
import { LayoutSwitch } from '../LayoutSwitch';
import { groupFields } from '../table/useGroups';
import type { Browse } from '../useBrowse';

const phoneLayouts = ['table', 'board', 'calendar', 'map'] as const;

const FilterEditor = lazy(() => import('./FilterEditor'));
const FilterBuilder = lazy(() => import('./FilterBuilder'));

/** Conditions as chips that read as a sentence; search; columns; table or board. */
export function FilterBar({ browse }: { browse: Browse }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const list = conditions(browse.filter);
  const titles = useTitlesOf(useMemo(() => [...idsIn(browse.filter, browse.object.name, model)], [browse.filter, browse.object.name, model]));
  const [editing, setEditing] = useState<{ anchor: HTMLElement; index: number } | null>(null);
  const [building, setBuilding] = useState<HTMLElement | null>(null);
  const change = (next: Filter[]) => browse.set({ filter: combine(next) ?? (browse.view?.filter ? { and: [] } : undefined) });
  const apply = (index: number, made: Filter) => {
    change(index < list.length ? list.map((c, i) => (i === index ? made : c)) : [...list, made]);
    setEditing(null);
  };
  const now = editing ? list[editing.index] : undefined;
  const lanes = browse.object.fields.filter((f) => f.groupable && f.name !== browse.by?.name && f.name !== browse.object.board && ['user', 'pick', 'dept', 'ref', 'bool'].includes(f.type) && (f.section || ['owner_id', 'dept_id'].includes(f.name)));
  const { lane } = browse;
  const columnFields = useMemo(() => boardFields(browse.object), [browse.object]);
  const small = useStore(phone);
  const tabular = browse.layout === 'table' || browse.layout === 'split';
  const groups = useMemo(() => groupFields(browse.object.fields.filter((f) => f.section || ['owner_id', 'dept_id', 'created_at'].includes(f.name))), [browse.object]);
  return (
    <div className="bar">
      <div className="bar-chips">
        {list.map((c, i) => {
          const s = sentence(c, browse.object.name, model, lang, titles);
          return (
            <span key={isLeaf(c) ? `${c.field}${c.op}${i}` : i} className="chip">
              <button type="button" className="chip-text" aria-label={t('filter.edit', { text: s.before + s.value })} onClick={(e) => (isLeaf(c) ? setEditing({ anchor: e.currentTarget, index: i }) : setBuilding(e.currentTarget))}>
                {s.before}
                <b>{s.value}</b>
              </button>
              <button type="button" className="chip-x" aria-label={t('filter.remove', { text: s.before + s.value })} onClick={() => change(list.filter((_, k) => k !== i))}>
                <Icon name="x" />
              </button>
            </span>
          );
        })}
        <button type="button" className="chip add" onClick={(e) => setEditing({ anchor: e.currentTarget, index: list.length })}>
          <Icon name="plus" />
          {t('filter.add')}
        </button>
        <button type="button" className="tap" aria-label={t('filter.all')} title={t('filter.all')} aria-haspopup="dialog" onClick={(e) => setBuilding(e.currentTarget)}>
          <Icon name="filter" />
        </button>
        {list.length > 1 && (
          <button type="button" className="chip plain" onClick={() => change([])}>{t('filter.clear')}</button>
        )}
      </div>
      <span className="sp" />
      <SearchBox browse={browse} />
      {browse.layout === 'board' && !small && columnFields.length > 1 && (
        <MenuButton
          className={browse.by?.name === browse.object.board ? 'chip plain' : 'chip'}
          label={`${t('board.columns')} ${label(browse.by?.label, lang)}`}
          items={columnFields.map((f) => ({ key: f.name, text: label(f.label, lang, f.name), checked: browse.by?.name === f.name, run: () => browse.set({ by: f.name === browse.object.board ? undefined : f.name }) }))}
        >
          <Icon name="board" />
          {browse.by?.name !== browse.object.board && <b>{label(browse.by?.label, lang)}</b>}
          <Icon name="down" />
        </MenuButton>
      )}
      {browse.layout === 'board' && lanes.length > 0 && (
        <MenuButton
          className="chip"
          worded
          label={t('board.lanes')}
          items={[
            { key: '', text: t('board.noLanes'), checked: !lane, run: () => browse.set({ lane: browse.view?.lane ? '-' : undefined }) },
            ...lanes.slice(0, 24).map((f) => ({ key: f.name, text: label(f.label, lang, f.name), checked: lane?.name === f.name, run: () => browse.set({ lane: f.name }) })),
          ]}
        >
          <Icon name="lanes" />
          {t('board.lane')}
          <b>{lane ? label(lane.label, lang) : t('board.none')}</b>
          <Icon name="down" />
        </MenuButton>
      )}
      {tabular && !small && groups.length > 0 && (
        <MenuButton
          className={browse.group ? 'chip' : 'chip plain'}
          worded={browse.group !== undefined}
          label={t('group.by')}
          items={[
            { key: '', text: t('group.none'), checked: !browse.group, run: () => browse.set({ group: browse.view?.group ? '-' : undefined }) },
            ...groups.map((f) => ({ key: f.name, text: label(f.label, lang, f.name), checked: browse.group?.name === f.name, run: () => browse.set({ group: f.name }) })),
          ]}
        >
          <Icon name="lanes" />
          {browse.group && <>{t('group.by')} <b>{label(browse.group.label, lang)}</b><Icon name="down" /></>}
        </MenuButton>
      )}
      {tabular && !small && <ColumnsButton browse={browse} />}
      <LayoutSwitch browse={browse} {...(small ? { only: phoneLayouts } : {})} />
      {building && (
        <Pop anchor={building} onClose={() => setBuilding(null)} label={t('filter.all')} width={640}>
          <Suspense fallback={<div style={{ height: 240 }} />}>
            <FilterBuilder object={browse.object} filter={browse.filter} onApply={(made) => { change(made ? conditions(made) : []); setBuilding(null); }} />
          </Suspense>
        </Pop>
      )}
      {editing && (
        <Pop key={editing.index} anchor={editing.anchor} onClose={() => setEditing(null)} label={t('filter.add')} width={320}>
          <Suspense fallback={<div style={{ height: 180 }} />}>
            <FilterEditor object={browse.object} leaf={now && isLeaf(now) ? now : undefined} onApply={(made) => apply(editing.index, made)} />
          </Suspense>
        </Pop>
      )}
    </div>
  );
}

/** Search within the object; waits until typing rests and never fires while an input method composes. */
function SearchBox({ browse }: { browse: Browse }) {
  const t = useT();
  const [text, setText] = useState(browse.q ?? '');
  const [busy, setBusy] = useState(false);
  useEffect(() => setText(browse.q ?? ''), [browse.q]);
  useEffect(() => {
    if (busy || text === (browse.q ?? '')) return;
    const timer = setTimeout(() => browse.set({ q: text.trim() || undefined }), 250);
    return () => clearTimeout(timer);
  }, [text, busy, browse]);
  return (
    <label className="find-in">
      <Icon name="search" size={14} />
      <input
        data-search
        type="search"
        value={text}
        placeholder={t('list.search')}
        aria-label={t('list.search')}
        onCompositionStart={() => setBusy(true)}
        onCompositionEnd={() => setBusy(false)}
        onChange={(e) => setText(e.target.value)}
        onKeyDown={(e) => {
          if (e.key === 'Escape' && !composing(e)) {
            setText('');
            e.currentTarget.blur();
          }
        }}
      />
    </label>
  );
}
