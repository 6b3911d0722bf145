/** Chinese administrative divisions down to the district, from the package `@vant/area-data` (MIT), loaded when an address is first edited. */
export interface Division {
  name: string;
  code: string;
  children?: Division[];
}

interface AreaList {
  province_list: Record<string, string>;
  city_list: Record<string, string>;
  county_list: Record<string, string>;
}

/** Makes the tree; the cities directly under the central government and the like keep their own name on the second level. */
export function buildDivisions(a: AreaList): Division[] {
  const real = (n: string) => n !== '县' && n !== '省直辖县' && n !== '自治区直辖县级行政区划';
  return Object.entries(a.province_list).map(([code, name]): Division => {
    const p = code.slice(0, 2);
    const cities = Object.entries(a.city_list).filter(([c]) => c.startsWith(p)).map(([c, city]): Division => {
      const children = Object.entries(a.county_list).filter(([d]) => d.startsWith(c.slice(0, 4))).map(([d, district]) => ({ name: district, code: d }));
      return { name: real(city) ? city : name, code: c, ...(children.length ? { children } : {}) };
    });
    // A municipality's second "city" (its counties) joins the first.
    const merged: Division[] = [];
    for (const c of cities) {
      const same = merged.find((m) => m.name === c.name);
      if (same) same.children = [...(same.children ?? []), ...(c.children ?? [])];
      else merged.push(c);
    }
    return { name, code, ...(merged.length ? { children: merged } : {}) };
  });
}

let loaded: Promise<Division[]> | null = null;

export function loadDivisions(): Promise<Division[]> {
  loaded ??= import('@vant/area-data').then((m) => buildDivisions(m.areaList as AreaList));
  return loaded;
}

const bare = (n: string) => n.replace(/(特别行政区|壮族自治区|回族自治区|维吾尔自治区|自治区|自治州|自治县|地区|省|市|区|县|盟)$/, '');

function begins(text: string, list: Division[] | undefined): { hit: Division; rest: string } | null {
  for (const d of list ?? []) if (text.startsWith(d.name)) return { hit: d, rest: text.slice(d.name.length) };
  for (const d of list ?? []) {
    const short = bare(d.name);
    if (short.length >= 2 && text.startsWith(short)) return { hit: d, rest: text.slice(short.length) };
  }
  return null;
}

export interface FoundAddress {
  [part: string]: string | null;
  province: string | null;
  city: string | null;
  district: string | null;
  code: string | null;
  detail: string | null;
}

/** Takes a written Chinese address apart; nothing when it does not begin with a province or city we know. */
export function parseAddress(input: string, tree: Division[]): FoundAddress | null {
  const text = input.replace(/\s+/g, '').replace(/^(地址[:：]|中国)/, '');
  let province = begins(text, tree);
  let cityHit: { hit: Division; rest: string } | null = null;
  if (!province) {
    for (const p of tree) {
      const c = begins(text, p.children);
      if (c) {
        province = { hit: p, rest: text };
        break;
      }
    }
  }
  if (!province) return null;
  cityHit = begins(province.rest, province.hit.children);
  const only = province.hit.children?.length === 1 ? province.hit.children[0] : undefined;
  const city = cityHit?.hit ?? (only?.name === province.hit.name ? only : undefined);
  const after = cityHit?.rest ?? province.rest;
  const district = begins(after, city?.children);
  const detail = (district?.rest ?? after).trim();
  return {
    province: province.hit.name,
    city: city && city.name !== province.hit.name ? city.name : null,
    district: district?.hit.name ?? null,
    code: district?.hit.code ?? city?.code ?? province.hit.code,
    detail: detail || null,
  };
}
