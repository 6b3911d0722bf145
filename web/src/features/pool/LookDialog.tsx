import { useEffect, useState } from 'react';
import { Problem } from '@/api/client';
import { label } from '@/api/model';
import { words } from '@/api/problem';
import { useModel } from '@/api/queries';
import type { ObjectMeta, Rec } from '@/api/types';
import { isBlank } from '@/fields/display';
import { FieldValue } from '@/fields/FieldValue';
import { Dialog } from '@/shared/Dialog';
import { useLang, useT } from '@/shared/i18n';
import { SkeletonRows } from '@/shared/ui';
import { look } from './pools';

/** Kept by the engine, or said by the pool itself. */
const left = new Set(['id', 'version', 'owner_id', 'dept_id', 'in_pool', 'pool_id', 'status', 'created_at', 'created_by', 'updated_by', 'updated_at', 'is_locked', 'approval_state', 'name_key', 'name_key_loose', 'company_key', 'company_key_loose', 'email_domain', 'root_id', 'depth', 'source_system', 'external_id']);

/** One record of a pool as its members see it. Opening is counted by the server (R-POOL-18). */
export function LookDialog({ object, rec, name, busy, onClaim, onClose }: { object: ObjectMeta; rec: Rec; name: string; busy: boolean; onClaim: () => void; onClose: () => void }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const [seen, setSeen] = useState<Rec | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    let here = true;
    look(object.name, rec.id).then((r) => here && setSeen(r), (e: unknown) => here && setProblem(e instanceof Problem ? e : new Problem({ status: 0, code: 'network' })));
    return () => { here = false; };
  }, [object.name, rec.id]);
  const fields = object.fields.filter((f) => seen && f.name !== object.title && !left.has(f.name) && !isBlank(seen[f.name]) && seen[f.name] !== 0 && seen[f.name] !== false);
  const told = problem && words(problem, lang, object.name, model);
  return (
    <Dialog
      title={name}
      text={t('pool.lookText')}
      onClose={onClose}
      width={520}
      foot={
        <>
          <span className="sp" />
          <button type="button" className="btn q" onClick={onClose}>{t('act.cancel')}</button>
          <button type="button" className="btn p" disabled={busy || !seen} onClick={onClaim}>{t('pool.claim')}</button>
        </>
      }
    >
      {told && <div className="notice late" role="alert"><div className="col"><b>{told.title}</b></div></div>}
      {!seen && !problem && <SkeletonRows rows={4} />}
      {seen && (
        <dl className="pool-facts">
          {fields.map((f) => (
            <div key={f.name}>
              <dt>{label(f.label, lang, f.name)}</dt>
              <dd><FieldValue object={object.name} field={f} rec={seen} model={model} lang={lang} /></dd>
            </div>
          ))}
        </dl>
      )}
    </Dialog>
  );
}
