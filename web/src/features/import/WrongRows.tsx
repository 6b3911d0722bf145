import { useQuery } from '@tanstack/react-query';
import { url } from '@/api/client';
import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import * as fmt from '@/shared/format';
import { useLang, useT } from '@/shared/i18n';
import { SkeletonRows } from '@/shared/ui';
import { readSheet } from './workbook';

const SHOWN = 50;

/** The refused rows where one stands: number, reason in words, and what the row held. */
export function WrongRows({ job, objects, count }: { job: string; objects: string[]; count: number }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const sheet = useQuery({
    queryKey: ['import-wrong', job, lang],
    queryFn: async () => {
      const answer = await fetch(url(`/import/jobs/${job}/errors.xlsx`), { headers: { 'Accept-Language': lang }, credentials: 'same-origin' });
      if (!answer.ok) throw new Error(String(answer.status));
      return readSheet(await answer.arrayBuffer());
    },
    retry: false,
    staleTime: Infinity,
  });
  if (sheet.error) return null;
  if (!sheet.data) return <SkeletonRows rows={3} />;
  const [head = [], ...rows] = sheet.data;
  const columns = head.slice(2).map((h, i) => ({ h, i: i + 2 })).filter(({ i }) => rows.slice(0, SHOWN).some((r) => r[i])).slice(0, 4);
  // The report names fields by their keys; people know them by their labels.
  const said = (why: string) => why.replace(/(^|[\n;；] ?)([a-z][a-z0-9_]*): /g, (all, before: string, field: string) => {
    const known = objects.map((o) => model.field(o, field)).find(Boolean);
    return known ? `${before}${label(known.label, lang, field)}${lang === 'zh-CN' ? '：' : ': '}` : all;
  });
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable with the keyboard
    <section className="imp-wrong" aria-label={t('import.wrongRows')} tabIndex={0}>
      <table className="imp-map">
        <thead><tr><th scope="col">{t('import.wrongRow')}</th><th scope="col">{t('import.wrongWhy')}</th>{columns.map((c) => <th key={c.i} scope="col">{c.h}</th>)}</tr></thead>
        <tbody>
          {rows.slice(0, SHOWN).map((r) => (
            <tr key={r[0]}><td className="num">{r[0]}</td><td className="late">{said(r[1] ?? '')}</td>{columns.map((c) => <td key={c.i}>{r[c.i]}</td>)}</tr>
          ))}
        </tbody>
      </table>
      {count > SHOWN && <p className="mut s12">{t('import.wrongMore', { count: count - SHOWN, n: fmt.number(count - SHOWN, lang) })}</p>}
    </section>
  );
}
