import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { Problem } from '@/api/client';
import { titleOf } from '@/api/model';
import { keys, patchCaches, useModel, wroteMyself } from '@/api/queries';
import { tell } from '@/api/problem';
import type { ObjectMeta, Rec } from '@/api/types';
import { daysIn, moveTo, useStages, type Column } from '@/fields/stages/stages';
import { Menu } from '@/shared/Pop';
import { useLang, useT } from '@/shared/i18n';
import { toast } from '@/shared/toast';

const GateDialog = lazy(() => import('@/fields/stages/GateDialog'));

/** Where the record stands; a click on a stage moves it there, or tells what is missing. */
export function StageBar({ object, rec }: { object: ObjectMeta; rec: Rec }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const qc = useQueryClient();
  const stages = useStages(object, model, lang, typeof rec['pipeline_id'] === 'string' ? rec['pipeline_id'] : undefined);
  const [gate, setGate] = useState<{ to: Column; problem: Problem } | null>(null);
  const [ends, setEnds] = useState<HTMLElement | null>(null);
  if (!stages || !object.board) return null;
  const now = rec[object.board];
  const open = stages.columns.filter((c) => c.kind === 'open');
  const closed = stages.columns.filter((c) => c.kind !== 'open');
  const at = open.findIndex((c) => c.key === now);
  const end = closed.find((c) => c.key === now);
  const days = daysIn(rec);
  const run = async (to: Column, extra: Record<string, unknown> = {}) => {
    const fresh = await moveTo(object, rec.id, now, to.key, extra);
    if (fresh?.id) {
      wroteMyself(object.name, fresh.id, fresh.version);
      patchCaches(qc, object.name, fresh);
    }
    void qc.invalidateQueries({ queryKey: keys.record(object.name, rec.id) });
    void qc.invalidateQueries({ queryKey: keys.history(object.name, rec.id) });
    void qc.invalidateQueries({ queryKey: keys.lists(object.name) });
    void qc.invalidateQueries({ queryKey: keys.aggregates(object.name) });
    toast(t('board.moved', { name: titleOf(object, rec), stage: to.title }));
  };
  const move = (to: Column) => {
    if (to.key === now) return;
    run(to).catch((e: unknown) => {
      if (e instanceof Problem && e.status === 422 && e.body.errors?.length) setGate({ to, problem: e });
      else tell(e, lang, object.name, model, t('board.notMoved', { name: titleOf(object, rec) }));
    });
  };
  return (
    <>
    <ol className="stages" aria-label={t('record.stages')}>
      {open.map((c, i) => {
        const past = end ? end.kind === 'won' : i < at;
        const here = i === at;
        const share = here && days !== null && c.maxDays ? Math.min(100, Math.max(6, Math.round((days / c.maxDays) * 100))) : past ? 100 : 0;
        const over = here && days !== null && c.maxDays !== null && days > c.maxDays;
        return (
          <li key={c.key} className={here ? 'here' : past ? 'past' : ''}>
            <button type="button" aria-current={here ? 'step' : undefined} disabled={!object.rights.edit} onClick={() => move(c)} title={t('gate.title', { stage: c.title })}>
              <span className="stage-line"><span className={over ? 'late-line' : ''} style={{ width: `${here && share === 0 ? 50 : share}%` }} /></span>
              <span className="el stage-name">{c.title}</span>
              {past && <span className="sr">{t('record.stagePast')}</span>}
              <span className={over ? 's12 late' : 's12 mut'}>{here && days !== null ? (c.maxDays ? t('board.daysOf', { days, limit: c.maxDays }) : t('board.days', { count: days })) : c.probability !== null ? `${c.probability}%` : ' '}</span>
            </button>
          </li>
        );
      })}
      {closed.length > 0 && (
        <li className={end ? `here end ${end.kind}` : 'end'}>
          <button type="button" aria-current={end ? 'step' : undefined} disabled={!object.rights.edit} aria-haspopup="menu" onClick={(e) => setEnds(e.currentTarget)}>
            <span className="stage-line"><span style={{ width: end ? '100%' : 0 }} /></span>
            <span className="el stage-name">{end ? end.title : closed.slice(0, 2).map((c) => c.title).join(' / ')}</span>
          </button>
        </li>
      )}
    </ol>
      {ends && <Menu anchor={ends} label={t('record.stages')} align="end" onClose={() => setEnds(null)} items={closed.map((c) => ({ key: c.key, text: c.title, checked: c.key === now, run: () => move(c) }))} />}
      <Suspense>{gate && <GateDialog object={object} rec={rec} stage={gate.to.title} problem={gate.problem} onClose={() => setGate(null)} onMove={(extra) => run(gate.to, extra)} />}</Suspense>
    </>
  );
}
