import { useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import { api } from '@/api/client';
import { useSession } from '@/api/queries';
import { plainTitle } from '@/shared/title';
import { favourites, keepFavourites, visited, visitsOf } from '@/shared/visits';

/** Notes the records one opens, under the title their page gives itself. */
export function Visits() {
  const path = useRouterState({ select: (s) => s.location.pathname });
  const session = useSession().data;
  const user = session?.user.id;
  const looks = session?.view_as !== undefined;
  useEffect(() => {
    if (!user) return;
    visitsOf(user, looks);
    // Favourites are the person's, on every device; what this browser kept is the first word until the server's comes.
    let state: 'asked' | 'changed' | 'known' = 'asked';
    let left = false;
    const send = () => void api.patch('/me/preferences', { favourites: favourites.get() }).catch(() => undefined);
    const off = favourites.subscribe(() => {
      if (looks) return;
      if (state === 'known') send();
      else state = 'changed';
    });
    void api.get<Record<string, unknown>>('/me/preferences').then((p) => {
      if (left) return;
      // What was starred while the question was on its way counts more than what the server knew.
      const mine = state === 'changed';
      state = 'asked';
      if (!mine && p['favourites'] !== undefined) keepFavourites(p['favourites']);
      state = 'known';
      if (mine) send();
    }, () => undefined);
    return () => {
      left = true;
      off();
    };
  }, [user, looks]);
  useEffect(() => {
    const object = /^\/o\/([^/]+)\/[^/]+$/.exec(path)?.[1];
    if (!object) return;
    // The title comes with the record.
    const before = plainTitle();
    let tries = 0;
    const timer = setInterval(() => {
      tries += 1;
      const now = plainTitle();
      const title = now.split(' · ')[0]?.trim();
      if (now === before && tries < 10) return;
      clearInterval(timer);
      if (title && now.includes(' · ')) visited({ path, title, object });
    }, 400);
    return () => clearInterval(timer);
  }, [path]);
  return null;
}
