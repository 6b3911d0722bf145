import { useModel } from '@/api/queries';
import { Composer } from '@/fields/follow/Composer';
import { closeLayer } from '@/shared/commands';
import { Dialog } from '@/shared/Dialog';
import { useT } from '@/shared/i18n';

/** A follow-up from anywhere: the composer in a dialog. */
export default function FollowUpForm({ object, id, title }: { object: string; id: string; title: string }) {
  const t = useT();
  const model = useModel();
  const meta = model.object(object);
  if (!meta || !model.object('follow_up')?.rights.create) return null;
  return (
    <Dialog title={t('follow.log')} text={title} onClose={closeLayer}>
      <Composer object={meta} rec={{ id }} title={title} autoFocus onSaved={closeLayer} />
    </Dialog>
  );
}
