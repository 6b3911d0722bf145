import { useEffect, useMemo, useState } from 'react';
import { Icon } from '@/shared/icons';
import { useT } from '@/shared/i18n';
import { toast, toastError } from '@/shared/toast';
import { SkeletonRows } from '@/shared/ui';
import { AdminPage, Body } from '../parts';
import { useA } from '../text';
import { diff } from './diff';
import { applyText, faults, plan, useCustom, type Plan } from './useCustom';

/** The whole of what was added, as text: take it out, put another in; first the difference, then the act. */
export default function ModelPage() {
  const a = useA();
  const t = useT();
  const custom = useCustom();
  const [text, setText] = useState<string | null>(null);
  const [planned, setPlanned] = useState<{ of: string; plan: Plan } | null>(null);
  const [wrong, setWrong] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);
  const before = custom.data?.text ?? '';
  const now = text ?? before;
  useEffect(() => setPlanned(null), [now]);
  const lines = useMemo(() => diff(before, now), [before, now]);
  const run = async (act: () => Promise<void>) => {
    setBusy(true);
    setWrong([]);
    try {
      await act();
    } catch (e) {
      setWrong(faults(e));
    } finally {
      setBusy(false);
    }
  };
  const check = () => run(async () => setPlanned({ of: now, plan: await plan(now) }));
  const apply = () =>
    run(async () => {
      const done = await applyText(now);
      setText(null);
      toast(a('model.applied', { count: done.plan.changes.length }), { undo: () => void applyText(done.before).then(() => toast(a('model.undone'))).catch((e: unknown) => toastError(a('field.refused'), { detail: faults(e) })) });
    });
  const save = () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([before], { type: 'application/toml' }));
    link.download = `rapport-model-${new Date().toISOString().slice(0, 10)}.toml`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const take = (file: File | undefined) => void file?.text().then(setText);
  return (
    <AdminPage
      title={t('settings.model')}
      actions={
        <>
          <button type="button" className="btn" disabled={!before} onClick={save}><Icon name="download" />{a('model.export')}</button>
          <label className="btn"><Icon name="upload" />{a('model.open')}<input type="file" accept=".toml,.txt" className="sr" onChange={(e) => take(e.target.files?.[0])} /></label>
        </>
      }
    >
      {custom.isPending ? <SkeletonRows /> : (
        <Body label={t('settings.model')}>
          <p className="adm-lead">{a('model.lead')}</p>
          {wrong.length > 0 && <div className="notice late" role="alert" style={{ marginBottom: 12 }}><Icon name="alert" /><div className="col"><b>{a('field.refused')}</b>{wrong.map((w) => <span key={w}>{w}</span>)}</div></div>}
          <textarea className="adm-in code" style={{ minHeight: 260 }} spellCheck={false} aria-label={t('settings.model')} placeholder={a('model.empty')} value={now} onChange={(e) => setText(e.target.value)} />
          <div className="adm-bar" style={{ marginTop: 10 }}>
            {planned && planned.of === now ? <button type="button" className="btn p" disabled={busy} onClick={() => void apply()}>{a('model.apply')}</button> : <button type="button" className="btn p" disabled={busy || lines.length === 0} onClick={() => void check()}>{a('model.check')}</button>}
            {lines.length > 0 && <button type="button" className="btn q" onClick={() => { setText(null); setWrong([]); }}>{t('act.reset')}</button>}
            <span className="mut s12">{lines.length === 0 ? a('model.same') : planned ? a('model.planned', { count: planned.plan.changes.length }) : a('model.checkFirst')}</span>
          </div>
          {planned && planned.plan.changes.length > 0 && (
            <ul className="adm-changes" style={{ marginBottom: 12 }}>
              {planned.plan.changes.map((c) => <li key={c.op + c.name}><span className={`tag ${c.op === 'add' ? 'ok' : c.op === 'retire' ? 'late' : 'warn'}`}>{a(`change.${c.op}`)}</span> <span className="api">{c.name}</span></li>)}
            </ul>
          )}
          {lines.length > 0 && (
            <div className="diff" role="region" aria-label={a('model.diff')} tabIndex={-1}>
              {lines.map((l, i) => <div key={i} className={l.op === '+' ? 'add' : l.op === '-' ? 'del' : ''}>{l.op} {l.text}</div>)}
            </div>
          )}
        </Body>
      )}
    </AdminPage>
  );
}
