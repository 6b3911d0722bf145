// Seeded data for `npm run dev:mock`. Names are invented.
import type { Rec } from '../../src/api/types';

let seed = 20261119;
export function rand(): number {
  seed = (seed * 1664525 + 1013904223) % 4294967296;
  return seed / 4294967296;
}
const pick = <T>(list: readonly T[]): T => list[Math.floor(rand() * list.length)] as T;
let n = 0;
export const newId = (): string => {
  n += 1;
  return `0193a000-0000-7000-8000-${String(n).padStart(12, '0')}`;
};
export const table = new Map<string, Map<string, Rec>>();
export const rows = (o: string): Map<string, Rec> => {
  let t = table.get(o);
  if (!t) {
    t = new Map();
    table.set(o, t);
  }
  return t;
};
const day = 86_400_000;
const now = Date.now();
const at = (days: number, hour = 10): string => {
  const d = new Date(now + days * day);
  d.setHours(hour, pick([0, 30]), 0, 0);
  return d.toISOString();
};
const on = (days: number): string => new Date(now + days * day).toISOString().slice(0, 10);
export function put(o: string, data: Record<string, unknown>): Rec {
  const id = newId();
  const rec: Rec = { id, version: 1, created_at: at(-200), updated_at: at(-Math.floor(rand() * 60)), ...data };
  rows(o).set(id, rec);
  return rec;
}
export const cny = (v: number) => ({ amount: v.toFixed(2), currency: 'CNY', rate: '1', base: v.toFixed(2) });

const depts = ['销售一部', '销售二部', 'North Region'].map((name, i) => put('department', { name, code: `D${i + 1}` }));
export const people = [['陈屿', 'chenyu', '销售经理'], ['周航', 'zhouhang', '客户经理'], ['苏棠', 'sutang', '销售总监'], ['Mara Ridley', 'mara', 'Account executive'], ['Jonas Pryce', 'jonas', 'Sales manager']].map(([name, username, title], i) =>
  put('user', { name, username, title, email: `${username}@lanchuan.example`, main_dept: depts[i % 3]?.id }));
export const stages = ([['Initial contact/初步接洽', 'open', 10, 14], ['Needs confirmed/需求确认', 'open', 25, 21], ['Solution & demo/方案演示', 'open', 40, 21], ['Quote or bid/报价投标', 'open', 60, 14], ['Negotiation/商务谈判', 'open', 80, 14], ['Won/赢单', 'won', 100, null], ['Lost/输单', 'lost', 0, null], ['Abandoned/无效关闭', 'abandoned', 0, null]] as const).map(([name, kind, probability, max], i) =>
  put('stage', { name: name.split('/')[1], position: i + 1, kind, probability: String(probability), max_days: max, gate: i === 4 ? { required: ['next_step', 'need'] } : null }));

const zhA = ['北溟', '听泉', '砚山', '鹤汀', '沐野', '九皋', '青崖', '松针', '曲水', '赤霞', '云杉', '远岫', '银杏', '栖霞', '澜庭', '苍梧', '海棠', '白鹭', '半山', '白桦', '云岭', '青禾'];
const zhB = ['精工', '乳业', '纺织', '新能源', '农业', '电子', '物流', '五金', '化工', '传动', '轴承', '医疗', '模具', '食品', '置业', '合金', '汽配', '水务', '包装', '纸品'];
const enA = ['Varnholt', 'Quillmere', 'Ashcombe', 'Osterfell', 'Ketterby', 'Brightmoor', 'Lindqvarn', 'Saltmarsh', 'Norrhaven', 'Thornbury'];
const enB = ['Precision', 'Medical', 'Rail Works', 'Energy', 'Farms', 'Logistics', 'Electronics', 'Paper Mill', 'Foods', 'Castings'];
const zhName = () => pick(['顾', '冯', '傅', '贺', '罗', '季', '魏', '温', '程', '许', '沈', '林']) + pick(['言', '晚', '一凡', '知南', '敏', '宁', '然', '舒', '以安', '清和']);
const enName = () => `${pick(['Otto', 'Hanne', 'Lars', 'Ines', 'Suvi', 'Tom', 'Clara'])} ${pick(['Zane', 'Falk', 'Mohn', 'Torne', 'Berg', 'Hale'])}`;
const used = new Set<string>();

