import { useEffect, useId, useRef, type ReactNode } from 'react';
import { composing } from './hotkeys';
import { Icon } from './icons';
import { useT } from './i18n';
import { Notices } from './toast';
import './pop.css';

interface Props {
  title: ReactNode;
  text?: ReactNode;
  onClose: () => void;
  children: ReactNode;
  foot?: ReactNode;
  /** A panel at the right edge instead of the middle. */
  side?: boolean;
  /** Submits on Ctrl Enter and from a button of type submit. */
  onSubmit?: () => void;
  width?: number;
}

/** A modal layer on the browser's own dialog: it holds focus, gives it back, and Escape closes it. */
export function Dialog({ title, text, onClose, children, foot, side, onSubmit, width }: Props) {
  const t = useT();
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const d = ref.current;
    const before = document.activeElement as HTMLElement | null;
    if (d && !d.open) d.showModal();
    const first = d?.querySelector<HTMLElement>('[data-autofocus], .dlg-body input, .dlg-body textarea, .dlg-body [tabindex="0"]');
    first?.focus({ preventScroll: true });
    return () => {
      d?.close();
      // What opened it may be gone by now: then the page's heading.
      (before?.isConnected ? before : document.querySelector<HTMLElement>('#sheet h1'))?.focus({ preventScroll: true });
    };
  }, []);
  const content = (
    <>
      <div className="dlg-head">
        <div className="row">
          <h2 id={id}>{title}</h2>
          <button type="button" className="tap" aria-label={t('act.close')} onClick={onClose}>
            <Icon name="x" />
          </button>
        </div>
        {text && <p id={`${id}text`}>{text}</p>}
      </div>
      <div className="dlg-body">{children}</div>
      {foot && <div className="dlg-foot">{foot}</div>}
    </>
  );
  return (
    <dialog
      ref={ref}
      className={side ? 'dlg side' : 'dlg'}
      style={width ? { width } : undefined}
      aria-labelledby={id}
      aria-describedby={text ? `${id}text` : undefined}
      onCancel={(e) => {
        e.preventDefault();
        onClose();
      }}
      onMouseDown={(e) => {
        if (e.target === ref.current && !side) {
          const r = ref.current.getBoundingClientRect();
          if (e.clientX < r.left || e.clientX > r.right || e.clientY < r.top || e.clientY > r.bottom) onClose();
        }
      }}
      onKeyDown={(e) => {
        if (onSubmit && e.key === 'Enter' && (e.ctrlKey || e.metaKey) && !composing(e)) {
          e.preventDefault();
          onSubmit();
        }
      }}
    >
      {onSubmit ? (
        <form
          className="col dlg-form"
          noValidate
          onSubmit={(e) => {
            e.preventDefault();
            onSubmit();
          }}
        >
          {content}
        </form>
      ) : (
        // What brings a form of its own must not stand inside another one: its submit would never be heard.
        <div className="col dlg-form">{content}</div>
      )}
      <Notices />
    </dialog>
  );
}
