import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import { client, useModelQuery, useSession } from '@/api/queries';
import { words } from '@/api/problem';
import { useLang, useT } from '@/shared/i18n';
import { Logo } from '@/shared/icons';
import { ErrorBoundary } from '@/shared/ErrorBoundary';
import { ToastHost } from '@/shared/toast';

const Invitation = lazy(() => import('@/features/auth/Invitation'));
const Entrance = lazy(() => import('@/features/auth/Entrance'));
const Workspace = lazy(() => import('./Workspace'));

export function App() {
  return (
    <QueryClientProvider client={client}>
      <ErrorBoundary fallback={Broken}>
        <Suspense fallback={<Boot />}>
          {location.pathname === '/invitation' ? <Invitation /> : <Gate />}
        </Suspense>
      </ErrorBoundary>
      <ToastHost />
    </QueryClientProvider>
  );
}

/** Nobody signed in: the entrance. Else: the workspace as soon as its model is here. */
function Gate() {
  const lang = useLang();
  const t = useT();
  const session = useSession();
  const model = useModelQuery(Boolean(session.data));
  const stranger = session.data === null;
  const [entered, setEntered] = useState(false);
  useEffect(() => { if (stranger) setEntered(true); }, [stranger]);
  const error = session.error ?? model.error;
  if (error) {
    const w = words(error, lang);
    return (
      <Boot>
        <h1 className="b">{w.title}</h1>
        {w.trace && <p className="mut s12">{t('error.trace', { id: w.trace })}</p>}
        <button type="button" className="btn" onClick={() => void client.refetchQueries()}>
          {t('act.retry')}
        </button>
      </Boot>
    );
  }
  if (stranger) return <Entrance />;
  if (!session.data || !model.data) return <Boot />;
  return <Workspace entered={entered} />;
}

/** Something in the page itself failed: say so, and offer the way on. */
export function Broken({ error }: { error: Error }) {
  const t = useT();
  return (
    <Boot>
      <h1 className="b">{t('error.page')}</h1>
      <p className="mut s12">{error.message}</p>
      <button type="button" className="btn" onClick={() => location.reload()}>
        {t('act.retry')}
      </button>
    </Boot>
  );
}

function Boot({ children }: { children?: React.ReactNode }) {
  return (
    <main style={{ height: '100%', display: 'flex', flexDirection: 'column', alignItems: 'center', justifyContent: 'center', gap: 12 }}>
      <Logo size={36} />
      {children}
    </main>
  );
}
