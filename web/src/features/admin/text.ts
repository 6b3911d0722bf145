import { texts } from '@/shared/i18n/lazy';
import en from './text.en.json';
import zh from './text.zh-CN.json';

/** Texts of the administration; they load with its pages. */
export const { useT: useA, say: sayA } = texts(en, zh);
export type AdminKey = Parameters<ReturnType<typeof useA>>[0];
