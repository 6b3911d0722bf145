import { useMemo, useRef, type KeyboardEvent } from 'react';
import { inner, label } from '@/api/model';
import { useModel } from '@/api/queries';
import { closeLayer, open } from '@/shared/commands';
import { Dialog } from '@/shared/Dialog';
import { composing } from '@/shared/hotkeys';
import { Icon, objectIcon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import './form.css';

/** What people make most, in the order they make it; the rest follows as the navigation has it. */
const often = ['account', 'contact', 'lead', 'opportunity', 'task', 'event'];

/** From anywhere: what shall be made? Arrows move, a number chooses. */
export default function QuickCreate() {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const grid = useRef<HTMLDivElement>(null);
  const objects = useMemo(() => {
    const all = model.navigation().flatMap((a) => a.objects).filter((o) => o.rights.create && o.name !== 'follow_up');
    const rank = (n: string) => (often.includes(n) ? often.indexOf(n) : often.length);
    return all.sort((a, b) => rank(a.name) - rank(b.name)).slice(0, 12);
  }, [model]);
  const choose = (object: string) => open({ kind: 'create', object });
  const move = (e: KeyboardEvent) => {
    if (composing(e)) return;
    const all = [...(grid.current?.querySelectorAll<HTMLButtonElement>('button') ?? [])];
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 3, ArrowUp: -3 }[e.key];
    if (step !== undefined) {
      e.preventDefault();
      all[Math.min(all.length - 1, Math.max(0, at + step))]?.focus();
    } else if (/^[1-9]$/.test(e.key)) {
      const o = objects[Number(e.key) - 1];
      if (o) {
        e.preventDefault();
        choose(o.name);
      }
    }
  };
  return (
    <Dialog title={t('form.what')} onClose={closeLayer} width={480}>
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- arrows only move the focus between the buttons */}
      <div className="quick" ref={grid} onKeyDown={move}>
        {objects.map((o, i) => (
          <button key={o.name} type="button" {...(i === 0 ? { 'data-autofocus': true } : {})} onClick={() => choose(o.name)}>
            <Icon name={objectIcon(o.icon, o.name)} size={20} />
            <span className="el">{inner(label(o.label, lang, o.name), lang)}</span>
            {i < 9 && <kbd aria-hidden="true">{i + 1}</kbd>}
          </button>
        ))}
      </div>
    </Dialog>
  );
}
