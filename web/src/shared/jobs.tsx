import { createStore, useStore } from './store';
import { Icon } from './icons';
import { useT } from './i18n';
import * as fmt from './format';
import { useLang } from './i18n';
import './jobs.css';

/** One thing of a long work that was refused, with the reason. */
export interface JobFault {
  id: string;
  title: string;
  reason: string;
  /** Where the record is shown. */
  href?: string;
}

/** A long work of this page, or of the server for it: progress, stop, result, undo. */
export interface Job {
  id: number | string;
  title: string;
  state: 'running' | 'done' | 'stopped' | 'failed' | 'undoing' | 'undone';
  done: number;
  /** 0 while it is not known yet. */
  total: number;
  faults: JobFault[];
  note?: string | undefined;
  undo?: (() => Promise<void>) | undefined;
  stop: () => void;
  /** The server runs it: it goes on without this page, and the server says how it stands. */
  remote?: Remote | undefined;
}

/** What a work of the server has beside the page's own. */
export interface Remote {
  /** Records that were written or were already right. */
  good: number;
  /** How many were refused; `faults` holds the first of them. */
  refused: number;
  /** All refused ones as a file. */
  file: string;
  /** Goes on with a work that broke off. */
  resume?: (() => void) | undefined;
  /** Forgets a work that has ended. */
  close: () => void;
}

export interface Work {
  /** Ends the work between two steps. */
  signal: AbortSignal;
  report: (change: Partial<Pick<Job, 'done' | 'total' | 'faults' | 'note' | 'undo'>>) => void;
}

export const jobs = createStore<Job[]>([]);
let counter = 0;

function change(id: Job['id'], next: Partial<Job>): void {
  jobs.set((all) => all.map((j) => (j.id === id ? { ...j, ...next } : j)));
}

/** Shows a work of the server as it stands now. */
export function showJob(job: Job): void {
  jobs.set((all) => (all.some((j) => j.id === job.id) ? all.map((j) => (j.id === job.id ? { ...job, faults: job.faults.length ? job.faults : j.faults } : j)) : [...all, job]));
}

export function hideJob(id: Job['id']): void {
  jobs.set((all) => (all.some((j) => j.id === id) ? all.filter((j) => j.id !== id) : all));
}

/** Starts a long work and shows it in the tray; resolves when it has ended, however it did. */
export async function startJob(title: string, run: (work: Work) => Promise<void>): Promise<Job['state']> {
  counter += 1;
  const id = counter;
  const halt = new AbortController();
  jobs.set((all) => [...all.filter((j) => j.remote || j.state === 'running' || j.state === 'undoing'), { id, title, state: 'running', done: 0, total: 0, faults: [], stop: () => halt.abort() }]);
  const end = (state: Job['state'], note?: string) => {
    change(id, note === undefined ? { state } : { state, note });
    return state;
  };
  try {
    await run({ signal: halt.signal, report: (next) => change(id, next) });
    return end(halt.signal.aborted ? 'stopped' : 'done');
  } catch (e) {
    if (halt.signal.aborted) return end('stopped');
    return end('failed', e instanceof Error ? e.message : undefined);
  }
}

export async function undoJob(job: Job): Promise<void> {
  if (!job.undo) return;
  // The server tells how far its own work is.
  if (job.remote) return job.undo();
  change(job.id, { state: 'undoing' });
  try {
    await job.undo();
    change(job.id, { state: 'undone', undo: undefined, faults: [] });
  } catch (e) {
    change(job.id, { state: 'failed', note: e instanceof Error ? e.message : undefined, undo: undefined });
  }
}

/** All works that run or have just ended. */
export function JobTray() {
  const t = useT();
  const lang = useLang();
  const all = useStore(jobs);
  if (all.length === 0) return null;
  const close = (j: Job) => {
    j.remote?.close();
    hideJob(j.id);
  };
  return (
    <section className="jobs" aria-label={t('job.tray')}>
      {all.map((j) => {
        const busy = j.state === 'running' || j.state === 'undoing';
        const good = j.remote ? j.remote.good : j.done - j.faults.length;
        const refused = j.remote ? j.remote.refused : j.faults.length;
        return (
          <div key={j.id} className="job" data-state={j.state}>
            <div className="row">
              <span className={`job-mark ${j.state === 'failed' ? 'late' : j.state === 'done' && refused === 0 ? 'ok' : ''}`}>
                <Icon name={busy ? 'clock' : j.state === 'failed' ? 'alert' : j.state === 'undone' ? 'undo' : 'check'} />
              </span>
              <b className="b el" title={j.title}>{j.title}</b>
              <span className="sp" />
              {j.state === 'running' && <button type="button" className="btn s" onClick={j.stop}>{t('act.stop')}</button>}
              {!busy && j.remote?.resume && <button type="button" className="btn s" onClick={j.remote.resume}>{t('import.resume')}</button>}
              {!busy && j.undo && <button type="button" className="btn s" onClick={() => void undoJob(j)}>{t('act.undo')}</button>}
              {!busy && (
                <button type="button" className="tap" aria-label={t('act.close')} onClick={() => close(j)}>
                  <Icon name="x" size={14} />
                </button>
              )}
            </div>
            {busy && <progress aria-label={j.title} {...(j.total ? { max: j.total, value: j.done } : {})} />}
            {/* The bar tells how far it is; only the end is said unasked. */}
            <p className="mut s12 num" role="status" aria-live={busy ? 'off' : 'polite'}>
              {j.state === 'running' ? (j.total ? t('job.progress', { done: fmt.number(j.done, lang), total: fmt.number(j.total, lang) }) : t('job.reading')) : t(`job.${j.state}`, { done: fmt.number(good, lang), total: fmt.number(j.total, lang) })}
              {j.note ? ` · ${j.note}` : ''}
            </p>
            {refused > 0 && (
              <details>
                <summary className="late s12">{t('job.faults', { count: refused })}</summary>
                <ul className="job-faults">
                  {j.faults.slice(0, 200).map((f) => (
                    <li key={f.id}>
                      {f.href ? <a className="link el" href={f.href}>{f.title}</a> : <span className="el">{f.title}</span>}
                      <span className="mut s12">{f.reason}</span>
                    </li>
                  ))}
                </ul>
                {j.remote && !busy && <a className="link s12 job-file" href={j.remote.file} download>{t('job.file')}</a>}
              </details>
            )}
          </div>
        );
      })}
    </section>
  );
}
