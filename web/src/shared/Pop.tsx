import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { composing } from './hotkeys';
import { Icon, type IconName } from './icons';
import './pop.css';

interface PopProps {
  anchor: HTMLElement | null;
  onClose: () => void;
  children: ReactNode;
  align?: 'start' | 'end';
  label: string;
  role?: 'dialog' | 'menu' | 'listbox';
  width?: number;
}

/** A small layer under its anchor: closes on Escape and outside clicks, gives focus back. */
export function Pop({ anchor, onClose, children, align = 'start', label, role = 'dialog', width }: PopProps) {
  const ref = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<{ left: number; top: number; maxHeight: number } | null>(null);
  const host = anchor?.closest('dialog') ?? document.body;

  useLayoutEffect(() => {
    const place = () => {
      const box = ref.current;
      if (!anchor || !box) return;
      const a = anchor.getBoundingClientRect();
      const w = box.offsetWidth;
      const h = box.scrollHeight;
      const below = innerHeight - a.bottom - 12;
      const above = a.top - 12;
      const up = h > below && above > below;
      const maxHeight = Math.max(160, up ? above : below);
      const left = Math.min(Math.max(8, align === 'end' ? a.right - w : a.left), Math.max(8, innerWidth - w - 8));
      setAt({ left, top: up ? Math.max(8, a.top - 4 - Math.min(h, maxHeight)) : a.bottom + 4, maxHeight });
    };
    place();
    const watch = new ResizeObserver(place);
    if (ref.current) watch.observe(ref.current);
    addEventListener('resize', place);
    return () => {
      watch.disconnect();
      removeEventListener('resize', place);
    };
  }, [anchor, align]);

  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const box = ref.current;
    const first = box?.querySelector<HTMLElement>('[data-autofocus], input:not([type=hidden]), button, [tabindex="0"]');
    first?.focus({ preventScroll: true });
    const outside = (e: PointerEvent) => {
      const target = e.target as HTMLElement;
      if (box?.contains(target) || anchor?.contains(target) || target.closest('.ant-select-dropdown, .ant-picker-dropdown')) return;
      close.current();
    };
    document.addEventListener('pointerdown', outside, true);
    return () => {
      document.removeEventListener('pointerdown', outside, true);
      if (document.activeElement && document.activeElement !== document.body && !box?.contains(document.activeElement)) return;
      anchor?.focus({ preventScroll: true });
      // An anchor that only says where the layer hangs (a card, a head of a column) takes no focus.
      if (document.activeElement !== anchor) before?.focus({ preventScroll: true });
    };
  }, [anchor]);

  const onKeyDown = (e: KeyboardEvent) => {
    if (e.key === 'Escape' && !composing(e)) {
      e.preventDefault();
      e.stopPropagation();
      onClose();
    }
  };

  return createPortal(
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- the role is given by the caller; the handler only closes the layer
    <div
      ref={ref}
      className="pop"
      role={role}
      aria-label={label}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      style={{ left: at?.left ?? 0, top: at?.top ?? 0, maxHeight: at?.maxHeight, opacity: at ? undefined : 0, ...(width ? { width } : {}) }}
    >
      {children}
    </div>,
    host,
  );
}

export interface MenuItem {
  key: string;
  text: ReactNode;
  icon?: IconName;
  hint?: string;
  danger?: boolean;
  checked?: boolean;
  run: () => void;
}

interface MenuProps {
  anchor: HTMLElement | null;
  onClose: () => void;
  items: (MenuItem | 'line')[];
  label: string;
  align?: 'start' | 'end';
}

/** A menu: arrows move, letters jump, Enter runs. */
export function Menu({ anchor, onClose, items, label, align = 'start' }: MenuProps) {
  const ref = useRef<HTMLDivElement>(null);
  const move = (e: KeyboardEvent) => {
    if (composing(e)) return;
    const all = [...(ref.current?.querySelectorAll<HTMLButtonElement>('button') ?? [])];
    const now = all.indexOf(document.activeElement as HTMLButtonElement);
    let next = -1;
    if (e.key === 'ArrowDown') next = (now + 1) % all.length;
    else if (e.key === 'ArrowUp') next = (now - 1 + all.length) % all.length;
    else if (e.key === 'Home') next = 0;
    else if (e.key === 'End') next = all.length - 1;
    else if (e.key === 'Tab') onClose();
    else if (e.key.length === 1 && !e.ctrlKey && !e.metaKey) next = all.findIndex((b, i) => i > now && b.textContent?.trim().toLowerCase().startsWith(e.key.toLowerCase()));
    if (next >= 0) {
      e.preventDefault();
      e.stopPropagation();
      all[next]?.focus();
    }
  };
  return (
    <Pop anchor={anchor} onClose={onClose} align={align} label={label} role="menu">
      <div ref={ref} className="menu" onKeyDown={move} role="presentation">
        {items.map((it, i) =>
          it === 'line' ? (
            <hr key={`line${i}`} />
          ) : (
            <button
              key={it.key}
              type="button"
              role={it.checked === undefined ? 'menuitem' : 'menuitemradio'}
              aria-checked={it.checked}
              className={it.danger ? 'danger' : ''}
              onClick={() => {
                onClose();
                it.run();
              }}
            >
              {it.icon ? <Icon name={it.icon} /> : it.checked === undefined ? null : <span className="menu-check">{it.checked && <Icon name="check" />}</span>}
              <span className="el">{it.text}</span>
              {it.hint && <kbd>{it.hint}</kbd>}
            </button>
          ),
        )}
      </div>
    </Pop>
  );
}

/** A button that opens a menu. One that shows its words and what is chosen is `worded`: they are its name, the label is only the menu's. */
export function MenuButton({ items, label, className, children, align = 'end', worded }: { items: (MenuItem | 'line')[]; label: string; className: string; children: ReactNode; align?: 'start' | 'end'; worded?: boolean }) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  return (
    <>
      <button type="button" className={className} aria-haspopup="menu" aria-expanded={anchor !== null} aria-label={worded ? undefined : label} title={label} onClick={(e) => setAnchor(anchor ? null : e.currentTarget)}>
        {children}
      </button>
      {anchor && <Menu anchor={anchor} onClose={() => setAnchor(null)} items={items} label={label} align={align} />}
    </>
  );
}
