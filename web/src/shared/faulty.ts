/** Focus to the first faulty input, in the middle of what scrolls, so that what is wrong can be read below it. */
export function focusFaulty(within: ParentNode | null | undefined): void {
  const faulty = within?.querySelector<HTMLElement>('[aria-invalid="true"], .ant-select-status-error input, .ant-picker-status-error input');
  faulty?.focus();
  faulty?.scrollIntoView?.({ block: 'center' });
}
