import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fieldTypes } from './types';

// The tests run in web/.
const text = readFileSync('../docs/openapi.json', 'utf8');

it('the client’s types are those of the committed API document', () => {
  const types = readFileSync('src/api/schema.d.ts', 'utf8');
  expect(types).toContain(`// sha256 ${createHash('sha256').update(text).digest('hex')}`);
});

it('the page knows every field type of the document', () => {
  const doc = JSON.parse(text) as { components: { schemas: { FieldType: { enum: string[] } } } };
  expect([...fieldTypes].sort()).toEqual([...doc.components.schemas.FieldType.enum].sort());
});
