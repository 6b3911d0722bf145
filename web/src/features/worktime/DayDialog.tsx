import { useState } from 'react';
import { fieldErrors, tell } from '@/api/problem';
import { Problem } from '@/api/client';
import { useCreate, useModel, useRemove, useUpdate } from '@/api/queries';
import type { Rec } from '@/api/types';
import { Row } from '@/features/admin/parts';
import { Dialog } from '@/shared/Dialog';
import * as fmt from '@/shared/format';
import { useLang, useT } from '@/shared/i18n';
import { toast } from '@/shared/toast';
import { useW } from './text';
import { Windows } from './Windows';
import { tidy, type Day, type Kind, type Window } from './worktime';

const kinds: Kind[] = ['plain', 'holiday', 'workday'];

/** What a day is: as every week, off, or a make-up workday with its own windows. */
export function DayDialog({ day, ensure, onClose }: { day: Day; ensure: () => Promise<Rec>; onClose: () => void }) {
  const t = useT();
  const w = useW();
  const lang = useLang();
  const model = useModel();
  const [kind, setKind] = useState<Kind>(day.kind === 'plain' ? (day.works ? 'holiday' : 'workday') : day.kind);
  const [name, setName] = useState(day.name);
  const [windows, setWindows] = useState<Window[]>((day.record?.['windows'] as Window[] | null) ?? []);
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const create = useCreate('holiday');
  const update = useUpdate('holiday');
  const remove = useRemove('holiday');
  const title = fmt.dateAs(day.date, lang, { year: 'numeric', month: 'long', day: 'numeric', weekday: 'long' });
  const save = async () => {
    const data = { kind, name: name.trim() || w(kind), windows: kind === 'workday' && windows.length > 0 ? tidy(windows) : null };
    setBusy(true);
    try {
      if (kind === 'plain') {
        if (day.record) await remove.mutateAsync(day.record.id);
      } else if (day.record) {
        await update.mutateAsync({ id: day.record.id, version: day.record.version, data });
      } else {
        await create.mutateAsync({ calendar_id: (await ensure()).id, day: day.iso, ...data });
      }
      toast(w('marked', { day: fmt.date(day.date, lang), kind: w(kind) }));
      onClose();
    } catch (e) {
      setBusy(false);
      if (e instanceof Problem && e.body.errors?.length) setWrong(fieldErrors(e.body));
      else tell(e, lang, 'holiday', model);
    }
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      onSubmit={() => void (!busy && save())}
      width={400}
      foot={<><span className="sp" /><button type="button" className="btn q" onClick={onClose}>{t('act.cancel')}</button><button type="submit" className="btn p" disabled={busy}>{w('save')}</button></>}
    >
      <fieldset className="wt-kinds">
        <legend className="sr">{title}</legend>
        {kinds.map((k) => (
          <label key={k} className={kind === k ? 'on' : ''}>
            <input type="radio" name="kind" checked={kind === k} {...(kind === k ? { 'data-autofocus': true } : {})} onChange={() => setKind(k)} />
            {w(k)}
          </label>
        ))}
      </fieldset>
      {kind !== 'plain' && <Row label={w('name')} error={wrong['name'] ?? wrong['day']}>{(id, by) => <input id={id} className="adm-in" aria-describedby={by} maxLength={255} placeholder={w(kind)} value={name} onChange={(e) => setName(e.target.value)} />}</Row>}
      {kind === 'workday' && (
        <div className="adm-row">
          <span className="adm-label">{w('windows')}</span>
          <Windows day={fmt.date(day.date, lang)} value={windows} onChange={setWindows} />
          <span className={wrong['windows'] ? 'late s12' : 'mut s12'} role={wrong['windows'] ? 'alert' : undefined}>{wrong['windows'] ?? w('windowsHint')}</span>
        </div>
      )}
    </Dialog>
  );
}
