import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '@/api/client';
import { expanded, label, type Model } from '@/api/model';
import { act, keys } from '@/api/queries';
import type { ObjectMeta, Page, Rec } from '@/api/types';
import { daysBetween } from '@/shared/format';
import type { Lang } from '@/shared/i18n';
import { shippedName } from '@/shared/i18n/shipped';

export interface Column {
  key: string;
  title: string;
  kind: 'open' | 'won' | 'lost';
  probability: number | null;
  maxDays: number | null;
  /** Fields a card must have before it may enter, as far as the page can tell. */
  required: string[];
  /** The gate as the stage holds it. */
  gate?: unknown;
}

export interface Stages {
  columns: Column[];
  pipelines: { id: string; name: string }[];
  pipeline: string | undefined;
}

function gateFields(gate: unknown): string[] {
  if (typeof gate !== 'object' || gate === null) return [];
  const g = gate as Record<string, unknown>;
  const list = g['required'] ?? g['fields'];
  return Array.isArray(list) ? list.filter((x): x is string => typeof x === 'string') : [];
}

/** The columns: stages of the pipeline for a lookup, values for a picklist. */
export function useStages(object: ObjectMeta, model: Model, lang: Lang, wanted: string | undefined): Stages | undefined {
  const field = object.board ? model.field(object.name, object.board) : undefined;
  const target = field?.type === 'ref' ? field.target : undefined;
  const stages = useQuery({
    queryKey: keys.columns(target ?? '-'),
    queryFn: () => api.get<Page>(`/${target}`, { sort: model.field(target ?? '', 'position') ? 'position' : undefined, limit: 100, expand: model.field(target ?? '', 'pipeline_id') ? 'pipeline_id' : undefined }),
    enabled: target !== undefined,
    staleTime: 300_000,
  });
  // Which of several pipelines a board shows first is said by the pipelines, not by the order their stages happen to come in.
  const lines = useQuery({
    queryKey: keys.columns('pipeline'),
    queryFn: () => api.get<Page>('/pipeline', { sort: '-is_default,name', limit: 100, filter: JSON.stringify({ field: 'enabled', op: 'eq', value: true }) }),
    enabled: target !== undefined && model.field(target, 'pipeline_id') !== undefined && model.object('pipeline') !== undefined,
    staleTime: 300_000,
  });
  const waiting = lines.isLoading;
  return useMemo(() => {
    if (field?.type === 'pick') {
      const values = model.picks(field.picklist).filter((v) => v.active !== false);
      return { columns: values.map((v) => ({ key: v.key, title: label(v.label, lang, v.key), kind: 'open' as const, probability: null, maxDays: null, required: [] })), pipelines: [], pipeline: undefined };
    }
    if (!stages.data || !target || waiting) return undefined;
    const title = model.object(target)?.title ?? 'name';
    const names = new Map<string, string>();
    for (const s of stages.data.data) {
      const id = s['pipeline_id'];
      if (typeof id === 'string') names.set(id, expanded(s, 'pipeline_id')?.title ?? '');
    }
    const first = (lines.data?.data ?? []).map((l) => l.id).filter((id) => names.has(id));
    // One that is switched off is shown only where it is asked for: on a deal that is still in it.
    const ids = lines.data ? [...first, ...(wanted && names.has(wanted) && !first.includes(wanted) ? [wanted] : [])] : [...names.keys()];
    const pipelines = new Map(ids.map((id) => [id, names.get(id) ?? '']));
    const pipeline = wanted && pipelines.has(wanted) ? wanted : [...pipelines.keys()][0];
    const columns = stages.data.data
      .filter((s) => pipeline === undefined || s['pipeline_id'] === pipeline)
      .map((s): Column => ({
        key: s.id,
        title: shippedName(target, String(s[title] ?? ''), lang),
        kind: s['kind'] === 'won' ? 'won' : s['kind'] === 'lost' || s['kind'] === 'abandoned' ? 'lost' : 'open',
        probability: s['probability'] === null || s['probability'] === undefined ? null : Number(s['probability']),
        maxDays: typeof s['max_days'] === 'number' ? s['max_days'] : null,
        required: gateFields(s['gate']),
        gate: s['gate'],
      }));
    return { columns, pipelines: [...pipelines].map(([id, name]) => ({ id, name })), pipeline };
  }, [field, model, lang, stages.data, lines.data, waiting, target, wanted]);
}


/** Moves a record to a stage or state: by the object's own action where there is one, else by a plain change of the field. */
export async function moveTo(object: ObjectMeta, id: string, from: unknown, to: string, extra: Record<string, unknown> = {}): Promise<Rec | undefined> {
  const board = object.board ?? '';
  if (object.actions?.some((a) => a.name === 'move_stage')) return act(object.name, id, 'move_stage', { [board]: to, ...extra });
  const step = object.status === board ? object.transitions?.find((x) => x.to === to && (x.from.length === 0 || x.from.includes(String(from)))) : undefined;
  if (step && object.actions?.some((a) => a.name === step.action)) return act(object.name, id, step.action, extra);
  return api.patch<Rec>(`/${object.name}/${id}`, { [board]: to });
}

/** Days a record has been in its stage. */
export function daysIn(rec: Rec, now = new Date()): number | null {
  const v = rec['stage_entered_at'];
  return typeof v === 'string' ? Math.max(0, daysBetween(new Date(v), now)) : null;
}
