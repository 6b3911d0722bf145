/** The window's title without the count of what is unread. */
export function plainTitle(): string {
  return document.title.replace(/^\(\d+\+?\) /, '');
}
