import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { api } from '@/api/client';
import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import { tell } from '@/api/problem';
import type { FieldMeta } from '@/api/types';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { Pop } from '@/shared/Pop';
import { sharesOf, shareWith, unshare } from './share';
import type { View } from './views';

const FieldInput = lazy(() => import('@/fields/inputs'));
const kinds = ['department', 'team', 'user'] as const;

/** Who may use a view: everyone, or people, departments and teams one by one. */
export default function ShareView({ anchor, view, onClose, onChange }: { anchor: HTMLElement; view: View; onClose: () => void; onChange: () => void }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const qc = useQueryClient();
  const key = ['shares', view.id];
  const shares = useQuery({ queryKey: key, queryFn: () => sharesOf(view.id) });
  const [everyone, setEveryone] = useState(view.isPublic);
  const objects = kinds.filter((k) => model.object(k));
  const [kind, setKind] = useState<string>(objects[0] ?? 'user');
  const fail = (e: unknown) => tell(e, lang, 'saved_view', model);
  const after = () => {
    void qc.invalidateQueries({ queryKey: key });
    onChange();
  };
  const field: FieldMeta = { name: 'grantee', type: 'ref', target: kind, label: { en: 'Share with', zh: '共享给' }, access: 'edit' };
  return (
    <Pop anchor={anchor} onClose={onClose} label={t('view.share')} width={340}>
      <div className="pop-form">
        <label className="row s13">
          <input
            type="checkbox"
            checked={everyone}
            onChange={(e) => {
              setEveryone(e.target.checked);
              void api.patch(`/saved_view/${view.id}`, { is_public: e.target.checked }).then(after).catch(fail);
            }}
          />
          {t('view.shared')}
        </label>
        {!everyone && (
          <>
            <span className="s12 mut">{t('view.shareWith')}</span>
            <div className="row" role="group" aria-label={t('view.shareWith')}>
              {objects.map((o) => <button key={o} type="button" className={kind === o ? 'chip on' : 'chip'} aria-pressed={kind === o} onClick={() => setKind(o)}>{label(model.object(o)?.label, lang, o)}</button>)}
            </div>
            <Suspense fallback={<div style={{ height: 32 }} />}>
              <FieldInput key={`${kind}${shares.data?.length ?? 0}`} field={field} value={null} model={model} lang={lang} onChange={(id) => { if (typeof id === 'string') void shareWith(view.id, [{ object: kind, id }]).then(after).catch(fail); }} />
            </Suspense>
            <ul className="col">
              {(shares.data ?? []).map((s) => (
                <li key={s.id} className="row s13">
                  <Icon name={s.object === 'user' ? 'user' : 'users'} size={14} />
                  <span className="el">{s.title || label(model.object(s.object)?.label, lang, s.object)}</span>
                  <span className="sp" />
                  <button type="button" className="tap" aria-label={t('view.unshare', { name: s.title })} onClick={() => void unshare(view.id, s).then(after).catch(fail)}><Icon name="x" size={14} /></button>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </Pop>
  );
}
