export const layouts = ['table', 'split', 'board', 'calendar', 'timeline', 'map'] as const;
export type Layout = (typeof layouts)[number];

/** What a list remembers in its address, so that a view can be shared and the back button works. */
export interface BrowseSearch {
  view?: string;
  layout?: Layout;
  /** Conditions as JSON of the API's filter tree; absent = those of the view. */
  filter?: unknown;
  sort?: string;
  q?: string;
  columns?: string[];
  /** Field whose values make the swim lanes of the board; `-` = none although the view has some. */
  lane?: string;
  /** Field whose values make the groups of the table; `-` = none although the view has one. */
  group?: string;
  /** Field that makes the columns of the board, when not the model's own. */
  by?: string;
  /** Date field of calendar and timeline. */
  date?: string;
  /** Month or week of the calendar: a day within it, as YYYY-MM-DD. */
  at?: string;
  span?: 'month' | 'week';
  /** Record shown beside the list. */
  open?: string;
}

const texts = ['view', 'sort', 'lane', 'group', 'by', 'date', 'at', 'open'] as const;

export function checkSearch(raw: Record<string, unknown>): BrowseSearch {
  const out: BrowseSearch = {};
  for (const k of texts) if (typeof raw[k] === 'string') out[k] = raw[k];
  if (layouts.includes(raw['layout'] as Layout)) out.layout = raw['layout'] as Layout;
  if (raw['filter'] && typeof raw['filter'] === 'object') out.filter = raw['filter'];
  if (raw['q'] !== undefined && raw['q'] !== null && raw['q'] !== '') out.q = String(raw['q']);
  if (Array.isArray(raw['columns']) && raw['columns'].every((c) => typeof c === 'string')) out.columns = raw['columns'];
  if (raw['span'] === 'month' || raw['span'] === 'week') out.span = raw['span'];
  return out;
}
