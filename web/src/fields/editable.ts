import type { FieldMeta } from '@/api/types';

/** May the person write this field here? */
export function editable(f: FieldMeta): boolean {
  return f.access === 'edit' && !f.system && !['id', 'auto', 'roll', 'calc'].includes(f.type);
}
