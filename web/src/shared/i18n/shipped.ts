import type { Lang } from './index';

/**
 * Records that come with every workspace keep the language it was made in. Who reads the other language sees their name there;
 * a record that was renamed is called what its administrator called it. `shipped.test.ts` holds this beside `model/defaults`.
 */
const names: Record<string, [en: string, zh: string][]> = {
  pipeline: [['Standard Sales', '标准销售流程'], ['Renewal', '续约流程']],
  stage: [
    ['Initial Contact', '初步接洽'], ['Needs Confirmed', '需求确认'], ['Solution & Demo', '方案演示'], ['Quote or Bid', '报价投标'], ['Negotiation', '商务谈判'],
    ['Won', '赢单'], ['Lost', '输单'], ['Abandoned', '无效关闭'], ['Prepare', '续约准备'], ['Intent', '意向确认'], ['Quote', '续约报价'],
  ],
  role: [
    ['Administrator', '系统管理员'], ['Every internal user', '所有内部人员'], ['General Manager', '总经理'], ['Sales Director', '销售总监'], ['Sales Manager', '销售经理'],
    ['Sales Rep', '销售代表'], ['Presales', '售前顾问'], ['Marketing', '市场专员'], ['Service Agent', '客服专员'], ['Service Manager', '客服主管'], ['Finance', '财务'], ['Read-only Auditor', '审计只读'],
  ],
  business_hours: [['Office Hours', '标准工时'], ['24x7', '7×24']],
  holiday_calendar: [['China 2026', '中国 2026']],
  pool: [['Default Lead Pool', '默认线索池'], ['Default Account Pool', '默认公海']],
};

/** What a record is called in the reader's language. */
export function shippedName(object: string, name: string, lang: Lang): string {
  const pair = names[object]?.find(([en, zh]) => en === name || zh === name);
  return pair ? pair[lang === 'zh-CN' ? 1 : 0] : name;
}

/** For the test. */
export const shippedNames = names;
