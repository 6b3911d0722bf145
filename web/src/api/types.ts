/** Shapes of `/api/v1`. They come from the API document (`schema.d.ts`, made by `npm run gen`); here they get the names the page uses. */
import type { components } from './schema';

type S = components['schemas'];

export type Label = S['Label'];

export const fieldTypes = [
  'text', 'long', 'rich', 'int', 'dec', 'money', 'pct', 'bool', 'date', 'dt', 'time', 'dur', 'pick', 'multi', 'tags', 'phone', 'email', 'url',
  'addr', 'geo', 'file', 'img', 'ref', 'refs', 'md', 'poly', 'roll', 'calc', 'auto', 'user', 'users', 'dept', 'depts', 'rating', 'json', 'id',
] as const satisfies readonly S['FieldType'][];
export type FieldType = S['FieldType'];

export type FieldMeta = S['FieldMeta'];
export type BulkJob = S['BulkJob'];
export type BulkChange = S['BulkChange'];
type Rights = S['ObjectMeta']['rights'];
type Known = Omit<S['ObjectMeta'], 'actions' | 'rights'>;
export type ObjectMeta = Pick<Known, 'name' | 'kind' | 'label' | 'title' | 'fields'> & Partial<Known> & {
  actions?: ActionMeta[];
  rights: Pick<Rights, 'create' | 'read' | 'edit' | 'delete' | 'export' | 'import'> & Partial<Rights>;
};
export type LayoutMeta = S['LayoutMeta'];
export type PickValue = S['PickValue'];
export type ModelDoc = Pick<S['Model'], 'version' | 'currency' | 'areas'> & Partial<Omit<S['Model'], 'objects' | 'picklists'>> & {
  objects: ObjectMeta[];
  picklists: Record<string, Pick<S['PicklistMeta'], 'values'> & Partial<S['PicklistMeta']>>;
};

/** The schema of an action's input, as far as the page reads it. */
export interface JsonSchema {
  type?: string | string[];
  format?: string;
  description?: string;
  title?: string;
  properties?: Record<string, JsonSchema & { 'x-type'?: FieldType; 'x-target'?: string; 'x-picklist'?: string; 'x-label'?: Label }>;
  required?: string[];
  enum?: string[];
}
export type ActionMeta = Pick<S['ActionMeta'], 'name' | 'label' | 'scope'> & Partial<Omit<S['ActionMeta'], 'input'>> & { input?: JsonSchema };

export type Expanded = S['Expanded'];
/** A record: what every record has, and the fields of its object. */
export type Rec = S['Record'];
export type Reader = S['Reader'];
export type SampleState = S['SampleState'];
export type SampleRemoved = S['SampleRemoved'];
export type Money = Omit<S['Money'], 'rate' | 'base'> & Partial<S['Money']>;
export type Page = S['RecordPage'];

export type AggregateBody = S['AggregateQuery'];
export type AggregateAnswer = { groups: (Omit<S['Group'], 'key'> & { key: Record<string, string | null> })[] };

export type Op = S['FilterOp'];
export type Leaf = S['FilterLeaf'];
export type Filter = S['Filter'];

/** A refusal; the page makes some itself (no network), which have less. */
export type ProblemBody = Pick<S['Problem'], 'status' | 'code'> & Partial<Omit<S['Problem'], 'status' | 'code' | 'errors'>> & {
  errors?: (Pick<S['FieldProblem'], 'field' | 'code'> & Partial<S['FieldProblem']>)[];
};

export type Session = S['Session'];
export type HistoryEntry = Pick<S['HistoryEntry'], 'seq' | 'at' | 'op' | 'actor' | 'changes'> & Partial<S['HistoryEntry']>;
export type ChangeEvent = S['Change'];
export type Hit = S['Hit'];

/** A record that may be the same as another, best first (`/api/v1/{object}/duplicates`). */
export interface Duplicate {
  object: string;
  id: string;
  title: string;
  score: number;
  visible: boolean;
  owner?: string | null;
  department?: string | null;
  pool?: string | null;
}
