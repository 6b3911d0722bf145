import { memo, type ReactNode } from 'react';
import { Link } from '@tanstack/react-router';
import { flashes } from '@/api/live';
import type { Model } from '@/api/model';
import type { FieldMeta, Rec } from '@/api/types';
import type { Lang } from '@/shared/i18n';
import { useStore } from '@/shared/store';
import { Avatar } from '@/shared/ui';
import { showValue } from './display';

export function recordLink(object: string, id: string, title: string): ReactNode {
  return (
    <Link className="link" to="/o/$object/$id" params={{ object, id }} onClick={(e) => e.stopPropagation()}>
      {title}
    </Link>
  );
}

interface Props {
  object: string;
  field: FieldMeta;
  rec: Rec;
  model: Model;
  lang: Lang;
  dense?: boolean;
  links?: boolean;
  blank?: ReactNode;
}

/** The value of one field of one record; shows for two seconds when somebody else changed it. */
export const FieldValue = memo(function FieldValue({ object, field, rec, model, lang, dense = false, links = false, blank = null }: Props) {
  const flash = useStore(flashes).get(`${object}/${rec.id}/${field.name}`);
  const shown = showValue({ field, rec, model, lang, dense, link: links ? recordLink : undefined });
  if (flash === undefined) return shown ?? blank;
  return (
    <span className="flash row" style={{ gap: 6, display: 'inline-flex', maxWidth: 'calc(100% + 12px)', padding: '0 6px', margin: '0 -6px' }}>
      {flash && <Avatar name={flash} size="x" />}
      <span className="el">{shown ?? blank}</span>
    </span>
  );
});
