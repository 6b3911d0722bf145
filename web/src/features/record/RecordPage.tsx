import { useParams } from '@tanstack/react-router';
import { useEffect, useState, type ReactNode } from 'react';
import { Problem } from '@/api/client';
import { expandParam, label, titleOf } from '@/api/model';
import { useModel, useRecord } from '@/api/queries';
import { unread } from '@/api/problem';
import type { ObjectMeta, Rec } from '@/api/types';
import { open } from '@/shared/commands';
import { arrange } from '@/fields/arrange';
import { useHotkeys } from '@/shared/hotkeys';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { phone } from '@/shared/prefs';
import { createStore, useStore } from '@/shared/store';
import { TabList, tabStop } from '@/shared/tabs';
import { Empty, SkeletonRows } from '@/shared/ui';
import { Facts } from './Facts';
import { Header } from './Header';
import { KeyFacts } from './KeyFacts';
import { Notice } from './Notice';
import { PhoneActs } from './PhoneActs';
import { VisitAct } from './VisitAct';
import { Related } from './Related';
import { StageBar } from './StageBar';
import { Timeline } from './timeline/Timeline';
import { WaitingNotes } from './timeline/Waiting';
import './record.css';
import './print.css';

/** Below 1200 px the right column becomes a tab (design.md §4). */
const wideQuery = typeof matchMedia === 'function' ? matchMedia('(min-width: 1200px), print') : null;
const wide = createStore<boolean>(wideQuery?.matches ?? true);
wideQuery?.addEventListener('change', () => wide.set(wideQuery.matches));

/** One page for every record: key facts, stage bar, sections, timeline, related lists. */
export default function RecordPage() {
  const { object: name = '', id = '' } = useParams({ strict: false });
  const model = useModel();
  const lang = useLang();
  const t = useT();
  const object = model.object(name);
  const record = useRecord(name, id, object ? expandParam(object.fields) : undefined);
  useEffect(() => {
    if (object && record.data) document.title = `${titleOf(object, record.data)} · ${t('app.name')}`;
  }, [object, record.data, t]);
  if (!object || (record.error instanceof Problem && record.error.status === 404)) {
    return <Absent at={{ object: name, id }} title={t('state.notFound')} text={t('state.notFoundText')} />;
  }
  if (record.error && !record.data) {
    const w = unread(record.error, lang, name, model);
    return <Absent at={{ object: name, id }} title={w.title} text={w.trace ? t('error.trace', { id: w.trace }) : w.lines.join(' ')} />;
  }
  if (!record.data) return <SkeletonRows rows={10} />;
  return <Record key={id} object={object} rec={record.data} />;
}

