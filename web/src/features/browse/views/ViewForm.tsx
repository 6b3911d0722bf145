import { useState } from 'react';
import { api } from '@/api/client';
import { useModel, useSession } from '@/api/queries';
import { tell } from '@/api/problem';
import type { Rec } from '@/api/types';
import { useLang, useT } from '@/shared/i18n';
import { Pop } from '@/shared/Pop';
import { toast } from '@/shared/toast';
import type { Browse } from '../useBrowse';
import { grantees, shareWith, type Audience } from './share';
import { viewData, type View } from './views';

interface Props {
  anchor: HTMLElement;
  browse: Browse;
  /** Renamed, or copied; none = what is shown becomes a new view. */
  view: View | null;
  copy: boolean;
  onClose: () => void;
  onMade: (id: string | null) => Promise<void>;
}

/** Names a view and says for whom it is. */
export default function ViewForm({ anchor, browse, view, copy, onClose, onMade }: Props) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const session = useSession();
  const [name, setName] = useState(view ? (copy ? t('view.copyOf', { name: view.name }) : view.name) : '');
  const [audience, setAudience] = useState<Audience>('private');
  const [busy, setBusy] = useState(false);
  const rename = view !== null && !copy;
  const save = async () => {
    const called = name.trim();
    if (!called || busy) return;
    setBusy(true);
    try {
      if (rename) {
        await api.patch(`/saved_view/${view.id}`, { name: called });
        await onMade(null);
        return;
      }
      let data = viewData(browse.object.name, browse.shown);
      if (view && browse.search.view !== view.id) {
        const r = await api.get<Rec>(`/saved_view/${view.id}`);
        data = Object.fromEntries(['object', 'layout', 'filter', 'columns', 'sort'].map((k) => [k, r[k]]));
      }
      const made = await api.post<Rec>('/saved_view', { ...data, name: called, is_public: audience === 'everyone' });
      if (audience === 'team') await shareWith(made.id, grantees(session.data));
      await onMade(made.id);
      toast(t('view.saved', { name: called }));
    } catch (e) {
      setBusy(false);
      tell(e, lang, 'saved_view', model);
    }
  };
  const choices: Audience[] = ['private', ...(grantees(session.data).length ? (['team'] as const) : []), 'everyone'];
  return (
    <Pop anchor={anchor} onClose={onClose} label={rename ? t('view.rename') : t('view.save')} width={300}>
      <form className="pop-form" onSubmit={(e) => { e.preventDefault(); void save(); }}>
        <label className="s12 mut" htmlFor="view-name">{t('view.name')}</label>
        <input id="view-name" className="in" value={name} onChange={(e) => setName(e.target.value)} maxLength={60} data-autofocus />
        {!rename && (
          <fieldset className="who">
            <legend className="s12 mut">{t('view.forWhom')}</legend>
            {choices.map((k) => (
              <label key={k} className="row s13">
                <input type="radio" name="audience" className="radio" checked={audience === k} onChange={() => setAudience(k)} />
                {t(`view.for.${k}`)}
              </label>
            ))}
          </fieldset>
        )}
        <div className="row">
          <span className="sp" />
          <button type="button" className="btn s q" onClick={onClose}>{t('act.cancel')}</button>
          <button type="submit" className="btn p s" disabled={!name.trim() || busy}>{t('act.save')}</button>
        </div>
      </form>
    </Pop>
  );
}
