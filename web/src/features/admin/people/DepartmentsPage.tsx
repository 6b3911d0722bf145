import { DndContext, PointerSensor, pointerWithin, useDraggable, useDroppable, useSensor, useSensors, type DragEndEvent } from '@dnd-kit/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState, type KeyboardEvent } from 'react';
import { api } from '@/api/client';
import { expanded } from '@/api/model';
import { tell } from '@/api/problem';
import { client, keys, useModel } from '@/api/queries';
import type { AggregateAnswer, Page, Rec } from '@/api/types';
import { open } from '@/shared/commands';
import { composing } from '@/shared/hotkeys';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { MenuButton } from '@/shared/Pop';
import { toast } from '@/shared/toast';
import { SkeletonRows } from '@/shared/ui';
import { AdminPage, Body } from '../parts';
import { useA } from '../text';
import { changed, children, lines, move, step, type Line, type Node } from './tree';
import './tree.css';

// Under the aggregates, which live changes ask again; lists hold pages.
const key = [...keys.aggregates('department'), 'tree'];

/** The departments as a tree: drag one onto another or between two, or Space and arrows. */
export default function DepartmentsPage() {
  const a = useA();
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const may = model.object('department')?.rights.edit === true;
  const query = useQuery({
    queryKey: key,
    queryFn: async () => {
      const rows: Rec[] = [];
      let cursor: string | undefined;
      do {
        const page: Page = await api.get<Page>('/department', { limit: 200, sort: 'path', expand: 'manager_id', cursor });
        rows.push(...page.data);
        cursor = page.next ?? undefined;
      } while (cursor);
      return rows;
    },
  });
  const heads = useQuery({ queryKey: [...keys.aggregates('user'), 'by dept'], queryFn: () => api.post<AggregateAnswer>('/user/aggregate', { group: ['main_dept'], measures: [{ fn: 'count' }], filter: { field: 'status', op: 'eq', value: 'active' }, limit: 200 }) });
  const [draft, setDraft] = useState<Node[] | null>(null);
  const [held, setHeld] = useState<string | null>(null);
  const [said, setSaid] = useState('');
  const sensors = useSensors(useSensor(PointerSensor, { activationConstraint: { distance: 4 } }));
  const stored = useMemo((): Node[] => (query.data ?? []).map((r) => ({ id: r.id, name: String(r['name']), parent: (r['parent_id'] as string | null) ?? null, position: Number(r['position'] ?? 0) })), [query.data]);
  const now = draft ?? stored;
  const tree = lines(now);
  const count = new Map((heads.data?.groups ?? []).map((g) => [g.key['main_dept'], Number(g.values[0])]));
  const recs = new Map((query.data ?? []).map((r) => [r.id, r]));

  const write = async (next: Node[], back: boolean) => {
    const diff = changed(stored, next);
    if (diff.length === 0) {
      setDraft(null);
      return;
    }
    setDraft(next);
    try {
      const answer = await api.post<{ results: { status: number; error?: { title?: string; code: string } }[] }>('/department/batch', { ops: diff.map((n) => ({ op: 'update', id: n.id, data: { parent_id: n.parent, position: n.position } })), atomic: true });
      const bad = answer.results.find((r) => r.status >= 400);
      if (bad) throw new Error(bad.error?.title ?? bad.error?.code);
      const before = stored;
      await query.refetch();
      void client.invalidateQueries({ queryKey: keys.lists('department') });
      toast(a(back ? 'model.undone' : 'dept.moved'), back ? {} : { undo: () => void undo(before, next) });
    } catch (e) {
      tell(e, lang, 'department', model);
    } finally {
      setDraft(null);
    }
  };
  const undo = async (before: Node[], after: Node[]) => {
    try {
      await api.post('/department/batch', { ops: changed(after, before).map((n) => ({ op: 'update', id: n.id, data: { parent_id: n.parent, position: n.position } })), atomic: true });
      await query.refetch();
      toast(a('model.undone'));
    } catch (e) {
      tell(e, lang, 'department', model);
    }
  };
  const drop = (e: DragEndEvent) => {
    if (!e.over) return;
    const id = String(e.active.id);
    const [how, target = ''] = String(e.over.id).split('|');
    const line = tree.find((l) => l.id === target);
    if (!line || target === id) return;
    if (how === 'into') void write(move(now, id, target, 999), false);
    else void write(move(now, id, line.parent, children(now, line.parent).filter((n) => n.id !== id).findIndex((n) => n.id === target)), false);
  };
  const onKey = (e: KeyboardEvent, l: Line) => {
    if (composing(e)) return;
    const grabbed = held === l.id;
    const keysOf: Record<string, 'up' | 'down' | 'in' | 'out'> = { ArrowUp: 'up', ArrowDown: 'down', ArrowRight: 'in', ArrowLeft: 'out' };
    const act = keysOf[e.key];
    if (e.key === ' ' && may) {
      e.preventDefault();
      setHeld(grabbed ? null : l.id);
      setSaid(a(grabbed ? 'dept.dropped' : 'dept.grabbed', { name: l.name }));
      if (grabbed) void write(now, false);
    } else if (e.key === 'Escape' && grabbed) {
      e.preventDefault();
      setHeld(null);
      setDraft(null);
    } else if (act && grabbed) {
      e.preventDefault();
      const next = step(now, l.id, act);
      setDraft(next);
      const parent = next.find((n) => n.id === l.id)?.parent;
      setSaid(a('dept.at', { name: l.name, parent: next.find((n) => n.id === parent)?.name ?? '' }));
    } else if ((act === 'up' || act === 'down') && !grabbed) {
      e.preventDefault();
      const all = [...document.querySelectorAll<HTMLElement>('.tree-row')];
      all[all.indexOf(e.currentTarget as HTMLElement) + (act === 'down' ? 1 : -1)]?.focus();
    }
  };
  return (
    <AdminPage title={t('settings.departments')} actions={model.object('department')?.rights.create && <button type="button" className="btn p" onClick={() => open({ kind: 'create', object: 'department', after: 'stay', ...(tree[0] ? { values: { parent_id: tree[0].id }, titles: { parent_id: tree[0].name } } : {}) })}><Icon name="plus" />{a('dept.new')}</button>}>
      <Body label={t('settings.departments')}>
        <p className="adm-lead">{a('dept.lead')}</p>
        {query.isPending ? <SkeletonRows rows={6} /> : (
          <DndContext sensors={sensors} collisionDetection={pointerWithin} onDragStart={() => setHeld(null)} onDragEnd={drop}>
            <ul className="tree" aria-label={t('settings.departments')}>
              {tree.map((l) => (
                <Dept key={l.id} line={l} held={held === l.id} onKey={(e) => onKey(e, l)} may={may} count={count.get(l.id) ?? 0} manager={expanded(recs.get(l.id) ?? ({} as Rec), 'manager_id')?.title} />
              ))}
            </ul>
          </DndContext>
        )}
        <span className="sr" role="status">{said}</span>
      </Body>
    </AdminPage>
  );
}

