import type { components } from '@/api/schema';

type S = components['schemas'];

/** What the import part of the API answers, and what the wizard keeps of the choices made. */
export type SheetColumn = S['SheetColumn'];
export type ProposedMapping = S['ProposedMapping'];
export type Upload = S['ImportUpload'];
export type Job = S['ImportJob'];

export interface ColumnChoice {
  column: string;
  field: string | null;
  values: Record<string, string | null>;
  lookup?: string | undefined;
}

export interface SheetChoice {
  sheet: string;
  object: string | null;
  mode: 'create' | 'update' | 'upsert';
  on_duplicate: 'skip' | 'update' | 'create';
  match_field?: string | undefined;
  mapping: ColumnChoice[];
}

export function finished(job: Job | undefined): boolean {
  return job !== undefined && job.status !== 'running' && job.status !== 'undoing';
}
