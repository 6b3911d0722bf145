import { useEffect, useRef, useState } from 'react';
import { label } from '@/api/model';
import type { ObjectMeta } from '@/api/types';
import type { Standing } from '@/fields/conditions/conditions';
import { useLang, useT, type TextKey } from '@/shared/i18n';

/** Says to a screen reader which fields came, went, or are required or locked now, after what was typed last. */
export function Announce({ object, stand }: { object: ObjectMeta; stand: ReadonlyMap<string, Standing> }) {
  const t = useT();
  const lang = useLang();
  const before = useRef(stand);
  const [said, setSaid] = useState('');
  useEffect(() => {
    const was = before.current;
    before.current = stand;
    const names = (test: (now: Standing, then: Standing) => boolean) =>
      object.fields.filter((f) => {
        const [now, then] = [stand.get(f.name), was.get(f.name)];
        return now && then && test(now, then);
      }).map((f) => label(f.label, lang, f.name)).join(lang === 'zh-CN' ? '、' : ', ');
    const parts: [TextKey, string][] = [
      ['cond.nowShown', names((n, o) => n.shown && !o.shown)],
      ['cond.nowHidden', names((n, o) => !n.shown && o.shown)],
      ['cond.nowRequired', names((n, o) => n.required && !o.required)],
      ['cond.nowLocked', names((n, o) => n.locked && !o.locked)],
    ];
    const next = parts.filter(([, fields]) => fields).map(([key, fields]) => t(key, { fields })).join(' ');
    if (next) setSaid(next);
  }, [stand, object, lang, t]);
  return <span className="sr" role="status" data-announce>{said}</span>;
}
