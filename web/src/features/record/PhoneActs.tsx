import { useNavigate } from '@tanstack/react-router';
import { expanded, label } from '@/api/model';
import { useModel, useRecord } from '@/api/queries';
import type { ObjectMeta, Rec } from '@/api/types';
import { open } from '@/shared/commands';
import { Icon, type IconName } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { toast } from '@/shared/toast';
import { visitNow } from './visit';

interface Tile {
  icon: IconName;
  text: string;
  href?: string;
  run?: () => void;
}

const number = (rec: Rec | undefined, f: string): string | undefined => {
  if (!rec || rec.$masked?.includes(f)) return undefined;
  const p = rec[f] as { e164?: string | null; raw?: string } | null | undefined;
  return p?.e164 ?? p?.raw ?? undefined;
};

/** What a thumb does with a record: call, check in, mail, chat, find the way, make a deal. */
export function PhoneActs({ object, rec, title }: { object: ObjectMeta; rec: Rec; title: string }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const navigate = useNavigate();
  const person = expanded(rec, 'primary_contact_id');
  const contact = useRecord('contact', person?.id ?? '').data;
  const tel = number(rec, 'mobile') ?? number(rec, 'phone') ?? number(contact, 'mobile') ?? number(contact, 'phone');
  const mail = [rec, contact].map((r) => (r && !r.$masked?.includes('email') && typeof r['email'] === 'string' ? r['email'] : '')).find(Boolean);
  const chat = [rec, contact].map((r) => (r && !r.$masked?.includes('wechat') && typeof r['wechat'] === 'string' ? r['wechat'] : '')).find(Boolean);
  const a = rec['address'] as Record<string, string | null> | null | undefined;
  const place = a && typeof a === 'object' && !rec.$masked?.includes('address') ? ['province', 'city', 'district', 'detail'].map((k) => a[k]).filter(Boolean).join('') : '';
  const deal = model.object('opportunity');
  const tiles: Tile[] = [];
  if (tel && rec['do_not_call'] !== true) tiles.push({ icon: 'phone', text: t('home.callShort'), href: `tel:${tel}` });
  if (chat) tiles.push({ icon: 'chat', text: t('phone.wechat'), run: () => void navigator.clipboard?.writeText(chat).then(() => toast(t('phone.wechatCopied', { id: chat }))) });
  if (mail) tiles.push({ icon: 'mail', text: t('phone.mail'), href: `mailto:${mail}` });
  if (object.name === 'account' && model.object('visit')?.rights.create) {
    tiles.splice(1, 0, { icon: 'flag', text: t('visit.checkIn'), run: () => void visitNow(rec, lang, model).then((v) => v && navigate({ to: '/o/$object/$id', params: { object: 'visit', id: v.id } })) });
  }
  if (place) tiles.push({ icon: 'pin', text: t('phone.map'), href: `geo:0,0?q=${encodeURIComponent(place)}` });
  if (deal?.rights.create && (object.name === 'account' || object.name === 'contact')) {
    const via = object.name === 'account' ? 'account_id' : 'primary_contact_id';
    const account = expanded(rec, 'account_id');
    tiles.push({ icon: 'target', text: t('phone.deal', { name: label(deal.label, lang) }), run: () => open({ kind: 'create', object: 'opportunity', values: { [via]: rec.id, ...(account ? { account_id: account.id } : {}) }, titles: { [via]: title, ...(account ? { account_id: account.title } : {}) } }) });
  }
  if (tiles.length === 0) return null;
  return (
    <div className="pacts">
      {tiles.slice(0, 5).map((x) => x.href
        ? <a key={x.icon} href={x.href}><Icon name={x.icon} size={20} /><span className="el">{x.text}</span></a>
        : <button key={x.icon} type="button" onClick={x.run}><Icon name={x.icon} size={20} /><span className="el">{x.text}</span></button>)}
    </div>
  );
}
