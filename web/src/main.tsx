import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { client, modelQuery, sessionQuery } from './api/queries';
import { App, fetchWorkspace } from './app/App';
import { firstTexts } from './shared/i18n';
import { local } from './shared/store';
import './shared/tokens.css';
import './shared/base.css';

/** How long the page is held back for the numbers of its first screen, once the rest of it is here. */
const PATIENCE_MS = 300;

/**
 * What the first screen is drawn of. Whoever was signed in last time will hardly meet the entrance: who that is, the model and the workspace are
 * fetched beside the texts, not after them, and drawn once.
 */
async function gather(): Promise<void> {
  if (local.get('rapport.in') !== '1' || location.pathname === '/invitation') return firstTexts;
  const home = location.pathname === '/' ? import('./features/home/HomePage').then((h) => h.askAhead()).catch(() => undefined) : undefined;
  const known = client.fetchQuery(sessionQuery).then((session) => (session ? client.prefetchQuery(modelQuery) : undefined));
  await Promise.all([firstTexts, known.catch(() => undefined), fetchWorkspace().catch(() => undefined)]);
  await Promise.race([home, new Promise((go) => setTimeout(go, PATIENCE_MS))]);
}

const root = document.getElementById('root');
if (root) {
  void gather().then(
    () => createRoot(root).render(
      <StrictMode>
        <App />
      </StrictMode>,
    ),
    // Without its texts the page can say nothing but this.
    () => root.append('睿客没有载入完整，请刷新。 Rapport did not load completely; reload the page.'),
  );
}
