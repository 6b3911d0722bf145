import type { ReactNode } from 'react';
import { initials } from './format';
import { Icon, type IconName } from './icons';
import { useT } from './i18n';

const tones = ['', 'violet', 'warn', 'info', 'ok'] as const;

function toneOf(text: string): string {
  let h = 0;
  for (const ch of text) h = (h * 31 + (ch.codePointAt(0) ?? 0)) % 9973;
  return tones[h % tones.length] ?? '';
}

/** Initials of a person on their own soft ground. Always beside the name, so hidden from screen readers. */
export function Avatar({ name, size = '' }: { name: string; size?: '' | 'x' | 'l' }) {
  return (
    <span className={`av ${size} ${toneOf(name)}`} aria-hidden="true">
      {initials(name)}
    </span>
  );
}

/** The mark of a record: first character on a rounded square. */
export function Mark({ title, icon, small }: { title: string; icon?: IconName; small?: boolean }) {
  return (
    <span className={small ? 'mono s' : 'mono'} aria-hidden="true">
      {icon ? <Icon name={icon} size={small ? 14 : 20} /> : initials(title).charAt(0)}
    </span>
  );
}

/** Colours a picklist value may have in the model, as tones of ours. */
const toneByColour: Record<string, string> = {
  green: 'ok', ok: 'ok', success: 'ok', red: 'late', late: 'late', error: 'late', amber: 'warn', orange: 'warn', yellow: 'warn', warn: 'warn', gold: 'warn',
  blue: 'info', info: 'info', cyan: 'info', violet: 'violet', purple: 'violet', jade: 'brand', teal: 'brand', brand: 'brand', grey: '', gray: '',
};

export function Tag({ children, colour }: { children: ReactNode; colour?: string | null | undefined }) {
  return <span className={`tag ${(colour && toneByColour[colour]) || ''}`}>{children}</span>;
}

/** One tick per day in a stage; amber from 80 % of the limit, red and taller beyond it. The number stands beside it, in words for all. */
export function DayTicks({ days, limit }: { days: number; limit: number }) {
  const shown = Math.max(limit, Math.min(days, limit + 6));
  const state = days > limit ? 'over' : days >= limit * 0.8 ? 'soon' : '';
  // Long limits are drawn with fewer, equal ticks so that a card stays calm.
  const scale = shown > 30 ? 30 / shown : 1;
  const count = Math.round(shown * scale);
  return (
    <span className={`ticks ${state} ${count > 16 ? 'thin' : ''}`} aria-hidden="true">
      {Array.from({ length: count }, (_, k) => {
        const day = (k + 1) / scale;
        return <i key={k} className={`${day <= days + 0.5 ? 'd' : ''}${day > limit + 0.5 ? ' o' : ''}`} />;
      })}
    </span>
  );
}

export function Kbd({ children }: { children: ReactNode }) {
  return <kbd aria-hidden="true">{children}</kbd>;
}

const drawings: Record<string, ReactNode> = {
  board: (
    <>
      <rect x="8" y="8" width="26" height="42" rx="4" />
      <rect x="43" y="8" width="26" height="28" rx="4" />
      <rect className="hot" x="78" y="8" width="26" height="18" rx="4" />
      <circle className="dot" cx="91" cy="17" r="3" />
    </>
  ),
  list: (
    <>
      <rect x="8" y="6" width="96" height="13" rx="4" />
      <rect x="8" y="23" width="96" height="13" rx="4" />
      <rect className="hot" x="8" y="40" width="96" height="13" rx="4" />
      <circle className="dot" cx="17" cy="46.5" r="2.5" />
    </>
  ),
  search: (
    <>
      <circle cx="48" cy="25" r="16" />
      <path d="M60 37l14 13" />
      <circle className="dot" cx="48" cy="25" r="3" />
    </>
  ),
};

/** An empty place: what it is, what for, one button. `page`: it is all there is, so its title is the page's heading. */
export function Empty({ drawing = 'list', title, text, children, page }: { drawing?: 'board' | 'list' | 'search'; title: string; text?: string; children?: ReactNode; page?: boolean }) {
  const Title = page ? 'h1' : 'h2';
  return (
    <div className="empty">
      <svg className="drawing" viewBox="0 0 112 56" aria-hidden="true">
        {drawings[drawing]}
      </svg>
      <Title>{title}</Title>
      {text && <p>{text}</p>}
      {children}
    </div>
  );
}

/** Rows of the height of what will come; appears only after 200 ms. */
export function SkeletonRows({ rows = 8 }: { rows?: number }) {
  const t = useT();
  return (
    <div aria-busy="true">
      <span className="sr">{t('state.loading')}</span>
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className="row" style={{ height: 40, padding: '0 24px', gap: 24 }}>
          <span className="skel" style={{ width: `${22 + ((i * 7) % 14)}%` }} />
          <span className="skel" style={{ width: '8%' }} />
          <span className="skel" style={{ width: '12%' }} />
          <span className="sp" />
          <span className="skel" style={{ width: '9%' }} />
        </div>
      ))}
    </div>
  );
}
