/** The colours of design.md §2 as values, for parts that need numbers (the Ant Design theme). `tokens.css` holds the same; a test compares them. */
export const light = {
  bg: '#EFF3F1', sheet: '#FFFFFF', sunken: '#F5F8F6', raised: '#FFFFFF', hover: '#EEF3F1', thumb: '#FFFFFF',
  line: '#E2E8E5', 'line-2': '#CBD4D0', 'line-ctl': '#83908B',
  ink: '#16211E', 'ink-2': '#46534F', 'ink-3': '#606D69',
  brand: '#0B6B63', 'brand-fill': '#0B6B63', 'brand-fill-h': '#085750', 'on-brand': '#FFFFFF', 'brand-soft': '#DFF0ED', 'brand-line': '#9ACDC6',
  late: '#B2321C', 'late-fill': '#C8452D', 'late-soft': '#FCEBE7',
  warn: '#855400', 'warn-fill': '#CC8408', 'warn-soft': '#FCF1DA', 'warn-line': '#EBD3A0',
  ok: '#28702F', 'ok-fill': '#3B9144', 'ok-soft': '#E3F3E3',
  info: '#245C9F', 'info-soft': '#E5EEF8', violet: '#5F49A6', 'violet-soft': '#EDE9F8',
  scrim: 'rgba(15, 28, 25, 0.38)',
  c1: '#0B6B63', c2: '#4E9C93', c3: '#B5D8D2', c4: '#CC8408', c5: '#5F49A6', c6: '#245C9F',
} as const;

export type Palette = Record<keyof typeof light, string>;

export const dark: Palette = {
  bg: '#0B1110', sheet: '#131A19', sunken: '#182120', raised: '#1D2726', hover: '#1F2A28', thumb: '#33413E',
  line: '#25302E', 'line-2': '#37443F', 'line-ctl': '#6C7B76',
  ink: '#E7EEEB', 'ink-2': '#B5C2BD', 'ink-3': '#93A19C',
  brand: '#5CC8BB', 'brand-fill': '#46B5A8', 'brand-fill-h': '#5CC8BB', 'on-brand': '#03211D', 'brand-soft': '#16322E', 'brand-line': '#2C655D',
  late: '#FF9480', 'late-fill': '#E8654D', 'late-soft': '#3A1E19',
  warn: '#EDBB57', 'warn-fill': '#D9982A', 'warn-soft': '#30260F', 'warn-line': '#594619',
  ok: '#84CB89', 'ok-fill': '#58A85F', 'ok-soft': '#18301B',
  info: '#8CB8F0', 'info-soft': '#182A40', violet: '#BBA8F2', 'violet-soft': '#292142',
  scrim: 'rgba(0, 0, 0, 0.56)',
  c1: '#46B5A8', c2: '#2F7F76', c3: '#1F4F4A', c4: '#D9982A', c5: '#9C86E0', c6: '#6FA0E0',
};

/** Elevations: light has breath, dark has borders. */
export const elevation = {
  light: {
    e1: '0 1px 2px rgba(16, 40, 34, 0.06), 0 0 0 1px rgba(16, 40, 34, 0.05)',
    e2: '0 2px 6px rgba(16, 40, 34, 0.08), 0 0 0 1px rgba(16, 40, 34, 0.06)',
    e3: '0 16px 48px rgba(16, 40, 34, 0.2), 0 2px 8px rgba(16, 40, 34, 0.08), 0 0 0 1px rgba(16, 40, 34, 0.06)',
  },
  dark: {
    e1: '0 0 0 1px #232E2C',
    e2: '0 2px 6px rgba(0, 0, 0, 0.4), 0 0 0 1px #2C3836',
    e3: '0 16px 48px rgba(0, 0, 0, 0.6), 0 0 0 1px #34413E',
  },
} as const;

export const fontLatin = 'Inter, system-ui, -apple-system, "Segoe UI", sans-serif';
export const fontHan = 'Inter, "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", system-ui, sans-serif';
