import { expect, it } from 'vitest';
import { workbook } from '../../../e2e/xlsx';
import { readSheet } from './workbook';

it('reads texts, numbers and gaps of a packed workbook', async () => {
  const file = workbook([['行', '原因', '客户名称'], [3, '客户级别：没有「特级」', null, '<北溟> & 子'], []]);
  const copy = new Uint8Array(file);
  expect(await readSheet(copy.buffer)).toEqual([['行', '原因', '客户名称'], ['3', '客户级别：没有「特级」', '', '<北溟> & 子'], []]);
});
