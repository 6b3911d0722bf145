import type { FieldType } from '@/api/types';
import type { IconName } from '@/shared/icons';
import type { AdminKey } from '../text';

/** The kinds of field an administrator may add, as one would look for them. */
export const kinds: readonly { type: FieldType; icon: IconName; text: AdminKey }[] = [
  { type: 'text', icon: 'edit', text: 'type.text' },
  { type: 'long', icon: 'note', text: 'type.long' },
  { type: 'int', icon: 'hash', text: 'type.int' },
  { type: 'dec', icon: 'hash', text: 'type.dec' },
  { type: 'money', icon: 'coin', text: 'type.money' },
  { type: 'pct', icon: 'chart', text: 'type.pct' },
  { type: 'bool', icon: 'check', text: 'type.bool' },
  { type: 'date', icon: 'calendar', text: 'type.date' },
  { type: 'dt', icon: 'clock', text: 'type.dt' },
  { type: 'pick', icon: 'down', text: 'type.pick' },
  { type: 'multi', icon: 'list', text: 'type.multi' },
  { type: 'ref', icon: 'link', text: 'type.ref' },
  { type: 'user', icon: 'user', text: 'type.user' },
  { type: 'dept', icon: 'grid', text: 'type.dept' },
  { type: 'phone', icon: 'phone', text: 'type.phone' },
  { type: 'email', icon: 'mail', text: 'type.email' },
  { type: 'url', icon: 'globe', text: 'type.url' },
  { type: 'addr', icon: 'pin', text: 'type.addr' },
  { type: 'rating', icon: 'star', text: 'type.rating' },
  { type: 'calc', icon: 'formula', text: 'type.calc' },
  { type: 'roll', icon: 'sum', text: 'type.roll' },
  { type: 'auto', icon: 'key', text: 'type.auto' },
  { type: 'tags', icon: 'tagIcon', text: 'type.tags' },
  { type: 'users', icon: 'users', text: 'type.users' },
  { type: 'file', icon: 'clip', text: 'type.file' },
  { type: 'img', icon: 'eye', text: 'type.img' },
];

const others: Partial<Record<FieldType, AdminKey>> = {
  rich: 'type.rich', time: 'type.time', dur: 'type.dur', geo: 'type.geo', refs: 'type.refs', md: 'type.md', poly: 'type.poly', depts: 'type.depts', json: 'type.json', id: 'type.id',
};

export function kindText(type: FieldType): AdminKey {
  return kinds.find((k) => k.type === type)?.text ?? others[type] ?? 'type.text';
}

export function kindIcon(type: FieldType): IconName {
  return kinds.find((k) => k.type === type)?.icon ?? (type === 'refs' || type === 'md' || type === 'poly' ? 'link' : type === 'depts' ? 'grid' : type === 'rich' ? 'note' : 'circle');
}

/** Kept by people's hands, so it can be required, have a default and a condition. */
export function written(type: FieldType): boolean {
  return type !== 'calc' && type !== 'roll' && type !== 'auto';
}

export const uniqueTypes: ReadonlySet<FieldType> = new Set<FieldType>(['text', 'email', 'int', 'phone']);
export const searchTypes: ReadonlySet<FieldType> = new Set<FieldType>(['text', 'long', 'email', 'phone', 'auto', 'url']);
export const defaultTypes: ReadonlySet<FieldType> = new Set<FieldType>(['text', 'int', 'dec', 'pct', 'bool', 'pick', 'rating']);
/** Types that stay as they are once there is data: only label, help and rules change. */
export const results: readonly FieldType[] = ['text', 'int', 'dec', 'money', 'pct', 'bool', 'date', 'dt', 'dur'];
export const functions = ['IF', 'CASE', 'AND', 'OR', 'NOT', 'ISBLANK', 'COALESCE', 'ROUND', 'MIN', 'MAX', 'CONCAT', 'LEFT', 'RIGHT', 'LEN', 'UPPER', 'TODAY', 'NOW', 'YEAR', 'MONTH', 'DATEADD', 'DATEDIFF', 'WORKDAYS', 'LABEL', 'TEXT', 'VALUE'] as const;
export const colours = ['jade', 'green', 'blue', 'violet', 'amber', 'orange', 'red', 'grey'] as const;
