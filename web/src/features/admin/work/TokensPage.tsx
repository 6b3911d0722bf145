import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, Problem } from '@/api/client';
import { plural } from '@/api/model';
import { fieldErrors, tell, words } from '@/api/problem';
import { useModel } from '@/api/queries';
import * as fmt from '@/shared/format';
import { Dialog } from '@/shared/Dialog';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { toast } from '@/shared/toast';
import { Empty, SkeletonRows, Tag } from '@/shared/ui';
import { AdminPage, Body, Choice, Row } from '../parts';
import { useA } from '../text';

interface Token {
  id: string;
  name: string;
  prefix: string;
  scopes: string[] | null;
  created_at: string;
  expires_at: string;
  last_used_at: string | null;
  state: 'active' | 'expired' | 'revoked' | string;
}

/** Keys for other programs that act in one's own name. */
export default function TokensPage() {
  const a = useA();
  const t = useT();
  const lang = useLang();
  const list = useQuery({ queryKey: ['tokens'], queryFn: async () => (await api.get<{ data: Token[] }>('/tokens')).data });
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const revoke = (x: Token) => void api.delete(`/tokens/${x.id}`).then(() => { toast(a('token.revoked', { name: x.name })); return list.refetch(); }).catch((e: unknown) => tell(e, lang));
  const when = (at: string | null) => (at ? fmt.dateTimeWords(new Date(at), lang) : '');
  return (
    <AdminPage title={t('settings.tokens')} actions={<button type="button" className="btn p" onClick={() => setAdding(true)}><Icon name="plus" />{a('token.new')}</button>}>
      <Body label={t('settings.tokens')}>
        <p className="adm-lead">{a('token.lead')} <a className="link" style={{ textDecoration: 'underline', textUnderlineOffset: 3 }} href="/api/docs">{a('token.docs')}</a></p>
        {list.isPending ? <SkeletonRows rows={3} /> : !list.data?.length ? <Empty title={a('token.none')} text={a('token.noneText')} /> : (
          <table className="adm-table">
            <thead><tr><th scope="col">{a('token.name')}</th><th scope="col" className="hide">{a('token.prefix')}</th><th scope="col" className="hide">{a('token.scopes')}</th><th scope="col" className="hide">{a('token.used')}</th><th scope="col">{a('token.until')}</th><th scope="col"><span className="sr">{t('list.more')}</span></th></tr></thead>
            <tbody>
              {list.data.map((x) => (
                <tr key={x.id} className={x.state === 'active' ? '' : 'off'}>
                  <td><span className="name"><Icon name="key" /><span className="el">{x.name}</span></span></td>
                  <td className="hide"><span className="api">{x.prefix}…</span></td>
                  <td className="hide sec">{x.scopes ? x.scopes.join(', ') : a('token.all')}</td>
                  <td className="hide num sec">{when(x.last_used_at)}</td>
                  <td className="num">{x.state === 'active' ? when(x.expires_at) : <Tag colour="red">{a(x.state === 'revoked' ? 'token.stateRevoked' : 'token.stateExpired')}</Tag>}</td>
                  <td className="acts">{x.state === 'active' && <button type="button" className="btn s" aria-label={`${a('token.revoke')}: ${x.name}`} onClick={() => revoke(x)}>{a('token.revoke')}</button>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Body>
      {adding && <NewToken onClose={() => setAdding(false)} onMade={(s) => { setAdding(false); setSecret(s); void list.refetch(); }} />}
      {secret && (
        <Dialog title={a('token.made')} text={a('token.madeText')} onClose={() => setSecret(null)} foot={<><span className="sp" /><button type="button" className="btn" onClick={() => setSecret(null)}>{t('act.close')}</button><button type="button" className="btn p" onClick={() => void navigator.clipboard.writeText(secret).then(() => toast(t('settings.copied')))}><Icon name="copy" />{t('settings.copy')}</button></>}>
          <input className="adm-in" readOnly data-autofocus aria-label={a('token.secret')} value={secret} onFocus={(e) => e.target.select()} />
        </Dialog>
      )}
    </AdminPage>
  );
}

function NewToken({ onClose, onMade }: { onClose: () => void; onMade: (secret: string) => void }) {
  const a = useA();
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const [name, setName] = useState('');
  const [days, setDays] = useState('90');
  const [scope, setScope] = useState('');
  const [wrong, setWrong] = useState('');
  const save = async () => {
    try {
      const made = await api.post<{ secret: string }>('/tokens', { name: name.trim(), days: Number(days), ...(scope ? { scopes: scope.split(' ') } : {}) });
      onMade(made.secret);
    } catch (e) {
      setWrong(e instanceof Problem ? (Object.values(fieldErrors(e.body))[0] ?? words(e, lang).title) : t('error.page'));
    }
  };
  const objects = model.navigation().flatMap((x) => x.objects);
  const scopes = [{ value: '', text: a('token.all') }, ...objects.flatMap((o) => [{ value: `${o.name}:read`, text: a('token.readOf', { name: plural(o, lang) }) }, { value: `${o.name}:read ${o.name}:write`, text: a('token.writeOf', { name: plural(o, lang) }) }])];
  return (
    <Dialog title={a('token.new')} text={a('token.newText')} onClose={onClose} onSubmit={() => void (name.trim() && save())} foot={<><span className="sp" /><button type="button" className="btn q" onClick={onClose}>{t('act.cancel')}</button><button type="submit" className="btn p" disabled={!name.trim()}>{a('token.make')}</button></>}>
      <Row label={a('token.name')} error={wrong || undefined} need>{(id, by) => <input id={id} className="adm-in" data-autofocus aria-describedby={by} value={name} onChange={(e) => setName(e.target.value)} />}</Row>
      <div className="adm-two">
        <Row label={a('token.until')}>{(id) => <Choice id={id} value={days} options={['7', '30', '90', '365'].map((d) => ({ value: d, text: a('token.days', { count: Number(d) }) }))} onChange={setDays} />}</Row>
        <Row label={a('token.scopes')}>{(id) => <Choice id={id} value={scope} options={scopes} onChange={setScope} />}</Row>
      </div>
    </Dialog>
  );
}
