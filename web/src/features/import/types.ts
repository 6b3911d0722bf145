import type { components } from '@/api/schema';

type S = components['schemas'];

/** What the import part of the API answers, and what the wizard keeps of the choices made. */
export type Sheet = S['ImportSheet'];
export type SheetColumn = S['SheetColumn'];
export type ProposedMapping = S['ProposedMapping'];
export type Upload = S['ImportUpload'];
export type Question = S['ImportQuestion'];
export type Questions = S['ImportQuestions'];
export type Job = S['ImportJob'];
export type SheetPlan = S['ImportSheetPlan'];
type ColumnPlan = S['ImportColumn'];

/** A column on its way into a plan; without a field it is left out. */
export type ColumnChoice = Omit<ColumnPlan, 'field'> & { field: string | null };

/** A sheet on its way into a plan; without an object it is left out. */
export type SheetChoice = Omit<SheetPlan, 'object' | 'map'> & { object: string | null; map: ColumnChoice[] };

export function finished(job: Job | undefined): boolean {
  return job !== undefined && job.status !== 'running' && job.status !== 'undoing';
}
