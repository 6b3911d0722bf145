import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState, type ComponentType } from 'react';
import { client, useModelQuery, useSession } from '@/api/queries';
import { words } from '@/api/problem';
import { useLang, useT } from '@/shared/i18n';
import { Logo } from '@/shared/icons';
import { ErrorBoundary } from '@/shared/ErrorBoundary';
import { ToastHost } from '@/shared/toast';

const Invitation = lazy(() => import('@/features/auth/Invitation'));
const Entrance = lazy(() => import('@/features/auth/Entrance'));
const Workspace = lazy(() => import('./Workspace'));

type Inside = ComponentType<{ entered: boolean }>;
let fetched: Inside | undefined;

/** Fetches what is behind the sign-in and begins to open the page of this address, before anything is drawn. */
export async function fetchWorkspace(): Promise<void> {
  const inside = await import('./Workspace');
  fetched = inside.default;
  await inside.openPage();
}

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
  // What is here already is drawn at once: a lazy part would show the mark once more, and React keeps that for 0.3 s.
  const [Inside] = useState<Inside>(() => fetched ?? Workspace);
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
  return <Inside entered={entered} />;
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

/** What stands before the page does; without `children` the same as in `index.html`, so that nothing flickers. */
function Boot({ children }: { children?: React.ReactNode }) {
  const t = useT();
  return (
    <main className="boot">
      <Logo size={36} />
      {children ?? <><b>{t('app.name')}</b><p>{t('app.opening')}</p></>}
    </main>
  );
}
