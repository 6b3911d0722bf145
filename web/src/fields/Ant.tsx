import ConfigProvider from 'antd/es/config-provider';
import enUS from 'antd/es/locale/en_US';
import zhCN from 'antd/es/locale/zh_CN';
import { createContext, useContext, useMemo, type ReactNode } from 'react';
import { useLang } from '@/shared/i18n';
import { mode } from '@/shared/prefs';
import { useStore } from '@/shared/store';
import { antTheme } from '@/shared/theme';

const Inside = createContext(false);

/** The nonce of the content security policy, when the server sets one; without it Ant Design's styles need 'unsafe-inline'. */
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content;

/**
 * Ant Design in our theme and language. Only parts that really use its controls wrap themselves in it, so that the library
 * loads with the first form and not with the first page. Nested ones cost nothing.
 */
export function Ant({ children }: { children: ReactNode }) {
  return useContext(Inside) ? children : <Root>{children}</Root>;
}

function Root({ children }: { children: ReactNode }) {
  const lang = useLang();
  const theme = useStore(mode);
  const config = useMemo(() => antTheme(theme, lang), [theme, lang]);
  return (
    <ConfigProvider
      theme={config}
      locale={lang === 'zh-CN' ? zhCN : enUS}
      getPopupContainer={(node) => node?.closest('dialog') ?? document.body}
      {...(nonce ? { csp: { nonce } } : {})}
    >
      <Inside value={true}>{children}</Inside>
    </ConfigProvider>
  );
}
