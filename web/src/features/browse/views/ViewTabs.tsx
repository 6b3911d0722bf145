import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useRef, useState } from 'react';
import { api } from '@/api/client';
import { inner, plural } from '@/api/model';
import { keys, useModel, useSession } from '@/api/queries';
import { tell } from '@/api/problem';
import type { Rec } from '@/api/types';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { Menu, type MenuItem } from '@/shared/Pop';
import { TabList, tabStop } from '@/shared/tabs';
import { toast } from '@/shared/toast';
import type { Browse } from '../useBrowse';
import { inOrder, useOwnOrder, viewData, type View } from './views';

const ShareView = lazy(() => import('./ShareView'));
const ViewForm = lazy(() => import('./ViewForm'));

const fresh = { filter: undefined, sort: undefined, columns: undefined, layout: undefined, group: undefined, lane: undefined, by: undefined, date: undefined, at: undefined, span: undefined, open: undefined, q: undefined } as const;

/** Tabs are saved views: choose, save what changed, rename, share, order. */
export function ViewTabs({ browse, views: all }: { browse: Browse; views: View[] }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const session = useSession();
  const qc = useQueryClient();
  const [own, keepOrder] = useOwnOrder(browse.object.name);
  const [menu, setMenu] = useState<{ view: View; anchor: HTMLElement } | null>(null);
  const [form, setForm] = useState<{ anchor: HTMLElement; view: View | null; copy?: boolean } | null>(null);
  const [share, setShare] = useState<{ anchor: HTMLElement; view: View } | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const drag = useRef<string | null>(null);
  const views = useMemo(() => inOrder(all, own), [all, own]);
  const refresh = () => qc.invalidateQueries({ queryKey: keys.views(browse.object.name) });
  const choose = (id: string | undefined) => browse.set({ ...fresh, view: id });
  const may = model.object('saved_view')?.rights;
  const me = session.data?.user;
  const mine = (v: View) => v.owner === undefined || v.owner === me?.id || me?.is_admin === true;
  const patch = (v: View, data: Record<string, unknown>) => api.patch<Rec>(`/saved_view/${v.id}`, data).then(refresh);
  const fail = (e: unknown) => tell(e, lang, 'saved_view', model);

  const save = async (v: View) => {
    const before = await api.get<Rec>(`/saved_view/${v.id}`);
    const old = Object.fromEntries(['layout', 'filter', 'columns', 'sort'].map((k) => [k, before[k]]));
    await patch(v, viewData(browse.object.name, browse.shown));
    choose(v.id);
    toast(t('view.saved', { name: v.name }), { undo: () => void patch(v, old).catch(fail) });
  };
  const remove = async (v: View) => {
    await api.delete(`/saved_view/${v.id}`);
    await refresh();
    if (browse.search.view === v.id) choose(undefined);
    toast(t('view.removed', { name: v.name }), { undo: () => void api.post(`/saved_view/${v.id}/restore`).then(refresh).catch(fail) });
  };
  const move = (id: string, by: number) => {
    const ids = views.map((v) => v.id);
    const at = ids.indexOf(id);
    ids.splice(at, 1);
    ids.splice(Math.max(0, at + by), 0, id);
    keepOrder(ids);
  };
  const dropOn = (id: string) => {
    const from = drag.current;
    setOver(null);
    if (!from || from === id) return;
    const ids = views.map((v) => v.id);
    move(from, ids.indexOf(id) - ids.indexOf(from));
  };
  const copyLink = (v: View) => {
    const link = new URL(location.href);
    if (browse.search.view !== v.id) link.search = `?view=${v.id}`;
    void navigator.clipboard?.writeText(link.toString()).then(() => toast(t('record.copied')));
  };

  const items = (v: View, anchor: HTMLElement): (MenuItem | 'line')[] => [
    ...(mine(v) ? [
      { key: 'rename', text: t('view.rename'), icon: 'edit' as const, run: () => setForm({ anchor, view: v }) },
      { key: 'share', text: t('view.share'), icon: 'users' as const, run: () => setShare({ anchor, view: v }) },
      { key: 'pin', text: v.pinned ? t('view.unpin') : t('view.pin'), icon: 'keep' as const, run: () => void patch(v, { pinned: !v.pinned }).catch(fail) },
    ] : []),
    { key: 'copy', text: t('view.duplicate'), icon: 'copy', run: () => setForm({ anchor, view: v, copy: true }) },
    { key: 'link', text: t('record.copyLink'), icon: 'link', run: () => copyLink(v) },
    ...(views.indexOf(v) > 0 ? [{ key: 'left', text: t('col.left'), icon: 'left' as const, run: () => move(v.id, -1) }] : []),
    ...(views.indexOf(v) < views.length - 1 ? [{ key: 'right', text: t('col.right'), icon: 'right' as const, run: () => move(v.id, 1) }] : []),
    ...(mine(v) ? ['line' as const, { key: 'delete', text: t('view.remove'), icon: 'trash' as const, danger: true, run: () => void remove(v).catch(fail) }] : []),
  ];
  const { view } = browse;
  return (
    <div className="tabs">
      <TabList className="tabs-list" label={t('view.tabs')}>
        <button type="button" role="tab" aria-selected={!view} tabIndex={tabStop(!view)} onClick={() => choose(undefined)}>
          {t('view.all', { name: inner(plural(browse.object, lang), lang) })}
        </button>
        {views.map((v) => (
          <button
            key={v.id}
            type="button"
            role="tab"
            aria-selected={view?.id === v.id}
            tabIndex={tabStop(view?.id === v.id)}
            className={over === v.id ? 'over' : undefined}
            draggable
            onDragStart={(e) => { drag.current = v.id; e.dataTransfer.setData('text/plain', v.name); }}
            onDragOver={(e) => { if (drag.current) { e.preventDefault(); setOver(v.id); } }}
            onDragLeave={() => setOver(null)}
            onDrop={(e) => { e.preventDefault(); dropOn(v.id); }}
            onDragEnd={() => { drag.current = null; setOver(null); }}
            onContextMenu={(e) => { e.preventDefault(); setMenu({ view: v, anchor: e.currentTarget }); }}
            onKeyDown={(e) => { if (e.altKey && (e.key === 'ArrowLeft' || e.key === 'ArrowRight')) { e.preventDefault(); move(v.id, e.key === 'ArrowLeft' ? -1 : 1); } }}
            onClick={() => choose(v.id)}
          >
            {v.pinned ? <Icon name="keep" size={14} /> : v.isPublic ? <Icon name="users" size={14} /> : null}
            {v.name}
          </button>
        ))}
      </TabList>
      {view && (
        <span className="tab">
          <button type="button" className="tap" aria-haspopup="menu" aria-label={t('view.menu', { name: view.name })} onClick={(e) => setMenu({ view, anchor: e.currentTarget })}>
            <Icon name="down" size={14} />
          </button>
        </span>
      )}
      {may?.create && (
        <span className="tab">
          <button type="button" className="tap" aria-label={t('view.save')} title={t('view.save')} onClick={(e) => setForm({ anchor: e.currentTarget, view: null })}>
            <Icon name="plus" />
          </button>
        </span>
      )}
      {browse.changed && may?.create && (
        <span className="tab view-bar" role="group" aria-label={t('view.changes')}>
          {view && mine(view) && <button type="button" className="btn s p" onClick={() => void save(view).catch(fail)}>{t('view.update')}</button>}
          <button type="button" className="btn s" onClick={(e) => setForm({ anchor: e.currentTarget, view: null })}>{view ? t('view.saveAs') : t('view.save')}</button>
          <button type="button" className="btn s q" onClick={() => choose(view?.id)}>{t('view.discard')}</button>
        </span>
      )}
      {menu && <Menu anchor={menu.anchor} label={t('view.menu', { name: menu.view.name })} onClose={() => setMenu(null)} items={items(menu.view, menu.anchor)} />}
      <Suspense>
      {form && <ViewForm anchor={form.anchor} browse={browse} view={form.view} copy={form.copy ?? false} onClose={() => setForm(null)} onMade={async (id) => { await refresh(); setForm(null); if (id) choose(id); }} />}
      {share && <ShareView anchor={share.anchor} view={share.view} onClose={() => setShare(null)} onChange={() => void refresh()} />}
      </Suspense>
    </div>
  );
}
