/** The provinces of China as equal tiles, roughly where they lie: column and row; the code is that of the division (GB/T 2260). */
export const provinces: readonly { code: string; zh: string; en: string; x: number; y: number }[] = [
  { code: '23', zh: '黑龙江', en: 'Heilongjiang', x: 9, y: 0 },
  { code: '65', zh: '新疆', en: 'Xinjiang', x: 1, y: 1 }, { code: '15', zh: '内蒙古', en: 'Inner Mongolia', x: 7, y: 1 }, { code: '22', zh: '吉林', en: 'Jilin', x: 9, y: 1 },
  { code: '62', zh: '甘肃', en: 'Gansu', x: 3, y: 2 }, { code: '64', zh: '宁夏', en: 'Ningxia', x: 4, y: 2 }, { code: '14', zh: '山西', en: 'Shanxi', x: 5, y: 2 }, { code: '13', zh: '河北', en: 'Hebei', x: 6, y: 2 }, { code: '11', zh: '北京', en: 'Beijing', x: 7, y: 2 }, { code: '21', zh: '辽宁', en: 'Liaoning', x: 8, y: 2 },
  { code: '63', zh: '青海', en: 'Qinghai', x: 2, y: 3 }, { code: '61', zh: '陕西', en: 'Shaanxi', x: 4, y: 3 }, { code: '41', zh: '河南', en: 'Henan', x: 5, y: 3 }, { code: '37', zh: '山东', en: 'Shandong', x: 6, y: 3 }, { code: '12', zh: '天津', en: 'Tianjin', x: 7, y: 3 },
  { code: '54', zh: '西藏', en: 'Tibet', x: 1, y: 4 }, { code: '51', zh: '四川', en: 'Sichuan', x: 3, y: 4 }, { code: '50', zh: '重庆', en: 'Chongqing', x: 4, y: 4 }, { code: '42', zh: '湖北', en: 'Hubei', x: 5, y: 4 }, { code: '34', zh: '安徽', en: 'Anhui', x: 6, y: 4 }, { code: '32', zh: '江苏', en: 'Jiangsu', x: 7, y: 4 }, { code: '31', zh: '上海', en: 'Shanghai', x: 8, y: 4 },
  { code: '53', zh: '云南', en: 'Yunnan', x: 3, y: 5 }, { code: '52', zh: '贵州', en: 'Guizhou', x: 4, y: 5 }, { code: '43', zh: '湖南', en: 'Hunan', x: 5, y: 5 }, { code: '36', zh: '江西', en: 'Jiangxi', x: 6, y: 5 }, { code: '33', zh: '浙江', en: 'Zhejiang', x: 7, y: 5 },
  { code: '45', zh: '广西', en: 'Guangxi', x: 4, y: 6 }, { code: '44', zh: '广东', en: 'Guangdong', x: 5, y: 6 }, { code: '35', zh: '福建', en: 'Fujian', x: 6, y: 6 }, { code: '71', zh: '台湾', en: 'Taiwan', x: 8, y: 6 },
  { code: '46', zh: '海南', en: 'Hainan', x: 4, y: 7 }, { code: '82', zh: '澳门', en: 'Macao', x: 5, y: 7 }, { code: '81', zh: '香港', en: 'Hong Kong', x: 6, y: 7 },
];

/** The province of an address: by its code, else by the first characters of its name. */
export function provinceOf(a: { country?: string | null; province?: string | null; code?: string | null }): string | null {
  if (a.country && a.country !== 'CN' && a.country !== 'HK' && a.country !== 'MO' && a.country !== 'TW') return null;
  const code = a.code?.slice(0, 2);
  if (code && provinces.some((p) => p.code === code)) return code;
  const name = a.province ?? '';
  return provinces.find((p) => name.startsWith(p.zh) || name.toLowerCase().startsWith(p.en.toLowerCase()))?.code ?? null;
}

export function provinceName(code: string, lang: 'zh-CN' | 'en'): string | undefined {
  const p = provinces.find((x) => x.code === code.slice(0, 2));
  return p && (lang === 'zh-CN' ? p.zh : p.en);
}
