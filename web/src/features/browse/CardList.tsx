import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { titleOf } from '@/api/model';
import { useModel } from '@/api/queries';
import type { Rec } from '@/api/types';
import { isBlank } from '@/fields/display';
import { FieldValue } from '@/fields/FieldValue';
import { useLang, useT } from '@/shared/i18n';
import type { Browse } from './useBrowse';

/** The list on the phone: a card a record, its title and the first facts. */
export function CardList({ browse, rows, more }: { browse: Browse; rows: Rec[]; more: (() => void) | undefined }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const end = useRef<HTMLDivElement>(null);
  const { object } = browse;
  const fields = browse.columns.filter((f) => f.name !== object.title);
  useEffect(() => {
    const el = end.current;
    if (!el || !more) return;
    const watch = new IntersectionObserver((seen) => seen.some((s) => s.isIntersecting) && more());
    watch.observe(el);
    return () => watch.disconnect();
  }, [more, rows.length]);
  return (
    <ul className="cards">
      {rows.map((rec) => {
        const shown = fields.filter((f) => !isBlank(rec[f.name]) && !['phone', 'email', 'url', 'file', 'img'].includes(f.type)).slice(0, 4);
        return (
          <li key={rec.id}>
            <Link className="pcard" to="/o/$object/$id" params={{ object: object.name, id: rec.id }}>
              <span className="t el">{titleOf(object, rec) || t('value.untitled')}</span>
              <span className="row" style={{ flexWrap: 'wrap', gap: '0 10px' }}>
                {shown.map((f) => (
                  <span key={f.name} className="el" style={{ maxWidth: '100%' }}>
                    <FieldValue object={object.name} field={f} rec={rec} model={model} lang={lang} dense />
                  </span>
                ))}
              </span>
            </Link>
          </li>
        );
      })}
      {more && <li aria-hidden="true"><div ref={end} style={{ height: 40 }} /></li>}
    </ul>
  );
}
