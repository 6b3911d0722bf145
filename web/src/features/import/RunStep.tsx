import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { api, url } from '@/api/client';
import { useModel } from '@/api/queries';
import { tell, words, type Words } from '@/api/problem';
import type { ObjectMeta } from '@/api/types';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { has, tDynamic, useLang, useT } from '@/shared/i18n';
import { toast } from '@/shared/toast';
import { SavePlan } from './SavePlan';
import { WrongRows } from './WrongRows';
import { planOf, sheetOf } from './plan';
import { finished, type Job, type SheetChoice, type Upload } from './types';

interface Props {
  upload: Upload;
  choices: SheetChoice[];
  dry: boolean;
  object: ObjectMeta;
  onBack: () => void;
  onNext: () => void;
  onRestart: () => void;
}

/** The dry run and the run: progress, what came of it, the wrong rows with reasons, undo. */
export function RunStep({ upload, choices, dry, object, onBack, onNext, onRestart }: Props) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const qc = useQueryClient();
  const [id, setId] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Words | null>(null);
  const query = useQuery({
    queryKey: ['import', id],
    queryFn: async () => {
      const answer = await api.get<Job & { job?: Job }>(`/import/jobs/${id}`);
      const now = answer.job ?? answer;
      if (finished(now)) {
        void qc.invalidateQueries({ queryKey: ['list'] });
        void qc.invalidateQueries({ queryKey: ['aggregate'] });
      }
      return now;
    },
    enabled: id !== null,
    refetchInterval: (q) => (finished(q.state.data) ? false : 500),
  });
  const job = query.data;
  // Taking an import back takes its time as well; it is told when it is done.
  const undone = job?.status === 'undone';
  useEffect(() => {
    if (undone) toast(t('import.undone'));
  }, [undone, t]);
  const start = async () => {
    setBusy(true);
    setTrouble(null);
    try {
      const made = await api.post<Job & { job?: Job }>('/import/jobs', { upload_id: upload.upload_id, sheets: planOf(choices), dry_run: dry });
      setId((made.job ?? made).id);
    } catch (e) {
      setTrouble(words(e, lang, object.name, model));
    } finally {
      setBusy(false);
    }
  };
  const control = async (what: 'cancel' | 'resume' | 'undo') => {
    try {
      await api.post(`/import/jobs/${id}/${what}`);
      await query.refetch();
    } catch (e) {
      tell(e, lang, object.name, model);
    }
  };
  const rows = choices.filter((c) => c.object).reduce((n, c) => n + (sheetOf(upload, c)?.rows ?? 0), 0);
  const objects = [...new Set(choices.flatMap((c) => [c.object ?? '', ...(c.child ?? []).map((k) => k.object)]))].filter(Boolean);
  const total = job?.total ?? rows;
  const done = job?.done ?? (job?.created ?? 0) + (job?.updated ?? 0) + (job?.skipped ?? 0) + (job?.failed ?? 0);
  const over = finished(job);
  const state = job ? `import.state.${job.status}` : '';
  const shares = job ? ([['created', job.created, 'ok'], ['updated', job.updated, 'info'], ['skipped', job.skipped, ''], ['failed', job.failed, 'late']] as const) : [];
  return (
    <>
      <div className="imp-body imp-run">
        {!id && (
          <div className="imp-lead">
            <h2>{dry ? t('import.tryDo') : t('import.runCount', { count: rows })}</h2>
            <p className="sec">{dry ? t('import.tryText') : t('import.undoHint')}</p>
            {trouble && <div className="notice late" role="alert"><Icon name="alert" /><div className="col"><b>{trouble.title}</b>{trouble.lines.map((l) => <span key={l}>{l}</span>)}{trouble.trace && <span className="s12 mut">{t('error.trace', { id: trouble.trace })}</span>}</div></div>}
            <button type="button" className="btn p" disabled={busy} onClick={() => void start()}>{dry ? t('import.tryDo') : t('import.runDo')}</button>
          </div>
        )}
        {id && (
          <div className="imp-lead" aria-live="polite">
            <div className="row">
              <h2>{dry && job?.status === 'done' ? t('import.tryDone') : job && has(state) ? tDynamic(state) : t('import.state.queued')}</h2>
              <span className="sp" />
              <span className="mut num">{t('import.progress', { done: fmt.number(done, lang), total: fmt.number(total, lang) })}</span>
            </div>
            <div className="bar-line" role="progressbar" aria-valuemin={0} aria-valuemax={total} aria-valuenow={done} aria-label={t('import.step.run')}><span style={{ width: `${over ? 100 : total ? Math.min(100, (done / total) * 100) : 0}%` }} /></div>
            <dl className="imp-counts">
              {shares.map(([k, n, tone]) => <div key={k}><dt className="mut s12">{t(`import.${k}`)}</dt><dd className={`num ${n ? tone : 'mut'}`}>{fmt.number(n ?? 0, lang)}</dd></div>)}
            </dl>
            {over && dry && <p>{(job?.failed ?? 0) > 0 ? t('import.tryBad', { count: job?.failed ?? 0 }) : t('import.tryOk')}</p>}
            {over && id && (job?.failed ?? 0) > 0 && <WrongRows job={id} objects={objects} count={job?.failed ?? 0} />}
            {job?.error && <p className="late">{job.error}</p>}
            <div className="row" style={{ flexWrap: 'wrap' }}>
              {!over && !dry && <button type="button" className="btn" onClick={() => void control('cancel')}>{t('import.cancel')}</button>}
              {over && !dry && (job?.status === 'cancelled' || job?.status === 'failed') && <button type="button" className="btn" onClick={() => void control('resume')}>{t('import.resume')}</button>}
              {over && (job?.failed ?? 0) > 0 && <a className="btn" href={url(`/import/jobs/${id}/errors.xlsx`)} download><Icon name="download" />{t('import.errors')}</a>}
              {over && !dry && job?.status !== 'undone' && ((job?.created ?? 0) > 0 || (job?.updated ?? 0) > 0) && <button type="button" className="btn" onClick={() => void control('undo')}><Icon name="undo" />{t('import.undo')}</button>}
              {over && !dry && <Link className="btn p" to="/o/$object" params={{ object: object.name }} search={{ layout: 'table' }}>{t('import.see')}</Link>}
            </div>
          </div>
        )}
      </div>
      <footer className="imp-foot">
        <span className="sp" />
        {dry && <SavePlan upload={upload} choices={choices} />}
        {dry && <button type="button" className="btn" onClick={onBack}>{t('act.back')}</button>}
        {dry && <button type="button" className={id ? 'btn p' : 'btn'} onClick={onNext}>{t('act.next')}</button>}
        {!dry && over && <button type="button" className="btn" onClick={onRestart}>{t('import.again')}</button>}
      </footer>
    </>
  );
}
