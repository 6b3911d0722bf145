import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useDeferredValue, useEffect, useMemo, useState } from 'react';
import { Problem } from '@/api/client';
import { inner, label, plural, titleOf, type Model } from '@/api/model';
import { codeWords, tell } from '@/api/problem';
import { useModel } from '@/api/queries';
import { rest } from '@/api/rest';
import type { FieldMeta, ObjectMeta, Page, Rec } from '@/api/types';
import { isBlank } from '@/fields/display';
import { FieldValue } from '@/fields/FieldValue';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { phone } from '@/shared/prefs';
import { useStore } from '@/shared/store';
import { toast, toastError } from '@/shared/toast';
import { Empty, SkeletonRows } from '@/shared/ui';
import { LookDialog } from './LookDialog';
import { claim, MOST, usePools, usePoolsChanged, type PoolSeat } from './pools';
import '@/features/browse/browse.css';
import './pool.css';

/** Of an ownerless record these say nothing, or the pool's own columns say it. */
const left = new Set(['owner_id', 'dept_id', 'status', 'updated_at', 'next_follow_at', 'open_opp_amount', 'in_pool', 'pool_id', 'pool_entered_at', 'pool_reason']);

/** Where leads or customers wait without an owner, to be claimed by whoever comes first (R-POOL-02). */
export default function PoolPage() {
  const { object: name } = useParams({ strict: false });
  const t = useT();
  const model = useModel();
  const object = model.object(name ?? '');
  const pools = usePools(name);
  const [chosen, setChosen] = useState<string | null>(null);
  const pool = pools.find((p) => p.id === chosen) ?? pools[0];
  if (!object) return <Empty page drawing="search" title={t('state.notFound')} text={t('state.notFoundText')} />;
  if (!pool) return <Empty page title={t('pool.noSeat')} text={t('pool.noSeatText')} />;
  return <Waiting key={pool.id} object={object} pool={pool} pools={pools} onPool={setChosen} />;
}

/** The list's own columns first, then when and why a record came here. */
function columnsOf(object: ObjectMeta, model: Model): FieldMeta[] {
  const own = (object.list ?? []).filter((f) => f !== object.title && !left.has(f)).slice(0, 5);
  return [...own, 'pool_reason', 'pool_entered_at'].map((f) => model.field(object.name, f)).filter((f): f is FieldMeta => f !== undefined);
}

