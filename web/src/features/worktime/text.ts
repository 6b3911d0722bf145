import { texts } from '@/shared/i18n/lazy';
import en from './text.en.json';
import zh from './text.zh-CN.json';

export const { say, useT: useW } = texts(en, zh);
