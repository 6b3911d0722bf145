import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { api } from '@/api/client';
import { label, plural, titleOf } from '@/api/model';
import { tell, words, type Words } from '@/api/problem';
import { keys, useModel } from '@/api/queries';
import type { ObjectMeta, Page, ProblemBody, Rec } from '@/api/types';
import { Problem } from '@/api/client';
import { Ant } from '@/fields/Ant';
import { emptyLine, lineOps, Lines, linesFrom, type Line } from '@/fields/lines/Lines';
import { lacking, lineStands } from '@/fields/lines/stands';
import { Dialog } from '@/shared/Dialog';
import { focusFaulty } from '@/shared/faulty';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { toast } from '@/shared/toast';
import { SkeletonRows } from '@/shared/ui';

interface Props {
  object: ObjectMeta;
  rec: Rec;
  child: ObjectMeta;
  link: string;
  onClose: () => void;
}

/** All line items of a record as one table: written together or not at all, undone together. */
export default function LinesDialog(p: Props) {
  const { child, link, rec, object, onClose } = p;
  const model = useModel();
  const lang = useLang();
  const page = useQuery({
    queryKey: ['lines', child.name, rec.id],
    queryFn: () => api.get<Page>(`/${child.name}`, { filter: JSON.stringify({ field: link, op: 'eq', value: rec.id }), sort: 'created_at', limit: 200, expand: 'product_id' }),
    staleTime: 0,
    gcTime: 0,
  });
  const title = `${plural(child, lang)}${lang === 'zh-CN' ? '：' : ': '}${titleOf(object, rec)}`;
  if (!page.data) return <Dialog title={title} onClose={onClose} width={860}>{page.error ? <p className="late">{words(page.error, lang, child.name, model).title}</p> : <SkeletonRows rows={4} />}</Dialog>;
  return <Table {...p} title={title} before={linesFrom(page.data.data)} />;
}

function Table({ object, rec, child, link, onClose, title, before }: Props & { title: string; before: Line[] }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const qc = useQueryClient();
  const [first] = useState(before);
  const [lines, setLines] = useState<Line[]>(() => [...before, emptyLine(before.length + 1)]);
  const [trouble, setTrouble] = useState<Words | null>(null);
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const table = useRef<HTMLDivElement>(null);
  const ops = lineOps(first, lines, link, rec.id, (l) => lineStands(child, link, l, model).left);
  const refresh = () => {
    for (const key of [keys.lists(child.name), keys.aggregates(child.name), keys.record(object.name, rec.id), keys.lists(object.name), keys.aggregates(object.name), keys.history(object.name, rec.id)]) void qc.invalidateQueries({ queryKey: key });
  };
  const save = async () => {
    if (busy) return;
    if (ops.length === 0) return onClose();
    if (lacking(child, link, lines, model)) {
      flushSync(() => setTried(true));
      return focusFaulty(table.current);
    }
    setBusy(true);
    setTrouble(null);
    try {
      const answer = await api.post<{ batch_id?: string }>(`/${child.name}/batch`, { atomic: true, ops });
      refresh();
      const undo = () => void api.post(`/batches/${answer.batch_id}/undo`).then(() => { refresh(); toast(t('bulk.undone')); }, (e: unknown) => tell(e, lang, child.name, model));
      toast(t('lines.saved', { name: titleOf(object, rec) }), answer.batch_id ? { undo } : {});
      onClose();
    } catch (e) {
      // An aborted batch carries the refusal of the row that stopped it.
      const rows = e instanceof Problem ? ((e.body as { results?: { status: number; error?: ProblemBody }[] }).results ?? []) : [];
      const bad = rows.find((r) => r.error);
      setTrouble(words(bad?.error ? new Problem({ ...bad.error, status: bad.status }) : e, lang, child.name, model));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      onSubmit={() => void save()}
      width={860}
      foot={<><span className="sp" /><button type="button" className="btn q" onClick={onClose}>{t('act.cancel')}</button><button type="submit" className="btn p" disabled={busy || ops.length === 0}>{t('act.save')}</button></>}
    >
      {trouble && <div className="notice late" role="alert" style={{ marginBottom: 12 }}><Icon name="alert" /><div className="col"><b>{trouble.title}</b>{trouble.lines.map((l) => <span key={l}>{l}</span>)}</div></div>}
      <Ant><div ref={table}><Lines child={child} link={link} lines={lines} setLines={setLines} tried={tried} /></div></Ant>
      <span className="sr">{label(child.label, lang)}</span>
    </Dialog>
  );
}
