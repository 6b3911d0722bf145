import { api, Problem } from '@/api/client';
import { forgetAsks } from '@/api/early';
import { waiting } from '@/api/kept/outbox';
import { leaveDevice } from '@/api/kept/port';
import { client, leaving } from '@/api/queries';
import { open } from '@/shared/commands';
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

/** Signs out; whoever has notes that were not sent is asked first. */
export function signOut(): void {
  if (waiting.get().length) open({ kind: 'signOut' });
  else void leave();
}

/** Ends the session and takes everything of it off this device. */
export async function leave(): Promise<void> {
  // Without a network the server hears of it the next time this page is opened.
  await api.delete('/session').catch((e: unknown) => e instanceof Problem && e.status === 0 && local.set(leaving, '1'));
  await leaveDevice();
  local.set('rapport.in', '0');
  forgetAsks();
  client.clear();
  location.assign('/');
}
