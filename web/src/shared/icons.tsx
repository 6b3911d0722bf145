import { memo } from 'react';

/** Rapport's own icons: 16 px box, 1.5 px stroke, round ends, current colour. */
const paths = {
  home: 'M2.75 7.25 8 2.75l5.25 4.5M4 6.5v6.75h8V6.5M6.75 13.25V9.5h2.5v3.75',
  bell: 'M3 11.5c1-.9 1.25-2 1.25-4a3.75 3.75 0 0 1 7.5 0c0 2 .25 3.1 1.25 4zM6.75 13.75h2.5',
  search: 'M7.25 11.75a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5l3 3',
  plus: 'M8 3.25v9.5M3.25 8h9.5',
  minus: 'M3.25 8h9.5',
  phone: 'M3.25 2.75h2.5l1 3-1.5 1.25a7.5 7.5 0 0 0 3.75 3.75L10.25 9.25l3 1v2.5a1 1 0 0 1-1 1A9.75 9.75 0 0 1 2.25 3.75a1 1 0 0 1 1-1z',
  chat: 'M8 3c3.1 0 5.25 1.9 5.25 4.25S11.1 11.5 8 11.5c-.7 0-1.3-.1-1.9-.25L3.5 12.75l.5-2.4A4 4 0 0 1 2.75 7.25C2.75 4.9 4.9 3 8 3z',
  mail: 'M2.5 4h11v8.25h-11zM2.75 4.5 8 8.75l5.25-4.25',
  calendar: 'M2.75 3.75h10.5v9.5H2.75zM2.75 6.75h10.5M5.5 2.25V5M10.5 2.25V5',
  user: 'M8 7.75A2.6 2.6 0 1 0 8 2.5a2.6 2.6 0 0 0 0 5.25zM3 13.5c.5-2.4 2.4-3.75 5-3.75s4.5 1.35 5 3.75',
  users: 'M6 7.5a2.25 2.25 0 1 0 0-4.5 2.25 2.25 0 0 0 0 4.5zM2 12.75c.4-2 1.9-3.25 4-3.25s3.6 1.25 4 3.25M10.5 3.25a2.1 2.1 0 0 1 0 4M12 9.75c1.1.45 1.8 1.5 2 3',
  building: 'M3.25 13.25V3h6v10.25M9.25 6.25h3.5v7M2 13.25h12M5.25 5.5h2M5.25 8h2M5.25 10.5h2',
  target: 'M8 13.75a5.75 5.75 0 1 0 0-11.5 5.75 5.75 0 0 0 0 11.5zM8 10.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z',
  spark: 'M8 2.25l1.4 4.35L13.75 8 9.4 9.4 8 13.75 6.6 9.4 2.25 8 6.6 6.6z',
  file: 'M4 2.25h5l3 3v8.5H4zM9 2.5v2.75h2.75M6 8.25h4M6 10.75h4',
  coin: 'M8 13.75a5.75 5.75 0 1 0 0-11.5 5.75 5.75 0 0 0 0 11.5zM6 5l2 2.5L10 5M8 7.5v3.75M6.25 8h3.5M6.25 9.75h3.5',
  waves: 'M2.25 5.25c1.4-1.2 2.4-1.2 3.8 0s2.5 1.2 3.9 0 2.4-1.2 3.8 0M2.25 8.5c1.4-1.2 2.4-1.2 3.8 0s2.5 1.2 3.9 0 2.4-1.2 3.8 0M2.25 11.75c1.4-1.2 2.4-1.2 3.8 0s2.5 1.2 3.9 0 2.4-1.2 3.8 0',
  box: 'M8 2.25l5 2.5v6.5l-5 2.5-5-2.5v-6.5zM3.25 5 8 7.25 12.75 5M8 7.5v6',
  tagIcon: 'M2.75 2.75h5l5.75 5.75-5 5-5.75-5.75zM5.5 5.5h.01',
  grid: 'M2.75 2.75h4v4h-4zM9.25 2.75h4v4h-4zM2.75 9.25h4v4h-4zM9.25 9.25h4v4h-4z',
  chart: 'M2.5 13.25h11M4.25 11V8M8 11V3.5M11.75 11V6',
  flag: 'M4 14V2.75M4 3.25h7.5L10 5.75l1.5 2.5H4',
  shield: 'M8 2.25l4.75 1.5v4c0 3-2 5-4.75 6-2.75-1-4.75-3-4.75-6v-4z',
  gear: 'M8 10.25a2.25 2.25 0 1 0 0-4.5 2.25 2.25 0 0 0 0 4.5zM8 2v1.5M8 12.5V14M2 8h1.5M12.5 8H14M3.75 3.75l1.1 1.1M11.15 11.15l1.1 1.1M3.75 12.25l1.1-1.1M11.15 4.85l1.1-1.1',
  star: 'M8 2.5l1.7 3.45 3.8.55-2.75 2.7.65 3.8L8 11.2 4.6 13l.65-3.8L2.5 6.5l3.8-.55z',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  check: 'M3 8.5l3.25 3.25L13 4.75',
  x: 'M4 4l8 8M12 4l-8 8',
  down: 'M4 6.25l4 4 4-4',
  up: 'M4 9.75l4-4 4 4',
  right: 'M6.25 4l4 4-4 4',
  left: 'M9.75 4l-4 4 4 4',
  sortUp: 'M8 13V3.5M4.5 7 8 3.5 11.5 7',
  sortDown: 'M8 3v9.5M4.5 9 8 12.5 11.5 9',
  arrow: 'M3 8h10M9 4l4 4-4 4',
  filter: 'M2.5 4h11M4.75 8h6.5M6.75 12h2.5',
  board: 'M2.75 2.75h2.75v10.5H2.75zM6.75 2.75H9.5v7H6.75zM10.75 2.75h2.5v9h-2.5z',
  table: 'M2.5 3h11v10h-11zM2.5 6.25h11M2.5 9.6h11M6.25 3v10',
  columns: 'M2.75 3h10.5v10H2.75zM6.25 3v10M9.75 3v10',
  split: 'M2.75 3h10.5v10H2.75zM9 3v10M10.75 6h1M10.75 8.5h1',
  gantt: 'M2.75 4h5.5M5.5 8h6M8.5 12h4.75',
  keep: 'M8 9.5V14M4.75 9.5h6.5L10 7V3h.75V2h-5.5v1H6v4z',
  sliders: 'M2.5 5h6M11.5 5h2M2.5 11h2M7.5 11h6M10 6.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM6 12.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3z',
  lanes: 'M2.75 3h10.5v4H2.75zM2.75 9h10.5v4H2.75z',
  list: 'M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.01M2.5 8h.01M2.5 12h.01',
  grip: 'M6 4h.01M10 4h.01M6 8h.01M10 8h.01M6 12h.01M10 12h.01',
  clock: 'M8 13.75a5.75 5.75 0 1 0 0-11.5 5.75 5.75 0 0 0 0 11.5zM8 4.75V8l2.25 1.5',
  alert: 'M8 2.75 14 13H2zM8 6.75v2.75M8 11.25h.01',
  undo: 'M5.5 3.25 2.75 6 5.5 8.75M3 6h6.75a3.5 3.5 0 0 1 0 7H6.5',
  lock: 'M3.5 7.25h9v6h-9zM5.5 7V5a2.5 2.5 0 0 1 5 0v2',
  edit: 'M3 13l.6-2.9 6.9-6.85 2.3 2.3L5.9 12.4zM9.25 4.5l2.3 2.3',
  trash: 'M3 4.5h10M6 4.25V2.75h4v1.5M4.25 4.5l.6 8.75h6.3l.6-8.75M6.75 7v4M9.25 7v4',
  upload: 'M8 10.5V3M4.75 6 8 2.75 11.25 6M2.75 10.5v2.75h10.5V10.5',
  download: 'M8 2.75v7.5M4.75 7.25 8 10.5l3.25-3.25M2.75 10.5v2.75h10.5V10.5',
  link: 'M6.75 9.25a2.5 2.5 0 0 1 0-3.5l2-2a2.5 2.5 0 0 1 3.5 3.5l-1 1M9.25 6.75a2.5 2.5 0 0 1 0 3.5l-2 2a2.5 2.5 0 0 1-3.5-3.5l1-1',
  pin: 'M8 14c3-3 4.5-5.35 4.5-7.25a4.5 4.5 0 1 0-9 0C3.5 8.65 5 11 8 14zM8 8.5a1.75 1.75 0 1 0 0-3.5 1.75 1.75 0 0 0 0 3.5z',
  note: 'M3.25 2.75h9.5v7l-3.5 3.5h-6zM9.25 13v-3.25h3.25M5.5 5.75h5M5.5 8h3',
  history: 'M2.75 8a5.25 5.25 0 1 0 1.75-3.9L2.75 5.75M2.75 2.75v3h3M8 5.25V8l2 1.25',
  bolt: 'M8.75 2.25 3.75 9h3.5l-.5 4.75L12 7H8.25z',
  eye: 'M1.75 8c1.5-2.75 3.6-4.25 6.25-4.25S12.75 5.25 14.25 8c-1.5 2.75-3.6 4.25-6.25 4.25S3.25 10.75 1.75 8zM8 9.75a1.75 1.75 0 1 0 0-3.5 1.75 1.75 0 0 0 0 3.5z',
  help: 'M8 13.75a5.75 5.75 0 1 0 0-11.5 5.75 5.75 0 0 0 0 11.5zM6.25 6.5a1.75 1.75 0 1 1 2.6 1.5c-.6.35-.85.7-.85 1.25M8 11.25h.01',
  sun: 'M8 10.75a2.75 2.75 0 1 0 0-5.5 2.75 2.75 0 0 0 0 5.5zM8 1.75v1.5M8 12.75v1.5M1.75 8h1.5M12.75 8h1.5M3.6 3.6l1 1M11.4 11.4l1 1M3.6 12.4l1-1M11.4 4.6l1-1',
  moon: 'M13 9.25A5.25 5.25 0 0 1 6.75 3a5.25 5.25 0 1 0 6.25 6.25z',
  globe: 'M8 13.75a5.75 5.75 0 1 0 0-11.5 5.75 5.75 0 0 0 0 11.5zM2.5 8h11M8 2.5c1.6 1.6 2.25 3.4 2.25 5.5S9.6 11.9 8 13.5C6.4 11.9 5.75 10.1 5.75 8S6.4 4.1 8 2.5z',
  out: 'M6.5 2.75H3v10.5h3.5M10.5 5l3 3-3 3M6.5 8h7',
  copy: 'M5.5 5.5h7.75v7.75H5.5zM10.5 5.25v-2.5H2.75v7.75h2.5',
  enter: 'M13 3.5v5H4M6.5 5.75 3.75 8.5l2.75 2.75',
  clip: 'M12.5 7.25 8 11.75a2.75 2.75 0 0 1-3.9-3.9l5-5a1.8 1.8 0 0 1 2.6 2.55L6.9 10.2a.85.85 0 0 1-1.2-1.2L9.5 5.2',
  device: 'M2.5 3.5h11v7h-11zM5.5 13h5M8 10.5V13',
  key: 'M10.25 8.5a3 3 0 1 0-2.75-1.8L2.75 11.5v1.75H5v-1.5h1.5v-1.5L8 9c.65-.3 1.4-.5 2.25-.5zM10.75 5.25h.01',
  hash: 'M6.25 2.75 5 13.25M11 2.75 9.75 13.25M3.25 5.75h10M2.75 10.25h10',
  formula: 'M11.5 3.25c-1.9-.7-2.9.1-3.2 1.9L7 12c-.3 1.5-1.2 2-2.7 1.4M5.5 7.25h5.25M10.5 10l3 3.25M13.5 10l-3 3.25',
  sum: 'M12 4.75V3H4l4.25 5L4 13h8v-1.75',
  restore: 'M2.75 8a5.25 5.25 0 1 0 1.75-3.9L2.75 5.75M2.75 2.75v3h3',
  wifi: 'M2 6.25c3.5-3.3 8.5-3.3 12 0M4.25 8.75c2.2-2 5.3-2 7.5 0M6.5 11.1c.9-.8 2.1-.8 3 0M8 13.25h.01',
  circle: 'M8 12.75a4.75 4.75 0 1 0 0-9.5 4.75 4.75 0 0 0 0 9.5z',
} as const;

