import DatePicker from 'antd/es/date-picker';
import dayjs from 'dayjs';
import 'dayjs/locale/zh-cn';
import { label, valueType } from '@/api/model';
import { t } from '@/shared/i18n';
import type { InputProps } from './inputs';

/** A date or a moment, with the choices people make most at hand. */
export default function DateInput(p: InputProps) {
  const timed = valueType(p.field) === 'dt';
  dayjs.locale(p.lang === 'zh-CN' ? 'zh-cn' : 'en');
  const value = typeof p.value === 'string' && p.value ? dayjs(p.value) : null;
  const at = (d: dayjs.Dayjs) => (timed ? d.hour(10).minute(0).second(0).millisecond(0) : d.startOf('day'));
  const monday = dayjs().add(((8 - dayjs().day()) % 7) || 7, 'day');
  return (
    <DatePicker
      style={{ width: '100%' }}
      {...(p.id ? { id: p.id } : {})}
      autoFocus={Boolean(p.autoFocus)}
      defaultOpen={Boolean(p.autoFocus && p.onDone)}
      aria-label={label(p.field.label, p.lang, p.field.name)}
      {...(p.error ? { status: 'error' as const } : {})}
      value={value}
      showTime={timed ? { format: 'HH:mm', minuteStep: 5 } : false}
      format={timed ? 'YYYY-MM-DD HH:mm' : 'YYYY-MM-DD'}
      placeholder={t('date.pick')}
      allowClear={!p.field.required}
      presets={[
        { label: t('date.today'), value: at(dayjs()) },
        { label: t('date.tomorrow'), value: at(dayjs().add(1, 'day')) },
        { label: t('date.monday'), value: at(monday) },
        { label: t('date.week'), value: at(dayjs().add(7, 'day')) },
      ]}
      onChange={(d) => {
        const one = Array.isArray(d) ? d[0] : d;
        p.onChange(one ? (timed ? one.toDate().toISOString() : one.format('YYYY-MM-DD')) : null);
        p.onDone?.();
      }}
    />
  );
}
