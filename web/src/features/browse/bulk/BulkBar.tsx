import { lazy, memo, Suspense, useState } from 'react';
import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import type { ActionMeta, Rec } from '@/api/types';
import { open as openLayer } from '@/shared/commands';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { MenuButton, type MenuItem } from '@/shared/Pop';
import { chosenCount, nothing, type Choice } from '../table/cells';
import type { Browse } from '../useBrowse';
import { bulkOnServer, forServer } from './onServer';
import { exportChosen, runBatches, targetOfChoice } from './run';

const BulkDialog = lazy(() => import('./BulkDialog'));

export type Ask = { kind: 'edit' } | { kind: 'assign' } | { kind: 'tag' } | { kind: 'action'; action: ActionMeta };

/** Actions that make no sense for many at once: they ask for one record's own past or partner. */
const single = new Set(['assign', 'merge', 'unmerge', 'restore', 'restore_value', 'restore_record', 'set_splits', 'convert', 'look', 'claim', 'move_to_pool']);

interface Props {
  browse: Browse;
  choice: Choice;
  total: number;
  /** The total is "at least". */
  capped: boolean;
  rows: Rec[];
  onChoice: (next: Choice) => void;
}

/** The foot of the list: how many are shown; with a selection, what can be done with all of them at once. */
export const BulkBar = memo(function BulkBar({ browse, choice, total, capped, rows, onChoice }: Props) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const [ask, setAsk] = useState<Ask | null>(null);
  const { object } = browse;
  const count = chosenCount(choice, total);
  const all = `${fmt.number(total, lang)}${capped ? '+' : ''}`;
  const target = targetOfChoice(browse, choice, model, lang);
  const said = `${fmt.number(count, lang)}${capped && choice.all ? '+' : ''}`;
  // Stands before anything is chosen: a region that comes with its words is not read out.
  const chosen = <b className={count ? 'num' : 'sr'} role="status">{count > 0 && t('bulk.chosenN', { count, n: said })}</b>;
  if (count === 0) return <>{chosen}<span className="mut num">{t('list.shown', { shown: fmt.number(rows.length, lang), total: all })}</span></>;
  const actions = (object.actions ?? []).filter((a) => a.scope === 'record' && !single.has(a.name));
  const mergeable = object.rights.merge === true && (object.actions ?? []).some((a) => a.name === 'merge') && !choice.all && count >= 2 && count <= 10;
  const remove = () => {
    onChoice(nothing);
    if (forServer(target, count)) void bulkOnServer(target, { kind: 'delete' });
    else void runBatches(target, t('bulk.removing', { count, n: said }), [], () => ({ op: 'delete' }));
  };
  const more: (MenuItem | 'line')[] = [
    ...(object.rights.export ? [
      { key: 'xlsx', text: t('export.xlsx'), icon: 'download' as const, run: () => void exportChosen(target, browse, 'xlsx') },
      { key: 'csv', text: t('export.csv'), icon: 'download' as const, run: () => void exportChosen(target, browse, 'csv') },
    ] : []),
    ...(actions.length && object.rights.edit ? ['line' as const, ...actions.map((a) => ({ key: a.name, text: label(a.label, lang, a.name), icon: 'bolt' as const, run: () => setAsk({ kind: 'action', action: a }) }))] : []),
    ...(object.rights.delete ? ['line' as const, { key: 'delete', text: t('bulk.remove', { count, n: said }), icon: 'trash' as const, danger: true, run: remove }] : []),
  ].filter((it, i, list) => it !== 'line' || (i > 0 && i < list.length - 1));
  return (
    <>
      {chosen}
      <div className="bulk" role="toolbar" aria-label={t('bulk.bar')}>
        {object.rights.edit && <button type="button" className="btn s" onClick={() => setAsk({ kind: 'edit' })}><Icon name="edit" />{t('bulk.edit')}</button>}
        {object.rights.edit && model.field(object.name, 'owner_id') && <button type="button" className="btn s" onClick={() => setAsk({ kind: 'assign' })}><Icon name="user" />{t('bulk.assign')}</button>}
        {object.rights.edit && model.field(object.name, 'tags')?.access === 'edit' && <button type="button" className="btn s" onClick={() => setAsk({ kind: 'tag' })}><Icon name="tagIcon" />{t('bulk.tag')}</button>}
        {mergeable && <button type="button" className="btn s" onClick={() => { openLayer({ kind: 'merge', object: object.name, ids: [...choice.ids] }); onChoice(nothing); }}><Icon name="copy" />{t('bulk.merge')}</button>}
        {more.length > 0 && <MenuButton className="btn s ic" label={t('list.more')} items={more} align="start"><Icon name="more" /></MenuButton>}
        {!choice.all && total > count && <button type="button" className="link b" onClick={() => onChoice({ all: true, ids: new Set() })}>{t('bulk.selectAll', { n: all })}</button>}
        <button type="button" className="link" onClick={() => onChoice(nothing)}>{t('bulk.none')}</button>
        <Suspense>{ask && <BulkDialog ask={ask} target={target} count={count} said={said} onClose={() => setAsk(null)} onDone={() => { setAsk(null); onChoice(nothing); }} />}</Suspense>
      </div>
    </>
  );
});
