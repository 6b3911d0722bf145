import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { expanded, expandedAll, label } from '@/api/model';
import { useModel } from '@/api/queries';
import type { Rec } from '@/api/types';
import { followIcons } from '@/fields/follow/icons';
import * as fmt from '@/shared/format';
import { useLang, useT } from '@/shared/i18n';
import { Icon, type IconName } from '@/shared/icons';
import { Tag } from '@/shared/ui';
import { elsewhere, type Item } from './items';
import { plainText } from './words';

interface Face {
  icon: IconName;
  tone: string;
  who: string;
  what: ReactNode;
  text?: ReactNode;
  foot?: ReactNode;
}

const str = (v: unknown): string => (typeof v === 'string' ? v : '');

function size(n: number): string {
  return n < 1024 ? `${n} B` : n < 1_048_576 ? `${Math.round(n / 1024)} KB` : `${(n / 1_048_576).toFixed(1)} MB`;
}

/** One entry of the timeline that is a record of its own. */
export function RecItem({ item, home }: { item: Item & { rec: Rec; object: string }; home: string }) {
  const lang = useLang();
  const face = useFace(item);
  const at = item.at;
  const other = elsewhere(item, home);
  return (
    <div className="tl-item">
      <span className={`av ${face.tone}`} aria-hidden="true"><Icon name={face.icon} size={14} /></span>
      <div className="col">
        <div className="tl-h">
          {face.who && <b>{face.who}</b>}
          <span className="sec el">{face.what}</span>
          <time dateTime={at.toISOString()} title={fmt.exact(at)}>{fmt.dateTimeWords(at, lang)}</time>
        </div>
        {face.text && <p className="pre">{face.text}</p>}
        {(face.foot || other) && (
          <div className="row tl-foot">
            {face.foot}
            {other && <Link className="tag tl-other" to="/o/$object/$id" params={{ object: other.object, id: other.id }}>{other.title}</Link>}
          </div>
        )}
      </div>
    </div>
  );
}

function useFace({ object, rec }: { object: string; rec: Rec }): Face {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const who = expanded(rec, 'owner_id')?.title ?? expanded(rec, 'created_by')?.title ?? '';
  const pick = (field: string) => label(model.pick(model.field(object, field)?.picklist, rec[field])?.label, lang, '');
  const link = (text: string) => <Link className="link-quiet" to="/o/$object/$id" params={{ object, id: rec.id }}>{text || t('value.untitled')}</Link>;
  switch (object) {
    case 'follow_up': {
      const next = str(rec['next_follow_at']) ? new Date(str(rec['next_follow_at'])) : null;
      const people = expandedAll(rec, 'contacts');
      const files = Array.isArray(rec['files']) ? (rec['files'] as string[]) : [];
      return {
        icon: followIcons[str(rec['follow_type'])] ?? 'chat', tone: '', who, what: [pick('follow_type'), people.map((p) => p.title).join(lang === 'zh-CN' ? '、' : ', ')].filter(Boolean).join(' · '), text: str(rec['content']),
        foot: (rec['is_effective'] === true || next || files.length > 0) && (
          <>
            {rec['is_effective'] === true && <Tag colour="green">{t('follow.effective')}</Tag>}
            {next && <Tag>{t('follow.nextAt', { time: fmt.dateTimeWords(next, lang) })}</Tag>}
            {files.map((id, i) => <a key={id} className="tag" href={`/api/v1/files/${id}`} target="_blank" rel="noreferrer"><Icon name="clip" size={12} />{i + 1}</a>)}
          </>
        ),
      };
    }
    case 'task': {
      const due = str(rec['due_at']) ? new Date(str(rec['due_at'])) : null;
      const done = rec['status'] === 'done';
      const late = due && !done && rec['status'] !== 'cancelled' && due.getTime() < Date.now();
      return { icon: 'check', tone: done ? 'ok' : 'grey', who, what: <>{label(model.object(object)?.label, lang)} {link(str(rec['subject']))}</>, foot: <><Tag colour={done ? 'green' : undefined}>{pick('status')}</Tag>{due && !done && <Tag colour={late ? 'red' : undefined}>{t('timeline.due', { time: fmt.dateTimeWords(due, lang) })}</Tag>}</> };
    }
    case 'event':
      return { icon: 'calendar', tone: 'grey', who, what: <>{pick('event_type')} {link(str(rec['subject']))}</>, text: str(rec['location']) || undefined, foot: <Tag>{pick('status')}</Tag> };
    case 'call': {
      const talk = typeof rec['talk_time'] === 'number' ? fmt.duration(rec['talk_time'], lang) : '';
      return { icon: 'phone', tone: rec['direction'] === 'in' ? 'info' : '', who, what: [label(model.object(object)?.label, lang), pick('direction'), expanded(rec, 'contact_id')?.title, talk].filter(Boolean).join(' · '), text: str(rec['subject']) || undefined, foot: pick('result') && <Tag>{pick('result')}</Tag> };
    }
    case 'visit':
      return { icon: 'pin', tone: '', who, what: <>{label(model.object(object)?.label, lang)} {link(str(rec['subject']))}</>, text: str(rec['summary']) || undefined, foot: pick('status') && <Tag>{pick('status')}</Tag> };
    case 'email_message':
      return { icon: 'mail', tone: rec['direction'] === 'in' ? 'info' : '', who: rec['direction'] === 'in' ? str(rec['from_addr']) : who, what: link(str(rec['subject'])), text: plainText(str(rec['body'])).slice(0, 280) || undefined, foot: pick('status') && <Tag>{pick('status')}</Tag> };
    case 'message':
      return { icon: 'chat', tone: rec['direction'] === 'in' ? 'info' : '', who, what: pick('channel'), text: str(rec['body']) };
    case 'note':
      return { icon: 'note', tone: 'warn', who, what: str(rec['title']) || label(model.object(object)?.label, lang), text: plainText(str(rec['body'])) };
    case 'attachment': {
      const image = /^image\/(png|jpeg|webp|gif)$/.test(str(rec['mime']));
      const href = `/api/v1/files/${rec.id}`;
      return {
        icon: 'clip', tone: 'grey', who, what: <><a className="link-quiet" href={href} target="_blank" rel="noreferrer">{str(rec['file_name'])}</a> <span className="mut s12">{typeof rec['size'] === 'number' ? size(rec['size']) : ''}</span></>,
        text: image ? <a href={href} target="_blank" rel="noreferrer"><img className="tl-img" src={href} alt={str(rec['file_name'])} loading="lazy" /></a> : undefined,
      };
    }
    case 'stage_history': {
      const stayed = typeof rec['stayed'] === 'number' ? fmt.duration(rec['stayed'], lang) : '';
      return { icon: 'target', tone: 'violet', who: who || t('timeline.system'), what: <>{t('timeline.stage')} <span className="mut">{expanded(rec, 'from_stage_id')?.title}</span> → <b className="ink">{expanded(rec, 'to_stage_id')?.title}</b></>, text: [str(rec['reason']), stayed ? t('timeline.stayed', { time: stayed }) : ''].filter(Boolean).join(' · ') || undefined };
    }
    default:
      return { icon: 'circle', tone: 'grey', who, what: label(model.object(object)?.label, lang, object) };
  }
}
