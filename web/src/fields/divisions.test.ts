import { beforeAll, describe, expect, it } from 'vitest';
import { loadDivisions, parseAddress, type Division } from './divisions';

let tree: Division[];
beforeAll(async () => {
  tree = await loadDivisions();
});

describe('Chinese divisions', () => {
  it('hold every province with cities and districts', () => {
    expect(tree.length).toBeGreaterThanOrEqual(34);
    const zj = tree.find((p) => p.name === '浙江省')!;
    const hz = zj.children!.find((c) => c.name === '杭州市')!;
    expect(hz.children!.some((d) => d.name === '余杭区' && d.code === '330110')).toBe(true);
  });
  it('know a municipality by one level less', () => {
    const bj = tree.find((p) => p.name === '北京市')!;
    expect(bj.children).toHaveLength(1);
    const cq = tree.find((p) => p.name === '重庆市')!;
    expect(cq.children![0]!.children!.some((d) => d.name.endsWith('县'))).toBe(true);
  });
  it('take a written address apart', () => {
    expect(parseAddress('浙江省杭州市余杭区文一西路 969 号', tree)).toMatchObject({ province: '浙江省', city: '杭州市', district: '余杭区', code: '330110', detail: '文一西路969号' });
    expect(parseAddress('北京市海淀区中关村大街1号', tree)).toMatchObject({ province: '北京市', city: null, district: '海淀区', detail: '中关村大街1号' });
    expect(parseAddress('杭州西湖区龙井路1号', tree)).toMatchObject({ province: '浙江省', city: '杭州市', district: '西湖区', detail: '龙井路1号' });
    expect(parseAddress('10 Downing Street', tree)).toBeNull();
  });
});
