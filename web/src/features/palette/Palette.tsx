import { useDeferredValue, useEffect, useId, useMemo, useRef, useState, type ReactNode } from 'react';
import { inner, label, plural } from '@/api/model';
import { readNotices, useUnreadCount } from '@/api/notices';
import { tell } from '@/api/problem';
import { useModel, useSearch, useSession } from '@/api/queries';
import type { Hit } from '@/api/types';
import { closeLayer, layer, open } from '@/shared/commands';
import { composing } from '@/shared/hotkeys';
import { Icon, objectIcon, type IconName } from '@/shared/icons';
import { lang as langStore, setLang, useLang, useT, type Lang } from '@/shared/i18n';
import { initials } from '@/shared/pinyin';
import { open as forReader, places } from '@/shared/places';
import { mode, setTheme } from '@/shared/prefs';
import { toast } from '@/shared/toast';
import { Mark } from '@/shared/ui';
import { useStore } from '@/shared/store';
import { plainTitle } from '@/shared/title';
import { isFavourite, recents, toggleFavourite } from '@/shared/visits';
import './palette.css';

interface Entry {
  key: string;
  group: string;
  node: ReactNode;
  run: () => void;
  act?: { text: string; icon: IconName; run: () => void } | undefined;
}

/** The letters that matched, coloured. */
export function Lit({ text, ranges }: { text: string; ranges: [number, number][] | undefined }) {
  if (!ranges?.length) return text;
  const chars = [...text];
  const out: ReactNode[] = [];
  let at = 0;
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (from < at || to > chars.length) continue;
    if (from > at) out.push(chars.slice(at, from).join(''));
    out.push(<mark key={from}>{chars.slice(from, to).join('')}</mark>);
    at = to;
  }
  out.push(chars.slice(at).join(''));
  return out;
}

