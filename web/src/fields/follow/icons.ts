import type { IconName } from '@/shared/icons';

/** An icon for each kind of follow-up. */
export const followIcons: Record<string, IconName> = { call: 'phone', visit: 'pin', wechat: 'chat', email: 'mail', sms: 'chat', meeting: 'users', demo: 'device', event: 'calendar', note: 'note' };
