import { RouterProvider } from '@tanstack/react-router';
import { lazy, Suspense, useEffect } from 'react';
import { keepSending } from '@/api/kept/outbox';
import { connectLive } from '@/api/live';
import { sessionOver } from '@/api/client';
import { layer } from '@/shared/commands';
import { JobTray } from '@/shared/jobs';
import { useStore } from '@/shared/store';
import { announcePlaces } from './arrival';
import { router } from './router';
import { keepShell } from './worker';

const Palette = lazy(() => import('@/features/palette/Palette'));
const Help = lazy(() => import('@/features/palette/Help'));
const Guide = lazy(() => import('@/features/help/Guide'));
const Tour = lazy(() => import('@/features/help/Tour'));
const CreateForm = lazy(() => import('@/features/form/CreateForm'));
const ConflictDialog = lazy(() => import('@/features/form/ConflictDialog'));
const MergeDialog = lazy(() => import('@/features/merge/MergeDialog'));
const QuickCreate = lazy(() => import('@/features/form/QuickCreate'));
const FollowUpForm = lazy(() => import('@/features/form/FollowUpForm'));
const SignOutAsk = lazy(() => import('./SignOutAsk'));
const SignInAgain = lazy(() => import('@/features/auth/SignInAgain'));

/** Fetches the page of this address. */
export const openPage = (): Promise<void> => router.load();

/** Everything behind the sign-in: pages, layers above them, live updates. `entered`: somebody has just signed in here. */
export default function Workspace({ entered }: { entered: boolean }) {
  useEffect(() => connectLive(), []);
  useEffect(() => announcePlaces(router, entered), [entered]);
  useEffect(() => keepSending(), []);
  useEffect(() => keepShell(), []);
  return (
    <>
      <RouterProvider router={router} />
      <Layers />
      <JobTray />
    </>
  );
}

function Layers() {
  const now = useStore(layer);
  const over = useStore(sessionOver);
  const go = (object: string, id: string) => void router.navigate({ to: '/o/$object/$id', params: { object, id } });
  return (
    <Suspense>
      {now?.kind === 'palette' && <Palette go={go} navigate={(to) => void router.navigate({ to })} />}
      {now?.kind === 'help' && <Help />}
      {now?.kind === 'guide' && <Guide article={now.article} />}
      {now?.kind === 'tour' && <Tour />}
      {now?.kind === 'create' && now.object === undefined && <QuickCreate />}
      {now?.kind === 'create' && now.object !== undefined && <CreateForm key={now.object} object={now.object} values={now.values} titles={now.titles} onMade={(object, id) => now.after !== 'stay' && go(object, id)} />}
      {now?.kind === 'conflict' && <ConflictDialog key={`${now.id}/${now.version}`} object={now.object} id={now.id} mine={now.mine} fields={now.fields} version={now.version} titles={now.titles} />}
      {now?.kind === 'merge' && <MergeDialog key={now.ids.join()} object={now.object} ids={now.ids} />}
      {now?.kind === 'followUp' && <FollowUpForm object={now.object} id={now.id} title={now.title} />}
      {now?.kind === 'signOut' && <SignOutAsk />}
      {over && <SignInAgain />}
    </Suspense>
  );
}
