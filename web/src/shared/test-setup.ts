import { loadTexts } from './i18n';

// jsdom has neither media queries nor a resize observer.
if (!('matchMedia' in window)) {
  Object.defineProperty(window, 'matchMedia', {
    value: (query: string) => ({ matches: false, media: query, addEventListener() {}, removeEventListener() {} }),
  });
}

// Tests say texts in both languages at once.
await Promise.all([loadTexts('en'), loadTexts('zh-CN')]);
