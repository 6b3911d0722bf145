/** First characters of each pinyin initial in the order of the collation; `v`, `i`, `u` begin no syllable. */
const bounds = '阿八嚓哒妸发旮哈讥咔垃妈拏噢妑七呥扨它屲夕丫帀';
const letters = 'abcdefghjklmnopqrstwxyz';
const pinyin = typeof Intl === 'object' ? new Intl.Collator('zh-CN-u-co-pinyin') : undefined;

/** The pinyin initial of a Chinese character, or the character itself in lower case. */
export function initial(ch: string): string {
  if (!/\p{Script=Han}/u.test(ch)) return ch.toLowerCase();
  if (!pinyin) return '';
  let at = -1;
  for (const b of bounds) {
    if (pinyin.compare(b, ch) > 0) break;
    at += 1;
  }
  return letters[at] ?? '';
}

/** The initials of a text: `客户` is `kh`. For finding commands and settings; records are found by the server, which knows whole words. */
export function initials(text: string): string {
  return [...text].map(initial).join('').replace(/\s+/g, '');
}
