import { api } from '@/api/client';
import { titleOf } from '@/api/model';
import type { Model } from '@/api/model';
import { tell } from '@/api/problem';
import { act, client, keys } from '@/api/queries';
import type { Rec } from '@/api/types';
import { isBlank } from '@/fields/display';
import { editable } from '@/fields/editable';
import { number } from '@/shared/format';
import { t, type Lang } from '@/shared/i18n';
import { toast } from '@/shared/toast';

/** How long the device may look for its place, in milliseconds. */
const PATIENCE = 10_000;

/** What the server is told of the place and the device (R-VST-01). Without a permission or a receiver the place stays open. */
export async function whereabouts(): Promise<Record<string, unknown>> {
  const place = await new Promise<{ lat: number; lng: number } | null>((done) => {
    if (!('geolocation' in navigator)) return done(null);
    navigator.geolocation.getCurrentPosition((p) => done({ lat: p.coords.latitude, lng: p.coords.longitude }), () => done(null), { enableHighAccuracy: true, timeout: PATIENCE, maximumAge: 30_000 });
  });
  return { place, device_at: new Date().toISOString(), device: navigator.userAgent.slice(0, 255) };
}

/** Notes where and when a visit began, and says what was noted. */
export async function checkIn(visit: Rec, lang: Lang, model: Model): Promise<Rec | undefined> {
  try {
    const here = await whereabouts();
    const now = await act('visit', visit.id, 'check_in', here);
    refresh(visit.id);
    const metres = now?.['checkin_distance'];
    const unknown = here['place'] && typeof metres !== 'number' ? await keepPlace(visit, here['place'], lang, model) : undefined;
    const said = typeof metres === 'number' ? t('visit.inAt', { n: number(metres, lang) }) : here['place'] ? t('visit.in') : t('visit.inNowhere');
    toast(now?.['is_abnormal'] === true ? `${said} · ${t('visit.abnormal')}` : said, unknown ? { action: unknown } : {});
    return now;
  } catch (e) {
    tell(e, lang, 'visit', model);
    return undefined;
  }
}

/** The offer to keep where one stands as the place of a customer that has none yet. */
async function keepPlace(visit: Rec, place: unknown, lang: Lang, model: Model) {
  const id = String(visit['account_id']);
  const location = model.field('account', 'location');
  if (!location || !editable(location) || !model.object('account')?.rights.edit) return undefined;
  const account = await api.get<Rec>(`/account/${id}`).catch(() => undefined);
  if (!account || !isBlank(account['location'])) return undefined;
  const run = () => void api.patch(`/account/${id}`, { location: { ...(place as object), datum: 'wgs84' } }).then(() => {
    void client.invalidateQueries({ queryKey: keys.record('account', id) });
    toast(t('visit.placeKept'));
  }).catch((e: unknown) => tell(e, lang, 'account', model));
  return { text: t('visit.keepPlace'), run };
}

/** A visit to a customer one already stands at: made and checked in. Answers the visit. */
export async function visitNow(account: Rec, lang: Lang, model: Model): Promise<Rec | undefined> {
  const object = model.object('account');
  try {
    const subject = t('visit.subject', { name: object ? titleOf(object, account) : '' });
    const visit = await api.post<Rec>('/visit', { subject, account_id: account.id, planned_at: new Date().toISOString() });
    await checkIn(visit, lang, model);
    return visit;
  } catch (e) {
    tell(e, lang, 'visit', model);
    return undefined;
  }
}

/** The visit and what follows from it are read again. */
export function refresh(id: string): void {
  for (const queryKey of [keys.record('visit', id), keys.history('visit', id), ['list'], ['aggregate']]) void client.invalidateQueries({ queryKey });
}
