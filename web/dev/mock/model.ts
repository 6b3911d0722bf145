// A small model in the shape of /api/v1/meta/model, for `npm run dev:mock` only.
import type { FieldMeta, FieldType, ModelDoc, ObjectMeta } from '../../src/api/types';

type Pairs = Record<string, string>;

function picks(spec: Record<string, string>): ModelDoc['picklists'] {
  const out: ModelDoc['picklists'] = {};
  for (const [name, text] of Object.entries(spec)) {
    out[name] = {
      default: name === 'account_kind' ? 'company' : null,
      values: text.split('; ').map((v) => {
        const [key = '', rest = ''] = v.split('=');
        const [names = '', color] = rest.split('#');
        const [en = '', zh = ''] = names.split('/');
        return { key, label: { en, zh }, color: color ?? null, active: true };
      }),
    };
  }
  return out;
}

/** `name:type(arg)* English/中文`; `*` required, `~` system, `#` masked. Sections are lines `[key English/中文]`. */
function fields(spec: string): { fields: FieldMeta[]; sections: ObjectMeta['sections'] } {
  const list: FieldMeta[] = [];
  const sections: NonNullable<ObjectMeta['sections']> = [];
  let section: string | undefined;
  for (const raw of spec.trim().split('\n')) {
    const line = raw.trim();
    const s = /^\[(\w+) ([^/]+)\/([^\]]+)\]$/.exec(line);
    if (s) {
      section = s[1] ?? '';
      sections.push({ key: section, label: { en: s[2] ?? '', zh: s[3] ?? '' } });
      continue;
    }
    const m = /^(\w+):(\w+)(?:\(([^)]*)\))?([*~#^]*) ([^/]+)\/(.+)$/.exec(line);
    if (!m) throw new Error(`mock model: ${line}`);
    const [, name = '', type = '', arg, flags = '', en = '', zh = ''] = m;
    const f: FieldMeta = {
      name, type: type as FieldType, label: { en, zh }, ...(section ? { section } : {}),
      required: flags.includes('*'), system: flags.includes('~'), access: flags.includes('~') ? 'read' : 'edit',
      sortable: !['long', 'json', 'multi', 'tags', 'addr'].includes(type), filterable: type !== 'json', groupable: ['pick', 'ref', 'user', 'dept', 'date'].includes(type),
    };
    if (flags.includes('#')) f.mask = true;
    if (type === 'pick' || type === 'multi') f.picklist = arg ?? '';
    if (type === 'ref' || type === 'md' || type === 'refs') f.target = arg ?? '';
    if (type === 'poly') f.targets = (arg ?? '').split(',');
    if (type === 'roll' || type === 'calc') f.result = (arg ?? 'int') as FieldType;
    list.push(f);
  }
  const system: [string, FieldType, string, string][] = [
    ['created_at', 'dt', 'Created at', '创建时间'], ['created_by', 'user', 'Created by', '创建人'], ['updated_at', 'dt', 'Updated at', '更新时间'], ['updated_by', 'user', 'Updated by', '更新人'],
  ];
  for (const [name, type, en, zh] of system) list.push({ name, type, label: { en, zh }, system: true, access: 'read', sortable: true, filterable: true });
  return { fields: list, sections };
}

const rights = { create: true, read: true, edit: true, delete: true, export: true, import: true };

function object(name: string, en: string, ens: string, zh: string, area: string | null, position: number, spec: string, more: Partial<ObjectMeta>): ObjectMeta {
  const made = fields(spec);
  return {
    name, kind: 'O', label: { en, zh }, plural: { en: ens, zh }, icon: name, area, position, title: 'name', subtitle: [], board: null, status: null, default_sort: '-updated_at',
    list: [], card: [], facts: [], related: [], rights, actions: [], fields: made.fields, sections: made.sections ?? [], ...more,
  };
}

