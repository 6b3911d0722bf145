import { lazy, Suspense, useState } from 'react';
import { useSession } from '@/api/queries';
import { closeLayer, open } from '@/shared/commands';
import { Dialog } from '@/shared/Dialog';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { articles, find } from './articles';
import { Markdown } from './Markdown';
import './help.css';

const Changes = lazy(() => import('./Changes'));

/** Short articles with a search, the tour, the keys, what is new. */
export default function Guide({ article }: { article?: string | undefined }) {
  const t = useT();
  const lang = useLang();
  const session = useSession();
  const [words, setWords] = useState('');
  const [key, setKey] = useState<string | undefined>(article);
  const now = articles(lang).find((a) => a.key === key);
  const list = find(lang, words);
  return (
    <Dialog side width={440} title={now ? now.title : key === 'changes' ? t('guide.changes') : t('guide.title')} onClose={closeLayer}>
      {key ? (
        <>
          <button type="button" className="btn s q" style={{ marginLeft: -10, marginBottom: 8 }} onClick={() => setKey(undefined)}><Icon name="left" />{t('guide.all')}</button>
          {now ? <Markdown text={now.text} /> : <Suspense fallback={<p className="mut">{t('state.loading')}</p>}><Changes /></Suspense>}
        </>
      ) : (
        <>
          <label className="guide-find"><Icon name="search" /><input type="search" data-autofocus value={words} placeholder={t('guide.find')} aria-label={t('guide.find')} onChange={(e) => setWords(e.target.value)} /></label>
          {!words && (
            <div className="guide-acts">
              <button type="button" onClick={() => open({ kind: 'tour' })}><Icon name="flag" /><span className="col"><b>{t('tour.take')}</b><span className="mut s12">{t('tour.takeText')}</span></span></button>
              <button type="button" onClick={() => open({ kind: 'help' })}><Icon name="key" /><span className="col"><b>{t('help.title')}</b><span className="mut s12">{t('guide.keysText')}</span></span></button>
              <button type="button" onClick={() => setKey('changes')}><Icon name="spark" /><span className="col"><b>{t('guide.changes')}</b><span className="mut s12">{t('guide.changesText')}</span></span></button>
            </div>
          )}
          {session.data?.demo && !words && <p className="notice warn s12" style={{ marginBottom: 12 }}><span>{t('guide.demo')} <button type="button" className="link" onClick={() => setKey('sample')}>{t('guide.more')}</button></span></p>}
          <ul className="guide-list">
            {list.map((a) => <li key={a.key}><button type="button" onClick={() => setKey(a.key)}><span className="el">{a.title}</span><Icon name="right" size={14} /></button></li>)}
          </ul>
          {list.length === 0 && <p className="mut s13">{t('guide.none')}</p>}
        </>
      )}
    </Dialog>
  );
}
