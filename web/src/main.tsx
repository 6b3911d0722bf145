import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { firstTexts } from './shared/i18n';
import { local } from './shared/store';
import './shared/tokens.css';
import './shared/base.css';

// Whoever was signed in last time will hardly meet the entrance: the workspace is fetched beside the questions, not after them.
if (local.get('rapport.in') === '1' && location.pathname !== '/invitation') {
  void import('./app/Workspace').catch(() => undefined);
  if (location.pathname === '/') void import('./features/home/HomePage').then((home) => home.askAhead()).catch(() => undefined);
}

const root = document.getElementById('root');
if (root) {
  void firstTexts.then(
    () => createRoot(root).render(
      <StrictMode>
        <App />
      </StrictMode>,
    ),
    // Without its texts the page can say nothing but this.
    () => root.append('睿客没有载入完整，请刷新。 Rapport did not load completely; reload the page.'),
  );
}
