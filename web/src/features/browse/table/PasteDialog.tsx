import { Dialog } from '@/shared/Dialog';
import { useT } from '@/shared/i18n';
import type { Plan } from './useBlocks';

/** What of a pasted block does not fit, told before anything is written. */
export default function PasteDialog({ plan, onClose, onApply }: { plan: Plan; onClose: () => void; onApply: () => void }) {
  const t = useT();
  return (
    <Dialog
      title={t('paste.title')}
      text={t('paste.text', { count: plan.faults.length, good: plan.cells })}
      onClose={onClose}
      onSubmit={onApply}
      foot={
        <>
          <span className="sp" />
          <button type="button" className="btn" onClick={onClose}>{t('act.cancel')}</button>
          <button type="submit" className="btn p" disabled={plan.cells === 0}>{t('paste.apply', { count: plan.cells })}</button>
        </>
      }
    >
      <table className="faults">
        <thead>
          <tr><th scope="col">{t('paste.row')}</th><th scope="col">{t('filter.field')}</th><th scope="col">{t('paste.cell')}</th><th scope="col">{t('paste.whyHead')}</th></tr>
        </thead>
        <tbody>
          {plan.faults.slice(0, 100).map((f, i) => (
            // oxlint-disable-next-line react/no-array-index-key -- a fixed list
            <tr key={i}><td className="el">{f.row}</td><td className="el">{f.field}</td><td className="el late">{f.text || '–'}</td><td>{t(`paste.why.${f.why}`)}</td></tr>
          ))}
        </tbody>
      </table>
      {plan.beyond > 0 && <p className="mut s12">{t('paste.beyond', { count: plan.beyond })}</p>}
    </Dialog>
  );
}