/** Ctrl K: records by characters, pinyin or initials, and commands. `>` shows commands only. */
export default function Palette({ go, navigate }: { go: (object: string, id: string) => void; navigate: (to: string) => void }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const ref = useRef<HTMLDialogElement>(null);
  const list = useId();
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [at, setAt] = useState(0);
  const commandsOnly = text.startsWith('>');
  const q = useDeferredValue(busy || commandsOnly ? '' : text.trim());
  const found = useSearch(q);
  const admin = useSession().data?.user.is_admin === true;
  const seen = useStore(recents);
  const unread = useUnreadCount();

  useEffect(() => {
    const d = ref.current;
    const before = document.activeElement as HTMLElement | null;
    if (d && !d.open) d.showModal();
    return () => {
      d?.close();
      before?.focus?.({ preventScroll: true });
    };
  }, []);

  const entries = useMemo((): Entry[] => {
    const hits = q ? (found.data?.hits ?? []) : [];
    const needle = (commandsOnly ? text.slice(1) : text).trim().toLowerCase();
    const records = hits.map((h): Entry => ({
      key: `${h.object}/${h.id}`,
      group: plural(model.object(h.object) ?? { ...emptyMeta, name: h.object }, lang) || h.object,
      node: <HitRow hit={h} />,
      run: () => go(h.object, h.id),
      act: followTargets(model).has(h.object) ? { text: t('follow.log'), icon: 'edit', run: () => open({ kind: 'followUp', object: h.object, id: h.id, title: h.title }) } : undefined,
    }));
    records.sort((a, b) => order(hits, a.group, model, lang) - order(hits, b.group, model, lang));
    const all: [string, IconName, string, () => void][] = [
      ...model.navigation().flatMap((a) => a.objects).map((o): [string, IconName, string, () => void] => [t('palette.goto', { name: plural(o, lang) }), objectIcon(o.icon, o.name), o.name, () => navigate(`/o/${o.name}`)]),
      ...model.navigation().flatMap((a) => a.objects).filter((o) => o.rights.create).map((o): [string, IconName, string, () => void] => [t('act.newOf', { name: inner(label(o.label, lang), lang) }), 'plus', `new ${o.name}`, () => open({ kind: 'create', object: o.name })]),
      ...model.navigation().flatMap((a) => a.objects).filter((o) => o.rights.import).map((o): [string, IconName, string, () => void] => [t('import.title', { name: inner(plural(o, lang), lang) }), 'upload', `import ${o.name}`, () => navigate(`/import/${o.name}`)]),
      [t('palette.language'), 'globe', 'language english 中文', () => setLang(langStore.get() === 'en' ? 'zh-CN' : 'en')],
      [mode.get() === 'dark' ? t('palette.light') : t('palette.dark'), mode.get() === 'dark' ? 'sun' : 'moon', 'theme dark light', () => setTheme(mode.get() === 'dark' ? 'light' : 'dark')],
      ...places.filter((p) => forReader(p, admin, (o) => model.object(o)?.rights.read === true)).map((p): [string, IconName, string, () => void] => [t('palette.setting', { name: t(p.title) }), p.icon, `settings shezhi ${p.words}`, () => navigate(p.path)]),
      [isFavourite(location.pathname) ? t('nav.unstar', { name: here() }) : t('nav.star'), 'star', 'favourite star shoucang', () => star(t)],
      [t('palette.notices'), 'bell', 'notifications bell tongzhi xiaoxi tixing 消息 提醒', () => open({ kind: 'notices' })],
      ...(unread ? [[t('palette.readAll'), 'check', 'notifications mark all read tongzhi yidu 消息 提醒', () => readAll(t, lang)] satisfies [string, IconName, string, () => void]] : []),
      [t('guide.title'), 'help', 'help bangzhu articles wenzhang', () => open({ kind: 'guide' })],
      [t('tour.again'), 'flag', 'tour xiangdao daolan', () => open({ kind: 'tour' })],
      [t('help.title'), 'key', 'keys shortcuts kuaijiejian', () => open({ kind: 'help' })],
    ];
    const commands = all
      .filter(([name, , extra]) => !needle || name.toLowerCase().includes(needle) || extra.includes(needle) || (needle.length > 1 && initials(name).includes(needle)))
      .slice(0, q ? 6 : 40)
      .map(([name, icon, extra, run]): Entry => ({
        key: `cmd ${extra}`,
        group: t('palette.commands'),
        node: <><span className="pal-ic"><Icon name={icon} /></span><span className="el">{lit(name, needle)}</span></>,
        run,
      }));
    const lately = needle || commandsOnly ? [] : seen.slice(0, 6).map((r): Entry => ({
      key: `seen ${r.path}`,
      group: t('nav.recent'),
      node: <><span className="pal-ic"><Icon name={r.object ? objectIcon(model.object(r.object)?.icon, r.object) : 'history'} /></span><span className="el">{r.title}</span></>,
      run: () => navigate(r.path),
    }));
    return [...lately, ...records, ...commands];
  }, [q, found.data, commandsOnly, text, model, lang, t, go, navigate, admin, seen, unread]);

  useEffect(() => setAt(0), [q, commandsOnly]);
  const now = entries[Math.min(at, entries.length - 1)];
  useEffect(() => {
    document.getElementById(`${list}-${at}`)?.scrollIntoView({ block: 'nearest' });
  }, [at, list]);
  // An entry may open a layer of its own, which must not be closed with the palette.
  const run = (e: { run: () => void } | undefined) => {
    if (!e) return;
    const before = layer.get();
    e.run();
    if (layer.get() === before) closeLayer();
  };
  const groups = [...new Set(entries.map((e) => e.group))].map((name) => ({ name, rows: entries.map((e, i) => ({ e, i })).filter(({ e }) => e.group === name) }));
  const said = entries.length === 0 ? (found.isFetching ? t('state.loading') : t('palette.none')) : text.trim() && !found.isFetching ? t('palette.count', { count: entries.length }) : '';
  return (
    <dialog
      ref={ref}
      className="dlg pal"
      aria-label={t('palette.open')}
      onCancel={(e) => { e.preventDefault(); closeLayer(); }}
      onMouseDown={(e) => e.target === ref.current && closeLayer()}
    >
      <div className="pal-in">
        <Icon name="search" />
        <input
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-autocomplete="list"
          aria-controls={list}
          aria-activedescendant={now ? `${list}-${Math.min(at, entries.length - 1)}` : undefined}
          aria-label={t('palette.open')}
          placeholder={t('palette.placeholder')}
          value={text}
          onCompositionStart={() => setBusy(true)}
          onCompositionEnd={() => setBusy(false)}
          onChange={(e) => setText(e.target.value)}
          onKeyDown={(e) => {
            if (composing(e)) return;
            if (e.key === 'ArrowDown') setAt((x) => Math.min(entries.length - 1, x + 1));
            else if (e.key === 'ArrowUp') setAt((x) => Math.max(0, x - 1));
            else if (e.key === 'Enter') run(e.altKey ? (now?.act ?? now) : now);
            else return;
            e.preventDefault();
          }}
        />
        <kbd className="pal-esc">Esc</kbd>
        <button type="button" className="tap pal-x" aria-label={t('act.close')} onClick={closeLayer}><Icon name="x" /></button>
      </div>
      <div className="pal-list" id={list} role="listbox" aria-label={t('palette.open')}>
        {groups.map((g) => (
          <div key={g.name} role="group" aria-label={g.name}>
            <div className="pal-group" aria-hidden="true">{g.name}</div>
            {g.rows.map(({ e, i }) => (
              <div key={e.key} id={`${list}-${i}`} role="option" aria-selected={i === at} className={i === at ? 'pal-row on' : 'pal-row'} onPointerMove={() => setAt(i)} onPointerDown={(ev) => { ev.preventDefault(); run(e); }}>
                {e.node}
                <span className="sp" />
                {i === at && e.act && <span className="btn s" role="presentation" onPointerDown={(ev) => { ev.preventDefault(); ev.stopPropagation(); run(e.act); }}><Icon name={e.act.icon} />{e.act.text}<kbd>Alt ↵</kbd></span>}
                {i === at && <kbd aria-hidden="true">↵</kbd>}
              </div>
            ))}
          </div>
        ))}
      </div>
      <p className={entries.length ? 'sr' : 'pal-none mut s13'} role="status">{said}</p>
      <div className="pal-foot">
        <span><kbd>↑</kbd> <kbd>↓</kbd> {t('palette.choose')}</span>
        <span><kbd>↵</kbd> {t('palette.do')}</span>
        <span className="sp" />
        <span><kbd>&gt;</kbd> {t('palette.onlyCommands')}</span>
      </div>
    </dialog>
  );
}

