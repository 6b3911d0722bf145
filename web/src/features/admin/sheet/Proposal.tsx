import { useMemo, useState } from 'react';
import { api, Problem } from '@/api/client';
import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import { words } from '@/api/problem';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { Body, Choice, Row } from '../parts';
import { useA, type AdminKey } from '../text';
import type { Custom } from '../objects/custom';
import { applyEdit, faults } from '../objects/useCustom';
import { ColumnRow } from './ColumnRow';
import { draftOf, dropSheet, importOf, problems, putSheet, relabel, retitle, titleable, type ColumnDraft, type Guess, type ObjectDraft } from './draft';

interface Props {
  guess: Guess;
  draft: ObjectDraft;
  custom: Custom;
  onDraft: (d: ObjectDraft) => void;
  onStarted: (job: string) => void;
}

/** The guess as one table; everything in it can be changed, and one button makes the object and brings the rows in. */
export function Proposal({ guess, draft, custom, onDraft, onStarted }: Props) {
  const a = useA();
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const [wrong, setWrong] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState(false);
  const tongue = lang === 'en' ? 'en' : 'zh';
  const bad = useMemo(() => (made || busy ? new Map<number, string[]>() : problems(draft, model, custom)), [draft, model, custom, made, busy]);
  const kept = draft.columns.filter((c) => c.keep).length;
  const areas = [...model.doc.areas.filter((x) => x.name !== 'settings').map((x) => ({ value: x.name, text: label(x.label, lang, x.name) })), { value: '', text: a('object.noArea') }];
  const titles = [{ value: '-1', text: a('object.titleAuto') }, ...draft.columns.flatMap((c, i) => (titleable(c) ? [{ value: String(i), text: c.label[tongue] || c.guess.column }] : []))];
  const set = (i: number, part: Partial<ColumnDraft>) => {
    const columns = draft.columns.map((c, n) => (n === i ? { ...c, ...part } : c));
    // A title that is left out or turned into something else names nothing any more.
    const still = draft.title !== i || (columns[i]!.keep && columns[i]!.type === 'text');
    onDraft({ ...draft, columns, title: still ? draft.title : -1 });
  };
  const start = async () => {
    if (busy || bad.size) return;
    setBusy(true);
    setWrong([]);
    try {
      if (!made) await applyEdit((c) => putSheet(c, draft));
      setMade(true);
      const job = await api.post<{ id: string }>('/import/jobs', { upload_id: guess.upload_id, sheets: [importOf(draft)] });
      onStarted(job.id);
    } catch (e) {
      const w = e instanceof Problem && (e.body.errors ?? []).length === 0 ? words(e, lang) : undefined;
      setWrong(w ? [w.title, ...w.lines] : faults(e));
      setBusy(false);
    }
  };
  const takeBack = async () => {
    setBusy(true);
    try {
      await applyEdit((c) => dropSheet(c, draft.name));
      setMade(false);
      setWrong([]);
    } catch (e) {
      setWrong(faults(e));
    } finally {
      setBusy(false);
    }
  };
  const rows = fmt.number(draft.rows, lang);
  return (
    <>
      <Body label={a('sheet.title')} wide>
        <section className="sheet-head" aria-label={a('objects.object')}>
          {guess.sheets.length > 1 && (
            <Row label={t('import.sheet')}>{(id) => <Choice id={id} value={draft.sheet} options={guess.sheets.map((s) => ({ value: s.sheet, text: s.sheet }))} onChange={(v) => { const g = guess.sheets.find((s) => s.sheet === v); if (g) onDraft(draftOf(g)); }} />}</Row>
          )}
          <Row label={a('sheet.name')} need error={(bad.get(-1) ?? []).map((k) => a(k as AdminKey)).join(' ') || undefined}>{(id, by) => <input id={id} className="adm-in" aria-describedby={by} aria-invalid={bad.has(-1) || undefined} value={draft.label[tongue]} onChange={(e) => onDraft({ ...draft, label: relabel(draft.label, tongue, e.target.value) })} />}</Row>
          <Row label={lang === 'en' ? a('field.labelZh') : a('field.labelEn')}>{(id) => <input id={id} className="adm-in" lang={lang === 'en' ? 'zh-CN' : 'en'} value={draft.label[tongue === 'en' ? 'zh' : 'en']} onChange={(e) => onDraft({ ...draft, label: { ...draft.label, [tongue === 'en' ? 'zh' : 'en']: e.target.value } })} />}</Row>
          <Row label={a('objects.name')}>{(id) => <input id={id} className="adm-in api" spellCheck={false} value={draft.name} onChange={(e) => onDraft({ ...draft, name: e.target.value.trim() })} />}</Row>
          <Row label={a('object.title')}>{(id) => <Choice id={id} value={String(draft.title)} options={titles} onChange={(v) => onDraft(retitle(draft, Number(v)))} />}</Row>
          <Row label={a('objects.area')}>{(id) => <Choice id={id} value={draft.area} options={areas} onChange={(area) => onDraft({ ...draft, area })} />}</Row>
        </section>
        <table className="adm-table sheet-table">
          <thead>
            <tr>
              <th scope="col"><span className="sr">{a('sheet.keep')}</span></th>
              <th scope="col">{t('import.column')}</th>
              <th scope="col">{a('sheet.label')}</th>
              <th scope="col">{a('fields.kind')}</th>
              <th scope="col">{a('flag.required')}</th>
              <th scope="col">{a('flag.unique')}</th>
              <th scope="col"><span className="sr">{t('list.more')}</span></th>
            </tr>
          </thead>
          <tbody>
            {draft.columns.map((c, i) => <ColumnRow key={c.guess.column} column={c} title={draft.title === i} wrong={bad.get(i) ?? []} onChange={(part) => set(i, part)} />)}
          </tbody>
        </table>
      </Body>
      <footer className="imp-foot sheet-foot">
        <span className="el">{a('sheet.sum', { kept, all: draft.columns.length, count: draft.rows, rows })}</span>
        <span className="sp" />
        {wrong.length > 0 && <div className="notice late" role="alert"><Icon name="alert" /><div className="col"><b>{made ? a('sheet.notFilled') : a('field.refused')}</b>{wrong.map((w) => <span key={w}>{w}</span>)}</div></div>}
        {bad.size > 0 && <span className="late s12" role="status">{a('sheet.bad', { count: bad.size })}</span>}
        {made && !busy && <button type="button" className="btn" onClick={() => void takeBack()}>{a('sheet.takeBack')}</button>}
        <button type="button" className="btn p" disabled={busy || bad.size > 0} onClick={() => void start()}>{a(made ? 'sheet.tryAgain' : 'sheet.do', { count: draft.rows, rows })}</button>
      </footer>
    </>
  );
}
