import type { KeyboardEvent, ReactNode } from 'react';

/** A row of tabs: arrows, Home and End go to another one, Enter chooses it. Only the chosen one (`tabStop`) is in the order of Tab. */
export function TabList({ label, className, children }: { label: string; className: string; children: ReactNode }) {
  return (
    // oxlint-disable-next-line jsx-a11y/interactive-supports-focus -- its tabs take the focus
    <div className={className} role="tablist" aria-label={label} onKeyDown={go}>
      {children}
    </div>
  );
}

export const tabStop = (chosen: boolean): 0 | -1 => (chosen ? 0 : -1);

function go(e: KeyboardEvent<HTMLElement>): void {
  if (e.altKey || e.ctrlKey || e.metaKey) return;
  const all = [...e.currentTarget.querySelectorAll<HTMLElement>('[role="tab"]')];
  const at = all.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1 + all.length, Home: 0, End: all.length - 1 }[e.key];
  if (at < 0 || to === undefined) return;
  e.preventDefault();
  e.stopPropagation();
  all[to % all.length]?.focus();
}
