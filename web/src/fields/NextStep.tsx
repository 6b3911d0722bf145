import * as fmt from '@/shared/format';
import { useT, type Lang } from '@/shared/i18n';

/** The next step: one ring, one verb, one date. Open, haloed today, filled when late, dashed when there is none. */
export function NextStep({ text, at, lang, now = new Date(), id }: { text: string | null; at: string | null; lang: Lang; now?: Date; id?: string | undefined }) {
  const t = useT();
  if (!text && !at) {
    return (
      <div className="next none" id={id}>
        <span className="ring" aria-hidden="true" />
        <span className="el">{t('next.none')}</span>
      </div>
    );
  }
  const d = at ? new Date(at) : null;
  const diff = d ? fmt.daysBetween(now, d) : null;
  const state = diff === null ? '' : diff < 0 ? 'past' : diff === 0 ? 'today' : '';
  const midnight = d && d.getHours() === 0 && d.getMinutes() === 0;
  const said = !d || diff === null ? '' : diff < 0 ? t('next.late', { count: -diff }) : diff === 0 && !midnight ? fmt.dateTimeWords(d, lang, now) : fmt.dateWords(d, lang, now);
  return (
    <div className={`next ${state}`} id={id}>
      <span className="ring" aria-hidden="true" />
      <span className="el">{text ?? t('next.followUp')}</span>
      {d && <time dateTime={at ?? ''} title={fmt.exact(d)}>{said}</time>}
    </div>
  );
}
