import { lazy, Suspense, useState } from 'react';
import { useModel, useSession } from '@/api/queries';
import type { ObjectMeta, Rec } from '@/api/types';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { checkIn, whereabouts } from './visit';

const ActionDialog = lazy(() => import('./ActionDialog'));

/** The next step of one's own visit: in with one tap, out with a sentence. */
export function VisitAct({ object, rec, className }: { object: ObjectMeta; rec: Rec; className: string }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const me = useSession().data?.user.id;
  const [busy, setBusy] = useState(false);
  const [out, setOut] = useState(false);
  const leave = object.actions?.find((a) => a.name === 'check_out');
  if (object.name !== 'visit' || rec['owner_id'] !== me || (rec['status'] !== 'planned' && rec['status'] !== 'checked_in')) return null;
  const enter = async () => {
    setBusy(true);
    await checkIn(rec, lang, model);
    setBusy(false);
  };
  if (rec['status'] === 'planned') return <button type="button" className={className} disabled={busy} onClick={() => void enter()}><Icon name="pin" />{t(busy ? 'visit.locating' : 'visit.checkIn')}</button>;
  // Where one stands is no question of the form.
  const asked = leave && { ...leave, input: { ...leave.input, properties: { result: leave.input?.properties?.['result'] ?? { type: 'string' as const } } } };
  return (
    <>
      <button type="button" className={className} onClick={() => setOut(true)}><Icon name="out" />{t('visit.checkOut')}</button>
      <Suspense>{out && asked && <ActionDialog object={object} rec={rec} action={asked} also={whereabouts} onClose={() => setOut(false)} />}</Suspense>
    </>
  );
}