export const picklists = picks({
  account_kind: 'company=Company/企业; person=Individual/个人; channel=Channel partner/渠道伙伴',
  account_level: 'a=A Key/A 重点客户#jade; b=B Regular/B 普通客户; c=C Low priority/C 非优先客户',
  account_status: 'active=Active/正常#green; dormant=Dormant/休眠; blacklisted=Blacklisted/黑名单#red',
  lifecycle_stage: 'stranger=Prospect/潜在客户; contacted=Contacted/已接触; intent=Intent/意向客户#jade; customer=Customer/成交客户#green; repeat=Repeat/复购客户#green',
  industry: 'manufacturing=Manufacturing/制造业; medical=Medical devices/医疗器械; agriculture=Agriculture & food/农业食品; trade=Trade/贸易批发; energy=Energy & chemicals/能源化工; logistics=Logistics/交通物流',
  source: 'exhibition=Exhibition/展会; referral=Referral/转介绍; website=Website/官网; cold_call=Cold call/电话陌拜; existing=Existing customer/老客户',
  employee_size: 's1=1–19/1-19 人; s2=20–49/20-49 人; s3=50–199/50-199 人; s4=200–499/200-499 人; s5=500–999/500-999 人',
  decision_role: 'decision_maker=Decision maker/决策人#jade; user=End user/使用人; technical_buyer=Technical evaluator/技术评估人; purchaser=Purchasing/采购',
  follow_type: 'call=Phone call/电话; visit=Visit/上门拜访; wechat=WeChat/微信; email=Email/邮件; note=Internal note/内部备注',
  lead_status: 'new=New/新线索#blue; working=Working/跟进中#jade; qualified=Qualified/已确认#green; closed=Closed/已关闭',
  opp_type: 'new=New business/新购; expand=Expansion/增购; renew=Renewal/续费',
  budget_status: 'unknown=Unknown/未知; planning=Planning/预算申请中; approved=Approved/预算已批#green; none=No budget/无预算',
  forecast_category: 'omitted=Omitted/不计入; pipeline=Pipeline/管道; best_case=Best case/最佳情况; commit=Commit/承诺; closed=Closed/已成交',
  lost_reason: 'price=Price/价格过高; competitor=Lost to competitor/竞品中标; no_decision=No decision/无决策',
  stage_kind: 'open=Open/进行中; won=Won/赢单; lost=Lost/输单; abandoned=Abandoned/无效关闭',
  product_status: 'on=On sale/上架#green; off=Off sale/下架',
  view_layout: 'table=Table/表格; board=Board/看板',
} satisfies Pairs);

const owner = 'owner_id:user Owner/负责人\ndept_id:dept Owning department/归属部门\ntags:tags Tags/标签';

