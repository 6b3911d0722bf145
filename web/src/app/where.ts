import { useRouterState } from '@tanstack/react-router';

/** The object the address is about. */
export function useCurrentObject(): string | undefined {
  const path = useRouterState({ select: (s) => s.location.pathname });
  return /^\/(?:o|import)\/([^/]+)/.exec(path)?.[1];
}