function Waiting({ object, pool, pools, onPool }: { object: ObjectMeta; pool: PoolSeat; pools: PoolSeat[]; onPool: (id: string) => void }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const small = useStore(phone);
  const navigate = useNavigate();
  const changed = usePoolsChanged(object.name);
  const [words, setWords] = useState('');
  const q = useDeferredValue(words.trim());
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [looking, setLooking] = useState<Rec | null>(null);
  const [busy, setBusy] = useState(false);
  const title = object.name === 'lead' ? t('pool.title.lead') : object.name === 'account' ? t('pool.title.account') : plural(object, lang);
  useEffect(() => { document.title = `${title} · ${t('app.name')}`; }, [title, t]);
  const columns = useMemo(() => columnsOf(object, model), [object, model]);
  const list = useInfiniteQuery({
    queryKey: ['pool', object.name, pool.id, q],
    queryFn: ({ pageParam, signal }): Promise<Page> => rest.get('/{object}', { path: { object: object.name }, query: { pool: pool.id, sort: '-pool_entered_at', limit: 50, q: q || undefined, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: (before) => before,
    // Others claim too.
    refetchInterval: 20_000,
  });
  const rows = useMemo(() => list.data?.pages.flatMap((p) => p.data) ?? [], [list.data]);
  const here = rows.filter((r) => picked.has(r.id));
  const count = { count: pool.waiting };
  const toggle = (id: string) => setPicked((now) => {
    const next = new Set(now);
    if (!next.delete(id) && next.size < MOST) next.add(id);
    return next;
  });

  const take = async (recs: Rec[]) => {
    setBusy(true);
    try {
      const done = await claim(object.name, pool.id, recs.map((r) => r.id));
      const got = done.filter((d) => d.ok);
      const not = done.filter((d) => !d.ok);
      const first = recs.find((r) => r.id === got[0]?.id);
      const see = (id: string) => void navigate({ to: '/o/$object/$id', params: { object: object.name, id } });
      if (got.length === 1 && first) toast(t('pool.claimed', { name: titleOf(object, first) }), { action: { text: t('act.open'), run: () => see(first.id) } });
      else if (got.length) toast(t('pool.claimedMany', { count: got.length }));
      if (not.length) {
        const why = [...new Set(not.map((d) => codeWords(d.code ?? '', d.params)))].join(lang === 'zh-CN' ? '；' : '; ');
        toastError(recs.length === 1 ? why : t('pool.refused', { count: not.length, why }));
      }
      setPicked(new Set(not.map((d) => d.id)));
      setLooking(null);
    } catch (e) {
      tell(e instanceof Problem ? e : new Problem({ status: 0, code: 'network' }), lang, object.name, model);
    } finally {
      setBusy(false);
      changed();
    }
  };

  const nameOf = (r: Rec) => titleOf(object, r) || t('value.untitled');
  const claimOne = (r: Rec) => (
    <button type="button" className="btn s" disabled={busy} aria-label={`${t('pool.claim')} ${nameOf(r)}`} onClick={() => void take([r])}>{t('pool.claim')}</button>
  );
  return (
    <>
      <header className="top">
        <h1>{title}</h1>
        <span className="mut s13 num" role="status">{pool.more ? t('pool.waitingMore', count) : t('pool.waiting', count)}</span>
        <span className="sp" />
        {here.length > 0 && <button type="button" className="btn p s" disabled={busy} onClick={() => void take(here)}>{t('pool.claimMany', { count: here.length })}</button>}
      </header>
      <div className="pool-bar">
        {pools.length > 1 && (
          <div className="seg" role="radiogroup" aria-label={t('pool.which')}>
            {pools.map((p) => <button key={p.id} type="button" role="radio" aria-checked={p.id === pool.id} className={p.id === pool.id ? 'on' : ''} onClick={() => onPool(p.id)}>{p.name}</button>)}
          </div>
        )}
        <label className="pool-find"><Icon name="search" /><input data-search value={words} placeholder={t('pool.search')} aria-label={t('pool.search')} onChange={(e) => setWords(e.target.value)} /></label>
      </div>
      {list.isPending ? <SkeletonRows /> : rows.length === 0 ? <Empty title={t('pool.none')} text={t('pool.noneText')} /> : small ? (
        <ul className="cards">
          {rows.map((r) => (
            <li key={r.id} className="pcard">
              <button type="button" className="t el pool-name" onClick={() => setLooking(r)}>{nameOf(r)}</button>
              <span className="row" style={{ flexWrap: 'wrap', gap: '0 10px' }}>
                {columns.filter((f) => f.name !== 'pool_entered_at' && !isBlank(r[f.name])).slice(0, 3).map((f) => <span key={f.name} className="el"><FieldValue object={object.name} field={f} rec={r} model={model} lang={lang} dense /></span>)}
              </span>
              <span className="row"><span className="s12 mut sp">{t('pool.since', { when: fmt.dateTimeWords(new Date(String(r['pool_entered_at'])), lang) })}</span>{claimOne(r)}</span>
            </li>
          ))}
        </ul>
      ) : (
        <div className="pool-table">
          <table aria-label={title}>
            <thead>
              <tr>
                <th><span className="sr">{t('pool.claim')}</span></th>
                <th scope="col">{label(model.field(object.name, object.title)?.label, lang, object.title)}</th>
                {columns.map((f) => <th key={f.name} scope="col">{label(f.label, lang, f.name)}</th>)}
                <th><span className="sr">{t('pool.claim')}</span></th>
              </tr>
            </thead>
            <tbody>
              {rows.map((r) => (
                <tr key={r.id} className={picked.has(r.id) ? 'on' : undefined}>
                  <td><input type="checkbox" checked={picked.has(r.id)} aria-label={t('pool.choose', { name: nameOf(r) })} onChange={() => toggle(r.id)} /></td>
                  <th scope="row"><button type="button" className="pool-name el" onClick={() => setLooking(r)}>{nameOf(r)}</button></th>
                  {columns.map((f) => <td key={f.name} className="el"><FieldValue object={object.name} field={f} rec={r} model={model} lang={lang} dense /></td>)}
                  <td className="n">{claimOne(r)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {list.hasNextPage && <div className="pool-more"><button type="button" className="btn q" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t('pool.more')}</button></div>}
      {looking && <LookDialog object={object} rec={looking} busy={busy} name={inner(nameOf(looking), lang)} onClaim={() => void take([looking])} onClose={() => setLooking(null)} />}
    </>
  );
}
