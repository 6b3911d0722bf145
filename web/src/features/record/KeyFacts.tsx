import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import type { FieldMeta, ObjectMeta, Rec } from '@/api/types';
import { shownIn } from '@/fields/conditions/conditions';
import { FieldValue } from '@/fields/FieldValue';
import * as fmt from '@/shared/format';
import { useLang, useT } from '@/shared/i18n';

/** What one must know at a glance; the next follow-up as a ring: open, today, late, or none yet. */
export function KeyFacts({ object, rec, onLog }: { object: ObjectMeta; rec: Rec; onLog: (() => void) | undefined }) {
  const lang = useLang();
  const model = useModel();
  const t = useT();
  const fields = (object.facts ?? []).map((n) => model.field(object.name, n)).filter((f): f is FieldMeta => f !== undefined && shownIn(f, rec, model)).slice(0, 7);
  if (fields.length === 0) return null;
  return (
    <dl className="facts">
      {fields.map((f) => (
        <div key={f.name}>
          <dt>{label(f.label, lang, f.name)}</dt>
          <dd className="el">
            {f.name === 'next_follow_at' ? <Next at={rec[f.name]} onLog={onLog} /> : <FieldValue object={object.name} field={f} rec={rec} model={model} lang={lang} dense={f.type !== 'user'} links blank={<span className="mut">{t('value.blank')}</span>} />}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Next({ at, onLog }: { at: unknown; onLog: (() => void) | undefined }) {
  const t = useT();
  const lang = useLang();
  if (typeof at !== 'string' || !at) {
    return onLog ? <button type="button" className="next none fact-next" onClick={onLog}><span className="ring" aria-hidden="true" />{t('next.add')}</button> : <span className="mut">{t('value.blank')}</span>;
  }
  const d = new Date(at);
  const diff = fmt.daysBetween(new Date(), d);
  return (
    <span className={`next fact-next ${diff < 0 ? 'past' : diff === 0 ? 'today' : ''}`}>
      <span className="ring" aria-hidden="true" />
      <span title={fmt.exact(d)}>{diff < 0 ? `${fmt.dateWords(d, lang)} · ${t('next.late', { count: -diff })}` : fmt.dateTimeWords(d, lang)}</span>
    </span>
  );
}
