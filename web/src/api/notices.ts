import { useQuery } from '@tanstack/react-query';
import { client, keys } from './queries';
import { rest } from './rest';

/** How many notifications are unread; undefined until it is known. Asked again when the stream of changes says that one came. */
export const useUnreadCount = (): number | undefined => useQuery({ queryKey: [...keys.notices, 'unread'], queryFn: () => rest.get('/me/notifications/unread'), staleTime: 60_000 }).data?.unread;

/** What shows notifications asks for them anew. */
export const freshNotices = (): Promise<void> => client.invalidateQueries({ queryKey: keys.notices });

/** All that one was told of is read. */
export async function readNotices(): Promise<void> {
  try {
    await rest.post('/me/notifications/read');
  } finally {
    void freshNotices();
  }
}