/** True some time after the component stands. */
function useLater(ms: number): boolean {
  const [later, setLater] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLater(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return later;
}

/** No record to show; what somebody wrote on it without a network is here all the same. */
function Absent({ at, title, text }: { at: { object: string; id: string }; title: string; text: string }) {
  return (
    <div className="absent">
      <Empty page drawing="search" title={title} text={text} />
      <WaitingNotes at={at} />
    </div>
  );
}

/** Does the workspace log follow-ups on this object? */
export function followable(object: ObjectMeta, followUp: ObjectMeta | undefined): boolean {
  if (!followUp?.rights.create) return false;
  const targets = followUp.fields.find((f) => f.name === 'target')?.targets;
  return targets === undefined || targets.length === 0 || targets.includes(object.name);
}

/** What stands in the timeline has no list of its own; logs neither. */
const told = new Set(['follow_up', 'stage_history', 'team_member', 'attachment', 'record_share', 'comment', 'follower', 'notification']);
/** Lists people look at most, in this order; the rest as the model has them. */
const order = ['opportunity_line', 'contact', 'opportunity_contact', 'opportunity', 'task', 'event'];

function Record({ object: plain, rec }: { object: ObjectMeta; rec: Rec }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const small = useStore(phone);
  const roomy = useStore(wide);
  const object = arrange(plain, rec, small);
  const title = titleOf(object, rec) || t('value.untitled');
  const follow = followable(object, model.object('follow_up'));
  const log = () => {
    const box = document.querySelector<HTMLElement>('[data-composer]');
    if (box) box.focus();
    else if (follow) open({ kind: 'followUp', object: object.name, id: rec.id, title });
  };
  useHotkeys([
    { key: 'f', run: log },
    { key: 'c', run: () => open({ kind: 'create' }) },
    { key: 'e', run: () => document.querySelector<HTMLElement>('[data-edit]')?.click() },
  ]);
  const [tab, setTab] = useState('timeline');
  const rank = (n: string) => (order.includes(n) ? order.indexOf(n) : order.length);
  const related = (object.related ?? []).filter((r) => !told.has(r.object) && model.object(r.object)?.rights.read && model.field(r.object, r.field)).sort((a, b) => rank(a.object) - rank(b.object));
  const parts: Record<string, ReactNode> = {
    timeline: <Timeline object={object} rec={rec} composer={follow && !small} />,
    facts: <Facts object={object} rec={rec} />,
    related: <div className="rls">{related.map((r) => <Related key={`${r.object}.${r.field}`} object={r.object} field={r.field} to={object} rec={rec} />)}</div>,
  };
  const tabs = (small ? [['timeline', t('record.timeline')], ['facts', t('record.details')], ['related', t('record.related')]] : [['timeline', t('record.timeline')], ['related', t('record.related')]]).filter(([k]) => k !== 'related' || related.length > 0);
  const strip = (
    <TabList className="rtabs" label={title}>
      {tabs.map(([k = '', text]) => (
        <button key={k} type="button" role="tab" aria-selected={tab === k} tabIndex={tabStop(tab === k)} className={tab === k ? 'rtab on' : 'rtab'} onClick={() => setTab(k)}>{text}</button>
      ))}
    </TabList>
  );
  // Behind its tab it is read as well once the page stands: whoever opened a record finds all of it without a network.
  const ahead = useLater(1500);
  const unseen = ahead && related.length > 0 && tab !== 'related' && <div hidden>{parts['related']}</div>;
  const logIf = follow ? log : undefined;
  return (
    <article className="record" aria-label={`${label(object.label, lang)} ${title}`}>
      <Header object={object} rec={rec} title={title} onLog={logIf} />
      {small ? (
        <>
          <PhoneActs object={object} rec={rec} title={title} />
          <VisitAct object={object} rec={rec} className="btn p visit-act" />
          <Notice object={object} rec={rec} onLog={logIf} />
          <KeyFacts object={object} rec={rec} onLog={logIf} />
          {object.board && <StageBar object={object} rec={rec} />}
          {strip}
          <div className="rpanel" role="tabpanel" aria-label={tabs.find(([k]) => k === tab)?.[1]}>{parts[tab]}</div>
          {unseen}
          {follow && (
            <div className="phone-act">
              <button type="button" className="btn p l" style={{ flex: 1 }} onClick={log}><Icon name="edit" />{t('follow.log')}</button>
            </div>
          )}
        </>
      ) : (
        <>
          <div style={{ padding: '0 24px' }}>
            <KeyFacts object={object} rec={rec} onLog={logIf} />
            {object.board && <StageBar object={object} rec={rec} />}
            <Notice object={object} rec={rec} onLog={logIf} />
          </div>
          <div className={roomy && related.length ? 'cols' : 'cols two'}>
            {/* oxlint-disable jsx-a11y/no-noninteractive-tabindex -- regions that scroll must be reachable with the keyboard */}
            <section aria-label={t('record.details')} tabIndex={0}>{parts['facts']}</section>
            <section aria-label={t('record.timeline')} tabIndex={0}>
              {!roomy && tabs.length > 1 && strip}
              {roomy || tab !== 'related' ? parts['timeline'] : parts['related']}
              {!roomy && unseen}
            </section>
            {roomy && related.length > 0 && <section aria-label={t('record.related')} tabIndex={0}>{parts['related']}</section>}
            {/* oxlint-enable jsx-a11y/no-noninteractive-tabindex */}
          </div>
        </>
      )}
    </article>
  );
}