for (let i = 0; i < 240; i++) {
  const zh = i % 4 !== 3;
  let name = zh ? pick(zhA) + pick(zhB) : `${pick(enA)} ${pick(enB)}`;
  if (used.has(name)) name += zh ? `（${pick(['华东', '华南', '华北', '西南'])}${i}）` : ` ${i}`;
  used.add(name);
  const u = pick(people);
  const a = put('account', {
    name, code: `AC2026${String(i + 1).padStart(6, '0')}`, kind: 'company', level: pick(['a', 'b', 'b', 'c']), lifecycle_stage: pick(['stranger', 'contacted', 'intent', 'customer', 'repeat']),
    source: pick(['exhibition', 'referral', 'website', 'cold_call']), industry: pick(['manufacturing', 'medical', 'agriculture', 'trade', 'energy', 'logistics']), employee_size: pick(['s1', 's2', 's3', 's4', 's5']),
    annual_revenue: rand() > 0.3 ? cny(Math.round(rand() * 4000) * 100000) : null, phone: { raw: '0599-8231218', e164: `+86599${String(1000000 + i * 37)}`, ext: null, country: 'CN', kind: 'landline' },
    website: zh ? 'https://tingquan.example' : 'https://varnholt.example', address: { country: 'CN', province: '江南省', city: '云州市', district: '高新区', town: null, code: '000000', detail: `梨花路 ${1 + (i % 90)} 号`, postcode: null },
    owner_id: u.id, dept_id: u['main_dept'], tags: rand() > 0.8 ? ['价格敏感'] : [], last_followed_at: at(-Math.floor(rand() * 40)), next_follow_at: rand() > 0.25 ? at(Math.floor(rand() * 20) - 4) : null,
    open_opp_amount: cny(0), won_amount: cny(rand() > 0.6 ? Math.round(rand() * 90) * 10000 : 0), description: null,
  });
  const contacts = Array.from({ length: 1 + Math.floor(rand() * 3) }, () => put('contact', {
    name: zh ? zhName() : enName(), account_id: a.id, title: zh ? pick(['采购总监', '质检经理', '财务', '设备科长', '总经办']) : pick(['Purchasing director', 'Quality manager', 'Finance']), decision_role: pick(['decision_maker', 'user', 'technical_buyer', 'purchaser']),
    mobile: { raw: '138****6021', e164: null, ext: null, country: 'CN', kind: 'mobile' }, $masked: ['mobile'], email: rand() > 0.4 ? `c${i}@example.test` : null, next_follow_at: null, do_not_call: false, owner_id: u.id, dept_id: u['main_dept'],
  }));
  const deals = rand() > 0.35 ? 1 + Math.floor(rand() * 2) : 0;
  let sum = 0;
  for (let k = 0; k < deals; k++) {
    const si = Math.min(7, Math.floor(rand() * 8.4));
    const s = stages[si] as Rec;
    const amount = Math.round(5 + rand() * 90) * 10000 + (rand() > 0.5 ? 5000 : 0);
    if (s['kind'] === 'open') sum += amount;
    put('opportunity', {
      name: zh ? pick(['检测线改造', '影像测量仪 2 台', '三坐标测量机', '产线在线检测', '年度校准服务', '实验室整体方案', '高低温试验箱', '布面检测设备', '质检中心二期', '光谱仪采购', '售后维保三年', '扫描测头升级']) : pick(['Coordinate measuring machine', 'Inline inspection', 'Calibration contract', 'Lab fit-out', 'Spectrometer']),
      code: `OP2026${String(i * 3 + k + 1).padStart(6, '0')}`, account_id: a.id, primary_contact_id: contacts[0]?.id, stage_id: s.id, stage_entered_at: at(-Math.floor(rand() * 24)), amount: cny(amount), probability: String(s['probability']),
      weighted_base: cny((amount * Number(s['probability'])) / 100), forecast_category: pick(['pipeline', 'best_case', 'commit']), close_on: on(Math.floor(rand() * 90) - 8), opp_type: pick(['new', 'expand', 'renew']), source: pick(['exhibition', 'referral', 'website']),
      need: rand() > 0.5 ? '替换两台手动量具，精度 4 μm，二月停产前装好。' : null, budget_status: pick(['unknown', 'planning', 'approved']),
      next_step: rand() > 0.2 ? (zh ? pick(['约设备科现场看线', '微信问采购计划', '发第二版报价', '法务回合同修订稿', '确认付款方式', '寄工件试测']) : pick(['Agree payment terms', 'Send reference cases', 'Confirm crane access'])) : null,
      next_follow_at: rand() > 0.2 ? at(Math.floor(rand() * 10) - 2, 9 + Math.floor(rand() * 8)) : null, lost_reason: s['kind'] === 'lost' ? 'price' : null, owner_id: u.id, dept_id: u['main_dept'],
    });
  }
  a['open_opp_amount'] = cny(sum);
  if (i < 40) {
    for (let k = 0; k < 3; k++) put('follow_up', { content: pick(['技术部认可精度报告；采购对 30-60-10 有顾虑，希望首付降到两成。', '顾言说预算已报到集团，下周一出结果。', 'Engineering accepted the accuracy report.']), follow_type: pick(['call', 'visit', 'wechat', 'email']), target: { object: 'account', id: a.id }, occurred_at: at(-k * 9 - 1), next_follow_at: null, is_effective: rand() > 0.4, owner_id: u.id });
  }
}
for (let i = 0; i < 30; i++) put('lead', { name: zhName(), company_name: pick(zhA) + pick(zhB), contact_name: zhName(), mobile: { raw: '139****2210', e164: null }, $masked: ['mobile'], status: pick(['new', 'working', 'qualified', 'closed']), source: pick(['exhibition', 'website']), need: null, next_follow_at: rand() > 0.4 ? at(Math.floor(rand() * 8) - 2) : null, owner_id: pick(people).id });
for (let i = 0; i < 24; i++) put('product', { name: pick(['三坐标测量机 CMM', '影像测量仪 VM', '测头组件', '校准服务', '维保']) + ` ${100 + i}`, code: `P${1000 + i}`, status: 'on', list_price: cny(Math.round(rand() * 300) * 1000 + 900), description: null });
put('saved_view', { name: '我的在谈', object: 'opportunity', layout: 'board', filter: { and: [{ field: 'owner_id', op: 'eq', value: { rel: 'me' } }] }, columns: null, sort: null, is_public: true, pinned: true, owner_id: people[0]?.id });
put('saved_view', { name: '重点客户', object: 'account', layout: 'table', filter: { and: [{ field: 'level', op: 'in', value: ['a'] }] }, columns: null, sort: null, is_public: true, pinned: true, owner_id: people[0]?.id });
