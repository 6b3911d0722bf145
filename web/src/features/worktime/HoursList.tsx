import { useState } from 'react';
import { useModel } from '@/api/queries';
import type { Rec } from '@/api/types';
import { Icon } from '@/shared/icons';
import { useLang } from '@/shared/i18n';
import { SkeletonRows, Tag } from '@/shared/ui';
import { HoursDialog } from './HoursDialog';
import { useW } from './text';
import { dayName, groups, nameOfHours, weekly } from './worktime';

/** The kept business hours, each in one line; a click opens them. */
export function HoursList({ hours, calendars, pending }: { hours: Rec[]; calendars: Rec[]; pending: boolean }) {
  const w = useW();
  const lang = useLang();
  const rights = useModel().object('business_hours')?.rights;
  const [open, setOpen] = useState<Rec | 'new' | null>(null);
  const said = (h: Rec) =>
    h['is_24x7'] === true ? w('always') : groups(weekly(h)).map((g) => `${g.from === g.to ? dayName(g.from, lang) : `${dayName(g.from, lang)}–${dayName(g.to, lang)}`} ${g.windows.map((x) => x.join('–')).join(', ')}`).join('; ');
  return (
    <section className="wt-hours" aria-labelledby="wt-hours">
      <div className="wt-bar">
        <h2 id="wt-hours">{w('hours')}</h2>
        <span className="sp" />
        {rights?.create && <button type="button" className="btn q" onClick={() => setOpen('new')}><Icon name="plus" />{w('hoursNew')}</button>}
      </div>
      {pending ? <SkeletonRows rows={2} /> : (
        <ul>
          {hours.map((h) => (
            <li key={h.id}>
              <Icon name="clock" />
              <span className="col">
                <span className="row"><b>{nameOfHours(h, lang)}</b>{h['is_default'] === true && <Tag colour="jade">{w('default')}</Tag>}</span>
                <span className="mut s12 num">{said(h)}</span>
              </span>
              <span className="sp" />
              {rights?.edit && <button type="button" className="tap" aria-label={w('edit', { name: nameOfHours(h, lang) })} onClick={() => setOpen(h)}><Icon name="edit" /></button>}
            </li>
          ))}
        </ul>
      )}
      {open && <HoursDialog hours={open === 'new' ? undefined : open} calendars={calendars} onClose={() => setOpen(null)} />}
    </section>
  );
}