function Dept({ line, held, onKey, may, count, manager }: { line: Line; held: boolean; onKey: (e: KeyboardEvent) => void; may: boolean; count: number; manager: string | undefined }) {
  const a = useA();
  const { setNodeRef, listeners, isDragging, transform } = useDraggable({ id: line.id, disabled: !may || line.depth === 0 });
  const { setNodeRef: intoRef, isOver: overInto } = useDroppable({ id: `into|${line.id}` });
  const { setNodeRef: gapRef, isOver: overGap } = useDroppable({ id: `before|${line.id}` });
  const style = transform ? { transform: `translate(${transform.x}px, ${transform.y}px)` } : undefined;
  return (
    <li className="tree-line" style={{ paddingLeft: line.depth * 28 }}>
      {line.depth > 0 && <span ref={gapRef} className={overGap ? 'tree-gap over' : 'tree-gap'} />}
      <div ref={intoRef} className={overInto && !isDragging ? 'tree-into over' : 'tree-into'}>
        <button ref={setNodeRef} type="button" aria-pressed={held} aria-label={a('dept.row', { name: line.name, level: line.depth + 1, people: a('dept.people', { count }) })} data-dept={line.name} className={`tree-row${held ? ' held' : ''}${isDragging ? ' drag' : ''}`} style={style} onPointerDown={listeners?.['onPointerDown'] as never} onKeyDown={onKey}>
          <Icon name="grip" />
          <b className="el">{line.name}</b>
          <span className="mut s12 num">{a('dept.people', { count })}</span>
          {manager && <span className="sec s12 row"><Icon name="user" size={14} />{manager}</span>}
        </button>
        <DeptMenu line={line} may={may} />
      </div>
    </li>
  );
}

function DeptMenu({ line, may }: { line: Line; may: boolean }) {
  const a = useA();
  const navigate = useNavigate();
  return (
    <MenuButton className="tap" label={a('dept.menu', { name: line.name })} items={[
      ...(may ? ([{ key: 'add', text: a('dept.below'), icon: 'plus', run: () => open({ kind: 'create', object: 'department', after: 'stay', values: { parent_id: line.id }, titles: { parent_id: line.name } }) }] as const) : []),
      { key: 'open', text: a('dept.open'), icon: 'edit', run: () => void navigate({ to: '/o/$object/$id', params: { object: 'department', id: line.id } }) },
    ]}><Icon name="more" /></MenuButton>
  );
}