/** What the page at hand calls itself. */
const here = (): string => plainTitle().split(' · ')[0] ?? '';

function star(t: ReturnType<typeof useT>): void {
  const object = /^\/o\/([^/]+)/.exec(location.pathname)?.[1];
  const on = toggleFavourite({ path: location.pathname, title: here(), ...(object ? { object } : {}) });
  toast(t(on ? 'nav.starred' : 'nav.unstarred', { name: here() }));
}

function readAll(t: ReturnType<typeof useT>, lang: Lang): void {
  void readNotices().then(() => toast(t('notify.allRead')), (e: unknown) => tell(e, lang));
}

const emptyMeta = { kind: '', label: { en: '', zh: '' }, title: 'name', rights: { create: false, read: true, edit: false, delete: false, export: false, import: false }, fields: [] };

function order(hits: Hit[], group: string, model: ReturnType<typeof useModel>, lang: 'zh-CN' | 'en'): number {
  return hits.findIndex((h) => plural(model.object(h.object) ?? { ...emptyMeta, name: h.object }, lang) === group);
}

function followTargets(model: ReturnType<typeof useModel>): Set<string> {
  const f = model.object('follow_up');
  return new Set(f?.rights.create ? (f.fields.find((x) => x.name === 'target')?.targets ?? []) : []);
}

function lit(name: string, needle: string): ReactNode {
  const i = needle ? name.toLowerCase().indexOf(needle) : -1;
  return i < 0 ? name : <Lit text={name} ranges={[[i, i + needle.length]]} />;
}

function HitRow({ hit }: { hit: Hit }) {
  const model = useModel();
  const meta = model.object(hit.object);
  const title = meta?.title ?? 'name';
  const own = hit.highlights.find((h) => h.field === title);
  const round = hit.object === 'contact' || hit.object === 'user' || hit.object === 'account';
  return (
    <>
      <Mark small title={hit.title} {...(round ? {} : { icon: objectIcon(meta?.icon, hit.object) })} />
      <span className="col">
        <span className="el"><Lit text={hit.title} ranges={own?.ranges} /></span>
        {hit.subtitle && <span className="mut s12 el">{hit.subtitle}</span>}
      </span>
    </>
  );
}
