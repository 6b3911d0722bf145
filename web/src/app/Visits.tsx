import { useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import { api } from '@/api/client';
import { useSession } from '@/api/queries';
import { fromServer } from '@/shared/own';
import { plainTitle } from '@/shared/title';
import { visited, visitsOf } from '@/shared/visits';

/** Notes the records one opens, under the title their page gives itself, and fetches the person's own settings. */
export function Visits() {
  const path = useRouterState({ select: (s) => s.location.pathname });
  const session = useSession().data;
  const user = session?.user.id;
  const looks = session?.view_as !== undefined;
  useEffect(() => {
    if (!user) return;
    visitsOf(user, looks);
    let left = false;
    void api.get<Record<string, unknown>>('/me/preferences').then((kept) => {
      if (!left) fromServer(kept, (some) => api.patch('/me/preferences', some));
    }, () => undefined);
    return () => {
      left = true;
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
