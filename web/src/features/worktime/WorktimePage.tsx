import { Link } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { tell } from '@/api/problem';
import { client, keys, useCreate, useList, useModel, useRows, useUpdate } from '@/api/queries';
import { rest } from '@/api/rest';
import type { Rec } from '@/api/types';
import { AdminPage, Body } from '@/features/admin/parts';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { toast } from '@/shared/toast';
import { SkeletonRows } from '@/shared/ui';
import { DayDialog } from './DayDialog';
import { HoursList } from './HoursList';
import { useW } from './text';
import { calendarOf, workdays, yearOf, type Day } from './worktime';
import { YearGrid } from './YearGrid';
import './worktime.css';

/** The organisation's working time: its business hours, and a year in which every day can be clicked. */
export default function WorktimePage() {
  const t = useT();
  const w = useW();
  const lang = useLang();
  const model = useModel();
  const [year, setYear] = useState(() => new Date().getFullYear());
  const [chosen, setChosen] = useState<Day | null>(null);
  const hoursList = useList('business_hours', { sort: '-is_default,name', limit: 200 });
  const calendarList = useList('holiday_calendar', { sort: '-year', limit: 200 });
  const hours = useRows(hoursList.data);
  const calendars = useRows(calendarList.data);
  const main = hours.find((h) => h['is_default'] === true);
  const calendar = calendarOf(year, main, calendars);
  const dayList = useList('holiday', { filter: { field: 'calendar_id', op: 'eq', value: calendar?.id ?? '' }, sort: 'day', limit: 200 }, calendar !== undefined);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = dayList;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const rows = useRows(dayList.data);
  const days = useMemo(() => yearOf(year, main, calendar ? rows.filter((r) => r['calendar_id'] === calendar.id) : []), [year, main, calendar, rows]);
  const makeCalendar = useCreate('holiday_calendar');
  const changeHours = useUpdate('business_hours');
  const mayEdit = model.object('holiday_calendar')?.rights.edit === true;
  const mayMake = model.object('holiday_calendar')?.rights.create === true;

  /** The calendar of the year that is shown; made when there is none. */
  const ensure = async (): Promise<Rec> => {
    if (calendar) return calendar;
    const named = calendars.find((c) => c.id === main?.['holiday_calendar_id']);
    const country = String(named?.['country'] ?? '') || 'CN';
    const place = new Intl.DisplayNames(lang, { type: 'region' }).of(country) ?? country;
    const made = await makeCalendar.mutateAsync({ name: `${place} ${year}`, country, year });
    if (main && !named) await changeHours.mutateAsync({ id: main.id, version: main.version, data: { holiday_calendar_id: made.id } });
    return made;
  };
  const fill = async () => {
    try {
      const c = await ensure();
      const done = (await rest.post('/{object}/{id}/actions/{action}', { path: { object: 'holiday_calendar', id: c.id, action: 'fill' }, body: {} })) as { added?: number };
      await client.invalidateQueries({ queryKey: keys.lists('holiday') });
      toast(done.added ? w('filled', { count: done.added }) : w('filledNone'));
    } catch (e) {
      tell(e, lang, 'holiday_calendar', model);
    }
  };
  const editable = calendar ? mayEdit : mayMake;
  const waiting = hoursList.isPending || calendarList.isPending || (calendar !== undefined && dayList.isPending);
  return (
    <AdminPage title={t('settings.worktime')}>
      <Body label={t('settings.worktime')}>
        <p className="adm-lead">{w('lead')}</p>
        <HoursList hours={hours} calendars={calendars} pending={hoursList.isPending} />
        <section className="wt-year" aria-labelledby="wt-year">
          <div className="wt-bar">
            <button type="button" className="tap" aria-label={w('before')} onClick={() => setYear(year - 1)}><Icon name="left" /></button>
            <h2 id="wt-year" className="num" aria-live="polite">{w('year', { year: String(year) })}</h2>
            <button type="button" className="tap" aria-label={w('after')} onClick={() => setYear(year + 1)}><Icon name="right" /></button>
            {!waiting && <span className="mut num">{w('days', { count: workdays(days) })}</span>}
            <span className="sp" />
            {calendar && <Link className="link s13" to="/o/$object/$id" params={{ object: 'holiday_calendar', id: calendar.id }}>{w('list')}</Link>}
            {editable && <button type="button" className="btn" onClick={() => void fill()}><Icon name="calendar" />{w('fill')}</button>}
          </div>
          {!calendar && !waiting && <p className="mut s13">{w('none', { year: String(year) })}</p>}
          {waiting ? <SkeletonRows rows={6} /> : <YearGrid days={days} onPick={editable ? setChosen : undefined} />}
          <ul className="wt-legend" aria-label={w('legend')}>
            {(['work', 'free', 'holiday', 'workday'] as const).map((k) => <li key={k}><span className={`wt-day ${k}`} aria-hidden="true">{k === 'workday' ? 10 : 8}</span>{w(k)}</li>)}
          </ul>
        </section>
      </Body>
      {chosen && <DayDialog day={chosen} ensure={ensure} onClose={() => setChosen(null)} />}
    </AdminPage>
  );
}
