import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { api, url } from '@/api/client';
import { label } from '@/api/model';
import { tell } from '@/api/problem';
import { useModel } from '@/api/queries';
import { WrongRows } from '@/features/import/WrongRows';
import { finished, type Job } from '@/features/import/types';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { has, tDynamic, useLang, useT } from '@/shared/i18n';
import { toast } from '@/shared/toast';
import { Body } from '../parts';
import { useA } from '../text';
import { applyEdit } from '../objects/useCustom';
import { dropSheet, type ObjectDraft } from './draft';

const pause = (ms: number) => new Promise((r) => setTimeout(r, ms));

/** The rows come in. When all of them did, the list of the new object opens by itself; otherwise the wrong ones are shown first. */
export function Progress({ job: id, draft }: { job: string; draft: ObjectDraft }) {
  const a = useA();
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const qc = useQueryClient();
  const navigate = useNavigate();
  const left = useRef(false);
  const query = useQuery({ queryKey: ['import', id], queryFn: () => api.get<Job>(`/import/jobs/${id}`), refetchInterval: (q) => (finished(q.state.data) ? false : 400) });
  const job = query.data;
  const over = finished(job);
  const object = model.object(draft.name);
  const name = label(draft.label, lang, draft.name);
  const takeBack = async () => {
    left.current = true;
    try {
      if (job && job.status !== 'undone' && (job.created ?? 0) > 0) {
        await api.post(`/import/jobs/${id}/undo`);
        while (!finished(await api.get<Job>(`/import/jobs/${id}`))) await pause(300);
      }
      await applyEdit((c) => dropSheet(c, draft.name));
      toast(a('sheet.undone', { name }));
      await navigate({ to: '/settings/objects' });
    } catch (e) {
      tell(e, lang, draft.name, model);
    }
  };
  const undo = useRef(takeBack);
  useEffect(() => {
    undo.current = takeBack;
  });
  useEffect(() => {
    if (!over || left.current) return;
    void qc.invalidateQueries({ queryKey: ['list'] });
    if (job?.status !== 'done' || (job.failed ?? 0) > 0) return;
    left.current = true;
    toast(a('sheet.filled', { name, count: job.created ?? 0, n: fmt.number(job.created ?? 0, lang) }), { undo: () => void undo.current() });
    void navigate({ to: '/o/$object', params: { object: draft.name }, search: { layout: 'table' } });
  }, [over, job, qc, navigate, a, name, draft.name, lang]);
  const total = job?.total ?? draft.rows;
  const done = job?.done ?? 0;
  const state = job ? `import.state.${job.status}` : '';
  const shares = job ? ([['created', job.created, 'ok'], ['skipped', job.skipped, ''], ['failed', job.failed, 'late']] as const) : [];
  return (
    <Body label={a('sheet.title')}>
      <div className="imp-run">
        <div className="imp-lead" aria-live="polite">
          <div className="row">
            <h2>{job && has(state) ? tDynamic(state) : t('import.state.queued')}</h2>
            <span className="sp" />
            <span className="mut num">{t('import.progress', { done: fmt.number(done, lang), total: fmt.number(total, lang) })}</span>
          </div>
          <div className="bar-line" role="progressbar" aria-valuemin={0} aria-valuemax={total} aria-valuenow={done} aria-label={t('import.step.run')}><span style={{ width: `${over ? 100 : total ? Math.min(100, (done / total) * 100) : 0}%` }} /></div>
          <dl className="imp-counts">{shares.map(([k, n, tone]) => <div key={k}><dt className="mut s12">{t(`import.${k}`)}</dt><dd className={`num ${n ? tone : 'mut'}`}>{fmt.number(n ?? 0, lang)}</dd></div>)}</dl>
          {over && (job?.failed ?? 0) > 0 && <p>{a('sheet.someWrong', { name, count: job?.failed ?? 0, n: fmt.number(job?.failed ?? 0, lang) })}</p>}
          {over && object && (job?.failed ?? 0) > 0 && <WrongRows job={id} objects={[object.name]} count={job?.failed ?? 0} />}
          {job?.error && <p className="late">{job.error}</p>}
          <div className="row" style={{ flexWrap: 'wrap' }}>
            {!over && <button type="button" className="btn" onClick={() => void api.post(`/import/jobs/${id}/cancel`).catch((e: unknown) => tell(e, lang))}>{t('import.cancel')}</button>}
            {over && (job?.failed ?? 0) > 0 && <a className="btn" href={url(`/import/jobs/${id}/errors.xlsx`)} download><Icon name="download" />{t('import.errors')}</a>}
            {over && <button type="button" className="btn" onClick={() => void takeBack()}><Icon name="undo" />{a('sheet.undo')}</button>}
            {over && <Link className="btn p" to="/o/$object" params={{ object: draft.name }} search={{ layout: 'table' }}>{t('import.see')}</Link>}
          </div>
        </div>
      </div>
    </Body>
  );
}
