import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from '@tanstack/react-router';
import { useT } from '@/shared/i18n';
import { Empty } from '@/shared/ui';
import { checkSearch } from '@/shared/search';
import { Shell } from './Shell';

const root = createRootRoute({
  component: () => (
    <Shell>
      <Outlet />
    </Shell>
  ),
  notFoundComponent: Missing,
});

const home = createRoute({ getParentRoute: () => root, path: '/', component: lazyRouteComponent(() => import('@/features/home/HomePage')) });
const browse = createRoute({
  getParentRoute: () => root,
  path: '/o/$object',
  validateSearch: checkSearch,
  component: lazyRouteComponent(() => import('@/features/browse/BrowsePage')),
});
const record = createRoute({ getParentRoute: () => root, path: '/o/$object/$id', component: lazyRouteComponent(() => import('@/features/record/RecordPage')) });
const pool = createRoute({ getParentRoute: () => root, path: '/pool/$object', component: lazyRouteComponent(() => import('@/features/pool/PoolPage')) });
const importing = createRoute({ getParentRoute: () => root, path: '/import/$object', component: lazyRouteComponent(() => import('@/features/import/ImportPage')) });
const settings = createRoute({ getParentRoute: () => root, path: '/settings', component: lazyRouteComponent(() => import('@/features/settings/SettingsFrame')) });
const mePage = lazyRouteComponent(() => import('@/features/settings/MePage'));
const settingsPages = [
  createRoute({ getParentRoute: () => settings, path: '/', component: mePage }),
  createRoute({ getParentRoute: () => settings, path: '/me', component: mePage }),
  createRoute({ getParentRoute: () => settings, path: '/objects', component: lazyRouteComponent(() => import('@/features/admin/objects/ObjectsPage')) }),
  createRoute({ getParentRoute: () => settings, path: '/objects/from-sheet', component: lazyRouteComponent(() => import('@/features/admin/sheet/FromSheetPage')) }),
  createRoute({ getParentRoute: () => settings, path: '/objects/$object', component: lazyRouteComponent(() => import('@/features/admin/objects/ObjectPage')) }),
  createRoute({ getParentRoute: () => settings, path: '/model', component: lazyRouteComponent(() => import('@/features/admin/objects/ModelPage')) }),
  createRoute({ getParentRoute: () => settings, path: '/people', component: lazyRouteComponent(() => import('@/features/admin/people/PeoplePage')) }),
  createRoute({ getParentRoute: () => settings, path: '/departments', component: lazyRouteComponent(() => import('@/features/admin/people/DepartmentsPage')) }),
  createRoute({ getParentRoute: () => settings, path: '/roles', component: lazyRouteComponent(() => import('@/features/admin/roles/RolesPage')) }),
  createRoute({ getParentRoute: () => settings, path: '/roles/$id', component: lazyRouteComponent(() => import('@/features/admin/roles/RolePage')) }),
  createRoute({ getParentRoute: () => settings, path: '/worktime', component: lazyRouteComponent(() => import('@/features/worktime/WorktimePage')) }),
  createRoute({ getParentRoute: () => settings, path: '/audit', component: lazyRouteComponent(() => import('@/features/admin/work/AuditPage')) }),
  createRoute({ getParentRoute: () => settings, path: '/bin', component: lazyRouteComponent(() => import('@/features/admin/work/BinPage')) }),
  createRoute({ getParentRoute: () => settings, path: '/imports', component: lazyRouteComponent(() => import('@/features/admin/work/ImportsPage')) }),
  createRoute({ getParentRoute: () => settings, path: '/tokens', component: lazyRouteComponent(() => import('@/features/admin/work/TokensPage')) }),
] as const;

export const router = createRouter({
  routeTree: root.addChildren([home, browse, record, pool, importing, settings.addChildren(settingsPages)]),
  defaultPreload: 'intent',
  defaultErrorComponent: PageError,
  defaultPreloadStaleTime: 0,
  scrollRestoration: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

function PageError({ error }: { error: unknown }) {
  const t = useT();
  return (
    <Empty page drawing="search" title={t('error.page')} text={error instanceof Error ? error.message : ''}>
      <button type="button" className="btn" onClick={() => location.reload()}>{t('act.retry')}</button>
    </Empty>
  );
}

function Missing() {
  const t = useT();
  return <Empty page drawing="search" title={t('state.notFound')} text={t('state.notFoundText')} />;
}
