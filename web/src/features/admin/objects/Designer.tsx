import { DndContext, DragOverlay, PointerSensor, pointerWithin, closestCenter, useDraggable, useDroppable, useSensor, useSensors, type DragEndEvent, type DragStartEvent } from '@dnd-kit/core';
import { useMemo, useState, type KeyboardEvent, type ReactNode } from 'react';
import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import { composing } from '@/shared/hotkeys';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { toast, toastError } from '@/shared/toast';
import { useA } from '../text';
import { findField, placeOf, putLayout, type CLayout, type Custom } from './custom';
import { DesignerSide } from './DesignerSide';
import { applied, arranged, changes, fieldsOf, moveSection, place, removeFrom, step, toLayout, toSpecial, whom, type Arranged, type Zone } from './layout';
import { proposeKey } from './names';
import { kindIcon, kindText } from './types';
import { applyEdit, applyText, faults } from './useCustom';
import './designer.css';

const idOf = (zone: Zone, field: string) => `${zone}|${field}`;
const split = (id: string): [Zone, string] => {
  const at = id.indexOf('|');
  return [id.slice(0, at) as Zone, id.slice(at + 1)];
};

interface Props {
  object: string;
  custom: Custom;
  /** The arrangement for some that is worked on; none: the one for everyone. */
  special?: CLayout | undefined;
  /** Another arrangement to begin with: what differs is to be published. */
  from?: Arranged | undefined;
  onNewField: () => void;
  onEdit: (name: string) => void;
}

