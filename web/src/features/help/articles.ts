import type { Lang } from '@/shared/i18n';

/** One article of docs/help: its name without the number, its title, its text. */
export interface Article {
  key: string;
  title: string;
  text: string;
}

const en = import.meta.glob<string>('../../../../docs/help/en/*.md', { query: '?raw', import: 'default', eager: true });
const zh = import.meta.glob<string>('../../../../docs/help/zh/*.md', { query: '?raw', import: 'default', eager: true });

function read(files: Record<string, string>): Article[] {
  return Object.entries(files)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([path, raw]) => {
      const [, title = '', text = ''] = /^# (.+)\n+([\s\S]*)$/.exec(raw) ?? [];
      return { key: /\/\d+-([\w-]+)\.md$/.exec(path)?.[1] ?? path, title, text };
    });
}

const all: Record<Lang, Article[]> = { en: read(en), 'zh-CN': read(zh) };

export function articles(lang: Lang): Article[] {
  return all[lang];
}

/** Articles with every word of the search, those with it in the title first. */
export function find(lang: Lang, words: string): Article[] {
  const needles = words.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (text: string) => needles.every((n) => text.toLowerCase().includes(n));
  const list = articles(lang).filter((a) => has(`${a.title}\n${a.text}`));
  return [...list.filter((a) => has(a.title)), ...list.filter((a) => !has(a.title))];
}
