import type { Rec } from '@/api/types';
import type { Lang } from '@/shared/i18n';
import { shippedName } from '@/shared/i18n/shipped';

/** What a role is called in the reader's language; one that was renamed keeps what it was called. */
export function roleName(r: Rec, lang: Lang): string {
  return shippedName('role', String(r['name'] ?? ''), lang);
}
