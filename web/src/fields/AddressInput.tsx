import Cascader from 'antd/es/cascader';
import Input from 'antd/es/input';
import { useEffect, useMemo, useState } from 'react';
import { label } from '@/api/model';
import { t } from '@/shared/i18n';
import type { InputProps } from './inputs';
import { loadDivisions, parseAddress, type Division } from './divisions';

type Addr = Record<string, string | null | undefined>;

/** Province, city and district by choosing (Chinese divisions, loaded when first needed); the street by typing. A whole pasted address falls apart into both. */
export default function AddressInput(p: InputProps) {
  const a = useMemo(() => (typeof p.value === 'object' && p.value !== null ? p.value : {}) as Addr, [p.value]);
  const [tree, setTree] = useState<Division[] | null>(null);
  useEffect(() => {
    void loadDivisions().then(setTree);
  }, []);
  const put = (next: Addr) => {
    const merged: Addr = { country: 'CN', ...a, ...next };
    p.onChange(['province', 'city', 'district', 'detail'].some((k) => merged[k]) ? merged : null);
  };
  const path = [a['province'], a['city'] ?? (a['district'] ? a['province'] : null), a['district']].filter((x): x is string => Boolean(x));
  const name = label(p.field.label, p.lang, p.field.name);
  return (
    <div className="addr-in" style={{ display: 'grid', gap: 8 }}>
      <Cascader
        {...(p.id ? { id: p.id } : {})}
        {...(p.error ? { status: 'error' as const } : {})}
        {...(p.autoFocus ? { autoFocus: true } : {})}
        aria-label={`${name}: ${t('addr.region')}`}
        style={{ width: '100%' }}
        placeholder={t('addr.region')}
        options={tree ?? []}
        loading={tree === null}
        value={path}
        changeOnSelect
        showSearch={{ limit: 30 }}
        fieldNames={{ label: 'name', value: 'name', children: 'children' }}
        displayRender={(parts) => [...new Set(parts)].join(' / ')}
        onChange={(_values, chain) => {
          const list = (chain ?? []) as unknown as Division[];
          const [province, city, district] = list;
          const direct = province && city && province.name === city.name;
          put({ province: province?.name ?? null, city: direct ? null : (city?.name ?? null), district: district?.name ?? null, code: list.at(-1)?.code ?? null });
        }}
      />
      <Input
        aria-label={t('addr.detail')}
        placeholder={t('addr.detail')}
        value={a['detail'] ?? ''}
        onPaste={(e) => {
          const found = tree ? parseAddress(e.clipboardData.getData('text'), tree) : null;
          if (!found?.province) return;
          e.preventDefault();
          put(found);
        }}
        onChange={(e) => put({ detail: e.target.value || null })}
      />
    </div>
  );
}