export const objects: ObjectMeta[] = [
  object('lead', 'Lead', 'Leads', '线索', 'sales', 10, `
[identity Identity/基本信息]
name:text* Lead name/线索名称
company_name:text Company/公司名称
contact_name:text Contact/联系人
mobile:phone# Mobile/手机
[qualify Qualify/跟进]
status:pick(lead_status)* Status/线索状态
source:pick(source) Source/线索来源
need:long Need/需求描述
next_follow_at:dt Next follow-up/下次跟进时间
${owner}`, { board: 'status', status: 'status', list: ['name', 'company_name', 'status', 'source', 'next_follow_at', 'owner_id'], card: ['name', 'company_name', 'owner_id'], facts: ['status', 'source', 'owner_id'], actions: [{ name: 'convert', label: { en: 'Convert', zh: '转化' }, scope: 'record' }] }),
  object('account', 'Account', 'Accounts', '客户', 'sales', 20, `
[identity Identity/基本信息]
name:text* Account name/客户名称
short_name:text Short name/客户简称
code:auto~ Account code/客户编号
kind:pick(account_kind)* Account kind/客户类型
level:pick(account_level) Level/客户级别
lifecycle_stage:pick(lifecycle_stage) Life stage/生命周期阶段
source:pick(source) Source/客户来源
industry:pick(industry) Industry/所属行业
employee_size:pick(employee_size) Company size/人员规模
annual_revenue:money Annual revenue/年营业额
[reach Reach/联系方式]
phone:phone# Phone/电话
email:email Email/邮箱
website:url Website/网址
address:addr Address/地址
[ownership Ownership/归属]
${owner}
parent_id:ref(account) Parent account/上级客户
[follow Follow-up/跟进]
last_followed_at:dt~ Last followed at/最后跟进时间
next_follow_at:dt Next follow-up/下次跟进时间
[numbers Numbers/数字]
open_opp_amount:roll(money)~ Open pipeline/在谈商机
won_amount:roll(money)~ Won amount/累计成交
description:long Description/备注`, { subtitle: ['industry', 'employee_size', 'code'], status: 'lifecycle_stage', list: ['name', 'level', 'lifecycle_stage', 'next_follow_at', 'open_opp_amount', 'last_followed_at', 'owner_id'], facts: ['owner_id', 'next_follow_at', 'last_followed_at', 'open_opp_amount', 'won_amount', 'level'], related: [{ object: 'contact', field: 'account_id' }, { object: 'opportunity', field: 'account_id' }, { object: 'account', field: 'parent_id' }] }),
  object('contact', 'Contact', 'Contacts', '联系人', 'sales', 30, `
[identity Identity/基本信息]
name:text* Name/姓名
account_id:ref(account) Primary account/所属客户
title:text Job title/职务
decision_role:pick(decision_role) Decision role/决策角色
[reach Reach/联系方式]
mobile:phone# Mobile/手机
email:email Email/邮箱
birthday:date Birthday/生日
do_not_call:bool Do not call/禁止致电
next_follow_at:dt Next follow-up/下次跟进时间
${owner}`, { subtitle: ['title', 'account_id'], list: ['name', 'title', 'account_id', 'decision_role', 'mobile', 'next_follow_at', 'owner_id'], facts: ['account_id', 'decision_role', 'mobile', 'owner_id'] }),
  object('opportunity', 'Opportunity', 'Opportunities', '商机', 'sales', 40, `
[main Deal/商机]
name:text* Opportunity name/商机名称
code:auto~ Code/商机编号
account_id:ref(account)* Account/客户
primary_contact_id:ref(contact) Primary contact/首要联系人
stage_id:ref(stage)* Stage/销售阶段
stage_entered_at:dt~ Stage entered at/进入阶段时间
amount:money* Amount/商机金额
probability:pct Probability/赢率
weighted_base:calc(money)~ Weighted/加权金额
forecast_category:pick(forecast_category) Forecast category/预测类别
close_on:date* Expected close/预计成交日期
opp_type:pick(opp_type) Type/商机类型
[context Context/背景]
source:pick(source) Source/来源
need:long Need/客户需求
budget_status:pick(budget_status) Budget/预算情况
next_step:text Next step/下一步计划
next_follow_at:dt Next follow-up/下次跟进时间
[outcome Outcome/结果]
lost_reason:pick(lost_reason) Lost reason/输单原因
closed_at:dt~ Closed at/关闭时间
${owner}`, { board: 'stage_id', status: 'stage_id', subtitle: ['account_id', 'code', 'owner_id'], list: ['name', 'account_id', 'stage_id', 'amount', 'close_on', 'next_follow_at', 'owner_id'], card: ['name', 'amount', 'account_id', 'next_step', 'next_follow_at'], facts: ['amount', 'probability', 'weighted_base', 'close_on', 'forecast_category', 'owner_id'], default_sort: 'close_on', related: [], actions: [
    { name: 'move_stage', label: { en: 'Move to stage', zh: '变更阶段' }, scope: 'record', input: { type: 'object', properties: { stage_id: { type: 'string' }, reason: { type: 'string' } }, required: ['stage_id'] } },
    { name: 'assign_owner', label: { en: 'Assign owner', zh: '变更负责人' }, scope: 'record', input: { type: 'object', properties: { owner_id: { type: 'string', 'x-type': 'user' } }, required: ['owner_id'] } }] }),
  object('follow_up', 'Follow-up', 'Follow-ups', '跟进记录', 'sales', 50, `
[main Follow-up/跟进]
content:long* Content/跟进内容
follow_type:pick(follow_type)* Type/跟进方式
target:poly(lead,account,contact,opportunity)* Regarding/跟进对象
occurred_at:dt* Occurred at/跟进时间
next_follow_at:dt Next follow-up/下次跟进时间
is_effective:bool~ Effective/有效跟进
${owner}`, { title: 'content', icon: 'chat', list: ['content', 'follow_type', 'target', 'occurred_at', 'owner_id'], default_sort: '-occurred_at' }),
  object('product', 'Product', 'Products', '产品', 'catalogue', 10, `
[main Product/产品]
name:text* Product name/产品名称
code:text* SKU/产品编码
status:pick(product_status)* Status/上架状态
list_price:money* List price/标准价
description:long Description/描述`, { icon: 'box', status: 'status', list: ['name', 'code', 'status', 'list_price'] }),
  object('stage', 'Stage', 'Stages', '销售阶段', null, 1, `
name:text* Name/阶段名称
position:int* Position/顺序
kind:pick(stage_kind)* Kind/阶段类型
probability:pct* Probability/赢率
max_days:int Max days/停留上限天数
gate:json Gate/准入条件`, { kind: 'C', default_sort: 'position' }),
  object('user', 'User', 'Users', '用户', 'settings', 10, `
name:text* Name/姓名
username:text* Username/用户名
email:email Email/邮箱
title:text Job title/岗位
main_dept:dept Main department/主部门`, { kind: 'P', icon: 'users', list: ['name', 'username', 'email', 'title', 'main_dept'] }),
  object('department', 'Department', 'Departments', '部门', 'settings', 20, `
name:text* Name/部门名称
parent_id:ref(department) Parent/上级部门
code:text Code/部门编码`, { kind: 'P', icon: 'grid', list: ['name', 'parent_id', 'code'] }),
  object('saved_view', 'Saved view', 'Saved views', '视图', null, 1, `
name:text* Name/名称
object:text* Object/对象
layout:pick(view_layout)* Layout/展示方式
filter:json Filter/筛选
columns:json Columns/列
sort:json Sort/排序
is_public:bool Public/公开
pinned:bool Pinned/置顶
owner_id:user Owner/负责人`, {}),
];

export const doc: ModelDoc = {
  version: 'mock', locale: 'zh-CN', currency: 'CNY', objects, picklists,
  areas: [
    { name: 'sales', label: { en: 'Sales', zh: '销售' } },
    { name: 'catalogue', label: { en: 'Catalogue', zh: '产品' } },
    { name: 'settings', label: { en: 'Settings', zh: '设置' } },
  ],
};
