import { useState } from 'react';
import { Problem } from '@/api/client';
import { fieldErrors, tell } from '@/api/problem';
import { client, keys, useCreate, useModel, useUpdate } from '@/api/queries';
import type { Rec } from '@/api/types';
import { Check, Choice, Row } from '@/features/admin/parts';
import { Dialog } from '@/shared/Dialog';
import { shippedName } from '@/shared/i18n/shipped';
import { useLang, useT } from '@/shared/i18n';
import { toast } from '@/shared/toast';
import { useW } from './text';
import { Windows } from './Windows';
import { dayName, tidy, weekKeys, weekly, type Weekly } from './worktime';

const zones = (): string[] => ['Asia/Shanghai', ...Intl.supportedValuesOf('timeZone').filter((z) => z !== 'Asia/Shanghai')];

/** Business hours: name, zone, the windows of each weekday, whose holidays count. */
export function HoursDialog({ hours, calendars, onClose }: { hours: Rec | undefined; calendars: Rec[]; onClose: () => void }) {
  const t = useT();
  const w = useW();
  const lang = useLang();
  const model = useModel();
  const [name, setName] = useState(String(hours?.['name'] ?? ''));
  const [zone, setZone] = useState(String(hours?.['timezone'] ?? 'Asia/Shanghai'));
  const [calendar, setCalendar] = useState(String(hours?.['holiday_calendar_id'] ?? (hours ? '' : (calendars[0]?.id ?? ''))));
  const [always, setAlways] = useState(hours?.['is_24x7'] === true);
  const [main, setMain] = useState(hours?.['is_default'] === true);
  const [week, setWeek] = useState<Weekly>(() => weekly(hours));
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const create = useCreate('business_hours');
  const update = useUpdate('business_hours');
  const save = async () => {
    const data = { name: name.trim(), timezone: zone, holiday_calendar_id: calendar || null, is_24x7: always, is_default: main, weekly: Object.fromEntries(weekKeys.map((k) => [k, tidy(week[k] ?? [])])) };
    try {
      if (hours) await update.mutateAsync({ id: hours.id, version: hours.version, data });
      else await create.mutateAsync(data);
      // Another one may have lost its place as the default.
      void client.invalidateQueries({ queryKey: keys.lists('business_hours') });
      toast(w('saved'));
      onClose();
    } catch (e) {
      if (e instanceof Problem && e.body.errors?.length) setWrong(fieldErrors(e.body));
      else tell(e, lang, 'business_hours', model);
    }
  };
  const known = zones();
  const options = (known.includes(zone) ? known : [zone, ...known]).map((z) => ({ value: z, text: z.replaceAll('_', ' ') }));
  const monday = week.mon ?? [];
  return (
    <Dialog
      title={hours ? shippedName('business_hours', name, lang) : w('hoursNew')}
      onClose={onClose}
      onSubmit={() => void (name.trim() && save())}
      width={560}
      foot={<><span className="sp" /><button type="button" className="btn q" onClick={onClose}>{t('act.cancel')}</button><button type="submit" className="btn p" disabled={!name.trim()}>{w('save')}</button></>}
    >
      <Row label={w('hoursName')} error={wrong['name']} need>{(id, by) => <input id={id} className="adm-in" data-autofocus aria-describedby={by} maxLength={255} value={name} onChange={(e) => setName(e.target.value)} />}</Row>
      <div className="adm-two">
        <Row label={w('zone')} error={wrong['timezone']}>{(id, by) => <Choice id={id} describedBy={by} value={zone} options={options} onChange={setZone} />}</Row>
        <Row label={w('calendar')} error={wrong['holiday_calendar_id']}>{(id, by) => <Choice id={id} describedBy={by} value={calendar} options={[{ value: '', text: w('noCalendar') }, ...calendars.map((c) => ({ value: c.id, text: shippedName('holiday_calendar', String(c['name']), lang) }))]} onChange={setCalendar} />}</Row>
      </div>
      {!always && (
        <fieldset className="wt-weekly">
          <legend className="adm-label">{w('week')}</legend>
          {weekKeys.map((k) => (
            <div key={k} className="wt-line">
              <span>{dayName(k, lang)}</span>
              {(week[k]?.length ?? 0) === 0 && <span className="mut">{w('dayFree')}</span>}
              <Windows day={dayName(k, lang)} value={week[k] ?? []} onChange={(v) => setWeek({ ...week, [k]: v })} />
            </div>
          ))}
          {wrong['weekly'] && <span className="late s12" role="alert">{wrong['weekly']}</span>}
          {monday.length > 0 && <button type="button" className="btn s" onClick={() => setWeek({ ...week, tue: monday, wed: monday, thu: monday, fri: monday })}>{w('asMonday')}</button>}
        </fieldset>
      )}
      <Check label={w('isAlways')} checked={always} onChange={setAlways} />
      <Check label={w('makeDefault')} checked={main} disabled={hours?.['is_default'] === true} onChange={setMain} />
    </Dialog>
  );
}
