import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useRef, useState } from 'react';
import { api } from '@/api/client';
import { write } from '@/api/kept/outbox';
import { offline } from '@/api/kept/port';
import { keys, useCreate, useList, useModel, useRows, wroteMyself } from '@/api/queries';
import { label } from '@/api/model';
import { tell } from '@/api/problem';
import type { ObjectMeta, Rec } from '@/api/types';
import { FileChips, stampName } from '@/fields/FileBox';
import { filesOf, uploadFiles } from '@/fields/files';
import * as fmt from '@/shared/format';
import { composing } from '@/shared/hotkeys';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { Pop } from '@/shared/Pop';
import { phone } from '@/shared/prefs';
import { local, useStore } from '@/shared/store';
import { toast } from '@/shared/toast';
import { readDraft, writeDraft } from './draft';
import { followIcons } from './icons';
import { nextDates } from './nextDates';
import './follow.css';

const FieldInput = lazy(() => import('@/fields/inputs'));

/** Writes a follow-up: kind, words, people, files, next date in one block. What was typed survives a reload. */
export function Composer({ object, rec, title, autoFocus, onSaved }: { object: ObjectMeta; rec: Pick<Rec, 'id'> & Partial<Rec>; title?: string; autoFocus?: boolean; onSaved?: () => void }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const small = useStore(phone);
  const qc = useQueryClient();
  const create = useCreate('follow_up');
  const kinds = model.picks(model.field('follow_up', 'follow_type')?.picklist).filter((k) => k.active !== false);
  const [draft, setDraft] = useState(() => {
    const d = readDraft(rec.id);
    return { ...d, kind: kinds.find((k) => k.key === (d.kind || local.get('rapport.followKind')))?.key ?? kinds[0]?.key ?? '' };
  });
  const [files, setFiles] = useState<File[]>([]);
  const [busy, setBusy] = useState(false);
  const [picking, setPicking] = useState<HTMLElement | null>(null);
  const [people, setPeople] = useState<HTMLElement | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const nextField = model.field('follow_up', 'next_follow_at');
  const withFiles = model.field('follow_up', 'files') !== undefined && model.object('attachment')?.rights.create === true;
  const account = object.name === 'account' ? rec.id : typeof rec['account_id'] === 'string' ? rec['account_id'] : '';
  const contacts = useRows(useList('contact', { filter: { field: 'account_id', op: 'eq', value: account }, fields: 'name,title', limit: 20 }, account !== '' && object.name !== 'contact' && model.field('follow_up', 'contacts') !== undefined && model.object('contact')?.rights.read === true).data);
  const { text, kind, next, who } = draft;
  const set = (more: Partial<typeof draft>) => setDraft((now) => {
    const made = { ...now, ...more };
    writeDraft(rec.id, made);
    return made;
  });
  const add = (list: File[]) => withFiles && list.length > 0 && setFiles((now) => [...now, ...list]);
  const fresh = () => {
    for (const o of ['follow_up', object.name, 'task']) void qc.invalidateQueries({ queryKey: keys.lists(o) });
    void qc.invalidateQueries({ queryKey: keys.record(object.name, rec.id) });
    void qc.invalidateQueries({ queryKey: keys.history(object.name, rec.id) });
  };
  const save = async () => {
    if (!text.trim() || busy) return;
    setBusy(true);
    try {
      const body = { content: text.trim(), ...(kind ? { follow_type: kind } : {}), target: { object: object.name, id: rec.id }, occurred_at: new Date().toISOString(), ...(next ? { next_follow_at: next } : {}), ...(who.length ? { contacts: who } : {}) };
      // A file cannot wait: it goes with its words, or both stay here.
      const made = files.length ? await create.mutateAsync(body) : await write({ object: 'follow_up', on: { object: object.name, id: rec.id, title: title ?? String(rec[object.title] ?? '') }, body });
      writeDraft(rec.id, null);
      setDraft((now) => ({ ...now, text: '', next: null, who: [] }));
      local.set('rapport.followKind', kind);
      if (made && files.length) {
        const ids = await uploadFiles('follow_up', made.id, 'files', files);
        const done = await api.patch<Rec>(`/follow_up/${made.id}`, { files: ids });
        wroteMyself('follow_up', made.id, done.version);
        setFiles([]);
      }
      toast(!made ? t('wait.saved') : next ? t('follow.savedNext', { time: fmt.dateTimeWords(new Date(next), lang) }) : t('follow.saved'));
      onSaved?.();
    } catch (e) {
      tell(e, lang, 'follow_up', model, t(files.length && offline() ? 'wait.files' : 'follow.notSaved'));
    } finally {
      setBusy(false);
      fresh();
    }
  };
  const quick = nextDates(new Date());
  const words: Record<(typeof quick)[number]['key'], string> = { tomorrow: t('date.tomorrow'), monday: t('date.monday'), week: t('date.week') };
  const dates = (after?: () => void) => quick.map((d) => (
    <button key={d.key} type="button" className={next === d.at ? 'chip on' : 'chip'} aria-pressed={next === d.at} onClick={() => { set({ next: next === d.at ? null : d.at }); after?.(); }}>
      {words[d.key]}
    </button>
  ));
  const picker = nextField && (
    <Suspense><FieldInput field={{ ...nextField, access: 'edit' }} value={next} model={model} lang={lang} onChange={(v) => set({ next: typeof v === 'string' ? v : null })} onDone={() => setPicking(null)} /></Suspense>
  );
  const custom = next && !quick.some((d) => d.at === next);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- dropping files only adds to what the clip button does
    <form className={small ? 'comp tall' : 'comp'} onSubmit={(e) => { e.preventDefault(); void save(); }} onDragOver={(e) => e.preventDefault()} onDrop={(e) => { e.preventDefault(); add(filesOf(e.dataTransfer, stampName())); }}>
      <div className="comp-kinds" role="radiogroup" aria-label={t('follow.kind')}>
        {kinds.slice(0, small ? 9 : 7).map((k) => (
          <button key={k.key} type="button" role="radio" aria-checked={kind === k.key} className={kind === k.key ? 'on' : ''} onClick={() => set({ kind: k.key })}>
            <Icon name={followIcons[k.key] ?? 'chat'} />
            {label(k.label, lang, k.key)}
          </button>
        ))}
      </div>
      <textarea
        data-composer
        {...(autoFocus ? { 'data-autofocus': true } : {})}
        rows={small ? 3 : text.includes('\n') || text.length > 60 ? 3 : 1}
        value={text}
        maxLength={20_000}
        placeholder={t('follow.placeholder')}
        aria-label={t('follow.placeholder')}
        onChange={(e) => set({ text: e.target.value })}
        onPaste={(e) => {
          const list = filesOf(e.clipboardData, stampName());
          if (list.length && withFiles) {
            e.preventDefault();
            add(list);
          }
        }}
        onKeyDown={(e) => {
          if (e.key === 'Enter' && (e.ctrlKey || e.metaKey) && !composing(e)) {
            e.preventDefault();
            void save();
          }
        }}
      />
      {files.length > 0 && <div className="row comp-files"><FileChips files={files} onRemove={(i) => setFiles((now) => now.filter((_f, k) => k !== i))} /></div>}
      <div className="row comp-foot">
        {contacts.length > 0 && (
          <button type="button" className={who.length ? 'chip on' : 'chip'} aria-haspopup="dialog" onClick={(e) => setPeople(e.currentTarget)}>
            <Icon name="user" />{who.length ? <b>{contacts.filter((c) => who.includes(c.id)).map((c) => String(c['name'])).join(lang === 'zh-CN' ? '、' : ', ')}</b> : t('follow.who')}
          </button>
        )}
        {nextField && !small && (
          <button type="button" className={next ? 'chip on' : 'chip'} aria-haspopup="dialog" onClick={(e) => setPicking(e.currentTarget)}>
            <Icon name="clock" />
            {t('follow.next')} {next && <b>{fmt.dateTimeWords(new Date(next), lang)}</b>}
          </button>
        )}
        {withFiles && (
          <button type="button" className={small ? 'tap big' : 'tap'} aria-label={t('file.choose')} title={t('file.choose')} onClick={() => input.current?.click()}><Icon name="clip" size={small ? 20 : 16} /></button>
        )}
        <input ref={input} type="file" multiple hidden onChange={(e) => { add([...(e.target.files ?? [])]); e.target.value = ''; }} />
        <span className="sp" />
        {!small && <button type="submit" className="btn p s" disabled={!text.trim() || busy}>{t('act.save')}<kbd aria-hidden="true">Ctrl ↵</kbd></button>}
      </div>
      {small && (
        <div className="comp-next">
          {nextField && (
            <>
              <span className="s12 mut">{t('follow.next')}</span>
              <div className="row comp-dates">
                {dates()}
                <button type="button" className={custom ? 'chip on' : 'chip'} aria-haspopup="dialog" onClick={(e) => setPicking(e.currentTarget)}><Icon name="calendar" />{custom ? fmt.dateTimeWords(new Date(next), lang) : t('follow.pick')}</button>
              </div>
            </>
          )}
          <button type="submit" className="btn p l comp-save" disabled={!text.trim() || busy}>{t('act.save')}</button>
        </div>
      )}
      {picking && nextField && (
        <Pop anchor={picking} onClose={() => setPicking(null)} label={t('follow.next')} width={300}>
          <div className="pop-form">
            {!small && <div className="row" style={{ flexWrap: 'wrap' }}>{dates(() => setPicking(null))}{next && <button type="button" className="chip plain" onClick={() => { set({ next: null }); setPicking(null); }}>{t('follow.noNext')}</button>}</div>}
            {picker}
          </div>
        </Pop>
      )}
      {people && (
        <Pop anchor={people} onClose={() => setPeople(null)} label={t('follow.who')} width={260}>
          <div className="pop-form">
            {contacts.map((c) => (
              <label key={c.id} className="row comp-who">
                <input type="checkbox" checked={who.includes(c.id)} onChange={(e) => set({ who: e.target.checked ? [...who, c.id] : who.filter((x) => x !== c.id) })} />
                <span className="el">{String(c['name'] ?? '')} <span className="mut s12">{String(c['title'] ?? '')}</span></span>
              </label>
            ))}
          </div>
        </Pop>
      )}
    </form>
  );
}
