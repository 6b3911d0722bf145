import type { Model } from '@/api/model';
import type { FieldMeta, FieldType, JsonSchema } from '@/api/types';

/** What inputs of many actions are called. */
const common: Record<string, { en: string; zh: string }> = {
  reason: { en: 'Reason', zh: '原因' },
  note: { en: 'Note', zh: '说明' },
  owner_id: { en: 'Owner', zh: '负责人' },
};

/** Inputs of an action: the fields of its JSON schema, named like fields of the object where they agree. */
export function schemaFields(schema: JsonSchema | undefined, object: string, model: Model): FieldMeta[] {
  const required = new Set(schema?.required ?? []);
  return Object.entries(schema?.properties ?? {}).map(([name, s]): FieldMeta => {
    const own = model.field(object, name);
    if (own && !s['x-type']) return { ...own, required: required.has(name), system: false, access: 'edit' };
    const kind = Array.isArray(s.type) ? s.type.find((k) => k !== 'null') : s.type;
    let type: FieldType = s['x-type'] ?? 'text';
    if (!s['x-type']) {
      if (kind === 'boolean') type = 'bool';
      else if (kind === 'integer' || kind === 'number') type = 'int';
      else if (kind === 'object' || kind === 'array') type = 'json';
      else if (name === 'owner_id' || name === 'user_id') type = 'user';
      else if (name.endsWith('_id') && model.object(name.slice(0, -3))) type = 'ref';
      else if (name === 'reason' || name === 'note') type = 'long';
    }
    const target = s['x-target'] ?? (type === 'ref' ? name.slice(0, -3) : undefined);
    return {
      name,
      type,
      label: s['x-label'] ?? common[name] ?? { en: s.title ?? words(name), zh: s.title ?? words(name) },
      access: 'edit',
      required: required.has(name),
      ...(target ? { target } : {}),
      ...(s['x-picklist'] ? { picklist: s['x-picklist'] } : {}),
    };
  });
}

function words(name: string): string {
  const text = name.replace(/_id$/, '').replace(/_/g, ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
