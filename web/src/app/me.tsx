import { api } from '@/api/client';
import { client } from '@/api/queries';
import { setLang, useLang, useT } from '@/shared/i18n';
import type { MenuItem } from '@/shared/Pop';
import { setTheme, themeChoice } from '@/shared/prefs';
import { local, useStore } from '@/shared/store';

/** Language and look, for the menus of the desktop and the phone. */
export function useMeItems(): (MenuItem | 'line')[] {
  const t = useT();
  const lang = useLang();
  const theme = useStore(themeChoice);
  return [
    { key: 'zh', text: <span lang="zh-CN">简体中文</span>, checked: lang === 'zh-CN', run: () => setLang('zh-CN') },
    { key: 'en', text: <span lang="en">English</span>, checked: lang === 'en', run: () => setLang('en') },
    'line',
    { key: 'auto', text: t('theme.auto'), checked: theme === 'auto', run: () => setTheme('auto') },
    { key: 'light', text: t('theme.light'), checked: theme === 'light', run: () => setTheme('light') },
    { key: 'dark', text: t('theme.dark'), checked: theme === 'dark', run: () => setTheme('dark') },
  ];
}

export async function signOut(): Promise<void> {
  await api.delete('/session').catch(() => undefined);
  local.set('rapport.in', '0');
  client.clear();
  location.assign('/');
}
