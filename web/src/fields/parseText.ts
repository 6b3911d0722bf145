/** What a pasted line or signature holds: "张三 13800138000 某某公司" and the like. */
export interface Parsed {
  name?: string;
  company?: string;
  title?: string;
  mobile?: string;
  phone?: string;
  email?: string;
  website?: string;
  uscc?: string;
  address?: string;
  wechat?: string;
}

const companyEnd = /(有限公司|有限责任公司|股份公司|集团|公司|事务所|研究院|研究所|大学|医院|工厂|厂|中心|银行|商行|合作社|Co\.?,?\s*Ltd\.?|Ltd\.?|Inc\.?|LLC|GmbH|Corp\.?|Corporation|Company|Pte\.?\s*Ltd\.?|Limited|Group|AG|B\.?V\.?|S\.?A\.?)$/i;
const jobWord = /(经理|总监|主任|主管|总裁|总经理|董事长|工程师|专员|科长|处长|部长|院长|厂长|店长|采购|销售|助理|顾问|会计|CEO|CTO|CFO|COO|Manager|Director|Engineer|President|Buyer|Officer|Head of|Sales|Purchasing)/i;
const place = /(省|市|区|县|镇|乡|路|街|道|巷|号|弄|幢|栋|室|楼)/g;
const surnames = '赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍却璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公';
const labels: [RegExp, keyof Parsed][] = [
  [/^(姓名|联系人|name)[:：\s]\s*/i, 'name'], [/^(公司|单位|企业|客户|company)(名称)?[:：\s]\s*/i, 'company'], [/^(职位|职务|岗位|title)[:：\s]\s*/i, 'title'],
  [/^(手机号?|移动电话|mobile|cell)[:：\s]\s*/i, 'mobile'], [/^(电话|座机|tel|phone)[:：.\s]\s*/i, 'phone'], [/^(邮箱|邮件|电子邮箱|e-?mail)[:：\s]\s*/i, 'email'],
  [/^(微信号?|wechat)[:：\s]\s*/i, 'wechat'], [/^(网址|网站|官网|website|web)[:：\s]\s*/i, 'website'], [/^(地址|address|add\.?)[:：\s]\s*/i, 'address'],
];

function personLike(s: string): boolean {
  if (/^[一-鿿]{2,4}(先生|女士|小姐|总)?$/.test(s)) return surnames.includes(s.charAt(0)) && !companyEnd.test(s) && !jobWord.test(s.replace(/总$/, ''));
  return /^[A-Z][a-z]+(?:[ -][A-Z][a-z.]*){1,3}$/.test(s) && !companyEnd.test(s) && !jobWord.test(s);
}

/** Takes a text apart; answers what it is sure of. */
export function parseText(input: string): Parsed {
  const out: Parsed = {};
  let rest = input.replace(/[\u3000\t]+/g, ' ').trim();
  const cut = (re: RegExp, key: keyof Parsed, clean: (s: string) => string = (s) => s) => {
    const m = re.exec(rest);
    if (!m || out[key]) return;
    out[key] = clean(m[1] ?? m[0]);
    rest = `${rest.slice(0, m.index)} ; ${rest.slice(m.index + m[0].length)}`;
  };
  cut(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/, 'email', (s) => s.toLowerCase());
  cut(/\b(?:https?:\/\/|www\.)[^\s,，;；]+/i, 'website');
  cut(/(?<![0-9A-Z])([0-9]{2}[0-9A-HJ-NPQRTUWXY]{16})(?![0-9A-Z])/, 'uscc');
  cut(/(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d[- ]?\d{4}[- ]?\d{4})(?!\d)/, 'mobile', (s) => s.replace(/\D/g, ''));
  cut(/(?<!\d)((?:\+\d{1,3}[- ]?)?\(?0\d{2,3}\)?[- ]?\d{7,8}(?:[-转]\d{1,5})?)(?!\d)/, 'phone');
  cut(/(?<!\d)(\+(?!86)\d{1,3}[- ]?\d[\d -]{6,14}\d)(?!\d)/, 'phone');
  const parts = rest.split(/[\n;；,，|/]+|\s{2,}| (?=[一-鿿])|(?<=[一-鿿）)]) /).map((s) => s.trim()).filter(Boolean);
  for (const part of parts) {
    const labelled = labels.find(([re]) => re.test(part));
    const text = labelled ? part.replace(labelled[0], '').trim() : part;
    if (!text || labels.some(([re]) => re.test(`${part}:`) && part.length < 5)) continue;
    if (labelled) out[labelled[1]] ??= text;
    else if (!out.company && companyEnd.test(text.replace(/[（(].*[)）]$/, ''))) out.company = text;
    else if (!out.address && text.length >= 6 && (text.match(place)?.length ?? 0) >= 2) out.address = text;
    else if (!out.name && personLike(text)) out.name = text.replace(/(先生|女士|小姐)$/, '');
    else if (!out.title && jobWord.test(text) && text.length <= 24) out.title = text;
  }
  return out;
}

/** At least two different things were found: worth filling in. */
export function worthFilling(p: Parsed): boolean {
  return Object.keys(p).length >= 2;
}
