import type { ReactNode } from 'react';
import { useModel } from '@/api/queries';
import { unread } from '@/api/problem';
import { useLang } from '@/shared/i18n';
import { Empty } from '@/shared/ui';

/** Something could not be read, which is not the same as nothing being there; without a network also not from this device. */
export function Unread({ error, object, children }: { error: unknown; object?: string | undefined; children?: ReactNode }) {
  const lang = useLang();
  const w = unread(error, lang, object, useModel());
  return <Empty drawing="search" title={w.title} text={w.lines.join(' ')}>{children}</Empty>;
}
