import { expect, it } from 'vitest';
import { answer, answerOf, begun, planOf, sheetOf } from './plan';
import type { Question, SheetChoice, Upload } from './types';

const sheet = (file: string, object: string | null, header: string) => ({
  file,
  name: file.replace('.csv', ''),
  rows: 2,
  columns: [{ header, samples: ['a'], values: null }],
  suggested_object: object,
  mapping: [{ column: header, field: 'name', confidence: 98, why: { en: 'same label', zh: '名称一致' }, date: 'mdy' as const }],
});
const upload: Upload = { upload_id: 'u', file_name: 'a.csv, b.csv', sheets: [sheet('a.csv', 'account', 'Firm'), sheet('b.csv', null, 'X')], plan: null };
const ask = (q: Partial<Question>): Question => ({ sheet: 0, object: 'account', field: 'name', column: 'Firm', open: 'record', value: 'GTXPro', rows: 3, first: 2, similar: ['GTX Pro'], ...q });

it('begins with what the sheets seem to be, without the reasons, and sends only what leads somewhere', () => {
  const choices = begun(upload, 'account');
  expect(choices.map((c) => c.object)).toEqual(['account', null]);
  expect(choices[0]?.map).toEqual([{ column: 'Firm', field: 'name', date: 'mdy' }]);
  expect(planOf(choices)).toEqual([{ file: 'a.csv', sheet: 'a', object: 'account', mode: 'create', on_duplicate: 'skip', map: [{ column: 'Firm', field: 'name', date: 'mdy' }] }]);
  expect(begun({ ...upload, sheets: upload.sheets.slice(1) }, 'contact')[0]?.object).toBe('contact');
});

it('begins with the plan that came with the files', () => {
  const plan = [{ object: 'stage', rows: [{ name: 'Won', position: '3' }], map: [{ column: 'name', field: 'name' }] }];
  const [stage] = begun({ ...upload, plan }, 'account');
  expect(stage).toEqual(plan[0]);
  expect(sheetOf(upload, stage as SheetChoice)?.columns.map((c) => [c.header, c.samples])).toEqual([['name', ['Won']], ['position', ['3']]]);
});

it('keeps one answer to a question and tells it again', () => {
  let choices = begun(upload, 'account');
  const q = ask({});
  expect(answerOf(choices, q)).toBe('open');
  choices = answer(choices, q, { means: 'GTX Pro' });
  expect(answerOf(choices, q)).toEqual({ means: 'GTX Pro' });
  choices = answer(choices, q, 'create');
  expect(answerOf(choices, q)).toBe('create');
  expect(planOf(choices)[0]?.map[0]).toMatchObject({ missing: 'create', values: {} });
  choices = answer(choices, q, 'open');
  expect(answerOf(choices, q)).toBe('open');
  expect(answerOf(answer(choices, ask({ open: 'ambiguous' }), { lookup: 'code' }), ask({ open: 'ambiguous' }))).toEqual({ lookup: 'code' });
});

it('fills a field no column leads to, and one of the records made with each row', () => {
  const lines = [{ object: 'opportunity_line', via: 'opportunity_id', map: [{ column: 'product', field: 'product_id' }] }];
  // The first choice is left out, so the question is about the second one.
  let choices: SheetChoice[] = [{ object: null, map: [] }, { object: 'opportunity', map: [{ column: 'a', field: 'name' }], child: lines }];
  const blank = ask({ object: 'opportunity', field: 'close_on', column: null, open: 'blank', value: '' });
  choices = answer(choices, blank, { fill: '2026-12-31' });
  expect(answerOf(choices, blank)).toEqual({ fill: '2026-12-31' });
  expect(choices[1]?.map[1]).toEqual({ field: 'close_on', blank: [{ value: '2026-12-31' }] });
  const product = ask({ object: 'opportunity_line', field: 'product_id', column: 'product' });
  choices = answer(choices, product, { means: 'GTX Pro' });
  expect(answerOf(choices, product)).toEqual({ means: 'GTX Pro' });
  expect(choices[0]).toEqual({ object: null, map: [] });
});
