import { call } from '@/api/client';
import type { Rec } from '@/api/types';

/** Attaches files to a record; answers the ids of the attachments. `field` is the record's own file field, when it has one. */
export async function uploadFiles(object: string, id: string, field: string | undefined, files: File[]): Promise<string[]> {
  const ids: string[] = [];
  for (const f of files) {
    const form = new FormData();
    form.append('object', object);
    form.append('id', id);
    if (field) form.append('field', field);
    form.append('file', f, f.name || 'file');
    ids.push((await call<Rec>('/files', { method: 'POST', body: form })).id);
  }
  return ids;
}

/** Files of a paste or a drop; a picture from the clipboard gets a name of its own. */
export function filesOf(data: DataTransfer | null, stamp: string): File[] {
  return [...(data?.files ?? [])].map((f) => (/^image\.(png|jpe?g)$/i.test(f.name) ? new File([f], `${stamp}.${f.name.split('.').pop() ?? 'png'}`, { type: f.type }) : f));
}

export const isFiles = (v: unknown): v is File[] => Array.isArray(v) && v.length > 0 && v.every((x) => x instanceof File);

/** Files that wait for their record to be made, by field; the rest is what can be sent now. */
export function takeFiles(values: Record<string, unknown>): { data: Record<string, unknown>; files: [field: string, files: File[]][] } {
  const files: [string, File[]][] = [];
  const data: Record<string, unknown> = {};
  for (const [k, v] of Object.entries(values)) {
    if (isFiles(v)) files.push([k, v]);
    else data[k] = v;
  }
  return { data, files };
}
