import type { Layout } from '@/shared/search';
import { Icon, type IconName } from '@/shared/icons';
import { useT } from '@/shared/i18n';
import { phone } from '@/shared/prefs';
import { useStore } from '@/shared/store';
import type { Browse } from './useBrowse';

export const layoutIcon: Record<Layout, IconName> = { table: 'table', split: 'split', board: 'board', calendar: 'calendar', timeline: 'gantt', map: 'pin' };

/** The same records as table, split view, board, calendar, timeline or by place. */
export function LayoutSwitch({ browse, only }: { browse: Browse; only?: readonly Layout[] }) {
  const t = useT();
  const small = useStore(phone);
  const shown = browse.layouts.filter((l) => !only || only.includes(l));
  if (shown.length < 2) return null;
  return (
    <span className="seg" role="group" aria-label={t('view.layout')}>
      {shown.map((l) => (
        <button key={l} type="button" aria-pressed={browse.layout === l} aria-label={t(`view.${l}`)} title={t(`view.${l}`)} onClick={() => browse.set({ layout: l, open: undefined })}>
          <Icon name={layoutIcon[l]} />
          {browse.layout === l && !small && t(`view.${l}`)}
        </button>
      ))}
    </span>
  );
}