/** The layout of an object: left what can be shown, in the middle the page itself, right the chosen part in words. */
export default function Designer({ object, custom, special, from, onNewField, onEdit }: Props) {
  const a = useA();
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const meta = model.object(object)!;
  const base = useMemo(() => arranged(meta), [meta]);
  const was = useMemo(() => (special ? applied(base, special) : base), [base, special]);
  const [steps, setSteps] = useState<Arranged[]>(from ? [was, from] : [was]);
  const [chosen, setChosen] = useState<{ field: string; zone: Zone } | null>(null);
  const [held, setHeld] = useState<{ field: string; zone: Zone } | null>(null);
  const [dragged, setDragged] = useState<string | null>(null);
  const [said, setSaid] = useState('');
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const now = steps.at(-1) ?? was;
  const count = changes(was, now);
  const sensors = useSensors(useSensor(PointerSensor, { activationConstraint: { distance: 4 } }));
  const put = (next: Arranged) => {
    if (next !== now) setSteps((all) => [...all, next]);
  };
  const name = (f: string) => label(model.field(object, f)?.label, lang, f);
  const zoneName = (z: Zone): string => (z === 'facts' ? a('layout.facts') : z === 'list' ? a('layout.list') : z === 'hidden' ? a('layout.hidden') : label(now.sections.find((s) => `s:${s.key}` === z)?.label, lang, ''));
  const drop = (e: DragEndEvent) => {
    setDragged(null);
    if (!e.over) return;
    const [from, field] = split(String(e.active.id));
    const [to, before] = split(String(e.over.id));
    const list = fieldsOf(now, to);
    put(place(now, field, from, to, before && list.includes(before) ? list.indexOf(before) : list.length));
    setChosen({ field, zone: to });
  };
  const onKey = (e: KeyboardEvent, field: string, zone: Zone) => {
    if (composing(e)) return;
    const grabbed = held?.field === field && held.zone === zone;
    if (e.key === ' ' || (e.key === 'Enter' && grabbed)) {
      e.preventDefault();
      setHeld(grabbed ? null : { field, zone });
      setSaid(a(grabbed ? 'layout.dropped' : 'layout.grabbed', { name: name(field), zone: zoneName(zone) }));
    } else if (e.key === 'Escape' && grabbed) {
      e.preventDefault();
      setHeld(null);
    } else if (e.key === 'Delete') {
      put(removeFrom(now, field, zone));
    } else if (grabbed && e.key.startsWith('Arrow')) {
      e.preventDefault();
      const r = step(now, field, zone, e.key === 'ArrowDown' || e.key === 'ArrowRight' ? 1 : -1);
      put(r.next);
      setHeld({ field, zone: r.zone });
      setChosen({ field, zone: r.zone });
      setSaid(a('layout.at', { name: name(field), zone: zoneName(r.zone), n: fieldsOf(r.next, r.zone).indexOf(field) + 1 }));
      requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-card-id="${CSS.escape(idOf(r.zone, field))}"]`)?.focus());
    }
  };
  const publish = async () => {
    setBusy(true);
    try {
      const { before } = await applyEdit((c) => (special
        ? putLayout(c, toSpecial(object, whom(special), base, now), object, placeOf(special))
        : putLayout(c, toLayout(object, was, now, c.layout?.find((l) => l.object === object && placeOf(l) === '')), object)));
      toast(a('layout.published'), { undo: () => void applyText(before).then(() => toast(a('model.undone'))) });
    } catch (e) {
      toastError(a('field.refused'), { detail: faults(e) });
    } finally {
      setBusy(false);
    }
  };
  const addSection = () => {
    const key = proposeKey('section', '', new Set(now.sections.map((s) => s.key)));
    put({ ...now, sections: [...now.sections, { key, label: { en: 'New section', zh: '新分组' }, fields: [] }] });
  };
  const card = (field: string, zone: Zone) => (
    <FieldCard key={idOf(zone, field)} id={idOf(zone, field)} kind={a(kindText(model.field(object, field)?.type ?? 'text'))} name={name(field)} chosen={chosen?.field === field && chosen.zone === zone} held={held?.field === field && held.zone === zone}
      onChoose={() => setChosen({ field, zone })} onKeyDown={(e) => onKey(e, field, zone)} slim={zone === 'facts' || zone === 'list'} locked={zone.startsWith('s:') && model.field(object, field)?.required === true} lockedText={a('flag.required')} />
  );
  const needle = text.trim().toLowerCase();
  const fits = (f: string) => !needle || name(f).toLowerCase().includes(needle) || f.includes(needle);
  return (
    <DndContext sensors={sensors} collisionDetection={(x) => { const hit = pointerWithin(x); return hit.length ? hit.toSorted((p, q) => Number(String(q.id).endsWith('|') ? 0 : 1) - Number(String(p.id).endsWith('|') ? 0 : 1)) : closestCenter(x); }} onDragStart={(e: DragStartEvent) => { setDragged(split(String(e.active.id))[1]); setHeld(null); }} onDragCancel={() => setDragged(null)} onDragEnd={drop}>
      <div className="dsg">
        <aside className="dsg-left" aria-label={a('layout.fields')}>
          <input data-search className="adm-in" type="search" placeholder={a('fields.find')} aria-label={a('fields.find')} value={text} onChange={(e) => setText(e.target.value)} />
          <button type="button" className="btn" onClick={onNewField}><Icon name="plus" />{a('field.new')}</button>
          <h2 className="mut s12">{a('layout.hiddenCount', { count: now.hidden.length })}</h2>
          <DropZone id="hidden|" className="dsg-hidden">
            {now.hidden.filter(fits).map((f) => (
              <Handle key={f} id={idOf('hidden', f)} className={chosen?.field === f ? 'dsg-item on' : 'dsg-item'} onClick={() => setChosen({ field: f, zone: 'hidden' })} onKeyDown={(e) => onKey(e, f, 'hidden')}>
                <Icon name={kindIcon(model.field(object, f)?.type ?? 'text')} /><span className="el">{name(f)}</span><span className="sp" /><Icon name="grip" />
              </Handle>
            ))}
          </DropZone>
        </aside>
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable with the keyboard */}
        <div className="dsg-mid" role="region" aria-label={a('tab.layout')} tabIndex={0}>
          <div className="dsg-bar">
            <span className="mut s12">{a('layout.how')}</span>
            <span className="sp" />
            <button type="button" className="btn s q" disabled={steps.length < 2} onClick={() => setSteps((all) => all.slice(0, -1))}><Icon name="undo" />{t('act.undo')}</button>
            <button type="button" className="btn s p" disabled={count === 0 || busy} onClick={() => void publish()}>{count ? a('layout.publish', { count }) : a('layout.publishNone')}</button>
          </div>
          <Sect title={a('layout.facts')} tag={a('layout.header')}><DropZone id="facts|" className="dsg-row">{now.facts.map((f) => card(f, 'facts'))}</DropZone></Sect>
          {now.sections.map((s, i) => (
            <Sect key={s.key} title={label(s.label, lang, s.key)} acts={
              <>
                <button type="button" className="tap" disabled={i === 0} aria-label={t('list.moveUp', { name: label(s.label, lang) })} onClick={() => put(moveSection(now, s.key, -1))}><Icon name="up" size={14} /></button>
                <button type="button" className="tap" disabled={i === now.sections.length - 1} aria-label={t('list.moveDown', { name: label(s.label, lang) })} onClick={() => put(moveSection(now, s.key, 1))}><Icon name="down" size={14} /></button>
                <button type="button" className="tap" aria-label={a('layout.rename', { name: label(s.label, lang) })} onClick={() => setChosen({ field: '', zone: `s:${s.key}` })}><Icon name="edit" size={14} /></button>
              </>
            }>
              <DropZone id={`s:${s.key}|`} className="dsg-grid">{s.fields.map((f) => card(f, `s:${s.key}`))}{s.fields.length === 0 && <p className="mut s12 dsg-empty">{a('layout.empty')}</p>}</DropZone>
            </Sect>
          ))}
          <p style={{ textAlign: 'center' }}><button type="button" className="btn q" onClick={addSection}><Icon name="plus" />{a('layout.addSection')}</button></p>
          {!special && <Sect title={a('layout.list')} tag={a('layout.listTag')}><DropZone id="list|" className="dsg-row">{now.list.map((f) => card(f, 'list'))}</DropZone></Sect>}
        </div>
        <DesignerSide object={object} now={now} lists={!special} chosen={chosen} put={put} own={chosen ? findField(custom, object, chosen.field)?.field : undefined} zoneName={zoneName} setChosen={setChosen} onEdit={onEdit} />
      </div>
      <DragOverlay dropAnimation={null}>{dragged ? <div className="dsg-card over"><Icon name="grip" /><span className="col"><span className="mut s12">{a(kindText(model.field(object, dragged)?.type ?? 'text'))}</span><span className="el">{name(dragged)}</span></span></div> : null}</DragOverlay>
      <span className="sr" role="status">{said}</span>
    </DndContext>
  );
}

function Sect({ title, tag, acts, children }: { title: string; tag?: string; acts?: ReactNode; children: ReactNode }) {
  return (
    <section className="dsg-sect" aria-label={title}>
      <header className="row"><h2 className="b s13">{title}</h2>{tag && <span className="tag">{tag}</span>}<span className="sp" />{acts}</header>
      {children}
    </section>
  );
}

function DropZone({ id, className, children }: { id: string; className: string; children: ReactNode }) {
  const { setNodeRef, isOver } = useDroppable({ id });
  return <div ref={setNodeRef} className={isOver ? `${className} over` : className}>{children}</div>;
}

function Handle({ id, className, children, onClick, onKeyDown }: { id: string; className: string; children: ReactNode; onClick: () => void; onKeyDown: (e: KeyboardEvent) => void }) {
  const { setNodeRef, listeners, isDragging } = useDraggable({ id });
  return (
    <button ref={setNodeRef} type="button" data-card-id={id} className={isDragging ? `${className} gone` : className} onPointerDown={listeners?.['onPointerDown'] as never} onClick={onClick} onKeyDown={onKeyDown}>
      {children}
    </button>
  );
}

function FieldCard({ id, kind, name, chosen, held, slim, locked, lockedText, onChoose, onKeyDown }: { id: string; kind: string; name: string; chosen: boolean; held: boolean; slim: boolean; locked: boolean; lockedText: string; onChoose: () => void; onKeyDown: (e: KeyboardEvent) => void }) {
  const { setNodeRef, isOver } = useDroppable({ id });
  return (
    <div ref={setNodeRef} className={isOver ? 'dsg-slot over' : 'dsg-slot'}>
      <Handle id={id} className={`dsg-card${chosen ? ' on' : ''}${held ? ' held' : ''}`} onClick={onChoose} onKeyDown={onKeyDown}>
        <Icon name="grip" />
        <span className="col">{!slim && <span className="mut s12">{kind}{locked && ` · ${lockedText}`}</span>}<span className="el">{name}</span></span>
      </Handle>
    </div>
  );
}