export type IconName = keyof typeof paths;

const dotted: ReadonlySet<IconName> = new Set<IconName>(['more', 'grip', 'list']);

/** One icon. Decorative: whatever holds it carries the name. */
export const Icon = memo(function Icon({ name, size }: { name: IconName; size?: number }) {
  return (
    <svg className={dotted.has(name) ? 'i i-dots' : 'i'} viewBox="0 0 16 16" aria-hidden="true" style={size ? { width: size, height: size } : undefined}>
      <path d={paths[name]} />
    </svg>
  );
});

/** Icons the model names for objects; whatever it names that we do not draw becomes a plain circle. */
const modelIcons: Record<string, IconName> = {
  account: 'building', building: 'building', contact: 'user', user: 'user', person: 'user', users: 'users', team: 'users', lead: 'spark', spark: 'spark',
  opportunity: 'target', target: 'target', deal: 'target', product: 'box', box: 'box', category: 'grid', product_category: 'grid', grid: 'grid',
  price_book: 'tagIcon', price_entry: 'tagIcon', tag: 'tagIcon', competitor: 'flag', flag: 'flag', pool: 'waves', waves: 'waves', follow_up: 'chat', chat: 'chat',
  task: 'check', check: 'check', event: 'calendar', calendar: 'calendar', visit: 'pin', pin: 'pin', call: 'phone', phone: 'phone', email_message: 'mail', mail: 'mail',
  message: 'chat', note: 'note', attachment: 'clip', clip: 'clip', file: 'file', quote: 'file', contract: 'file', coin: 'coin', department: 'grid', role: 'shield', shield: 'shield',
  import_job: 'upload', upload: 'upload', audit_log: 'history', history: 'history', saved_view: 'table', pipeline: 'board', board: 'board', stage: 'board', chart: 'chart', territory: 'pin',
  duplicate_rule: 'copy', duplicate_pair: 'copy', merge_log: 'copy', copy: 'copy', gear: 'gear', lock: 'lock', key: 'key', star: 'star', link: 'link', list: 'list', bell: 'bell', clock: 'clock', bolt: 'bolt',
};

/** The icon of an object: ours for the objects we know by name, else what its model names. */
export function objectIcon(icon: string | null | undefined, object: string): IconName {
  return modelIcons[object] ?? ((icon ? (modelIcons[icon] ?? (icon in paths ? (icon as IconName) : undefined)) : undefined) ?? 'circle');
}

/** The mark of the product. */
export function Logo({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" style={{ flex: 'none' }}>
      <circle cx="9" cy="12" r="7.5" fill="var(--brand-fill)" />
      <circle cx="15" cy="12" r="7.5" fill="var(--brand-fill)" opacity="0.45" />
      <path d="M12 5.15a7.5 7.5 0 0 1 0 13.7 7.5 7.5 0 0 1 0-13.7z" fill="var(--sheet)" />
    </svg>
  );
}
