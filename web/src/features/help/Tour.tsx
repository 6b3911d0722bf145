import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { closeLayer } from '@/shared/commands';
import { useT, type TextKey } from '@/shared/i18n';
import { tourSeen } from '@/shared/tour';
import './help.css';

const steps: readonly { at: string; title: TextKey; text: TextKey }[] = [
  { at: '[data-tour=find], .bottom .ptab:first-child', title: 'tour.find', text: 'tour.findText' },
  { at: '.nav-scroll section, .bottom .ptab:nth-child(2)', title: 'tour.nav', text: 'tour.navText' },
  { at: '.sheet .top .btn.p, .fab', title: 'tour.create', text: 'tour.createText' },
  { at: '', title: 'tour.undo', text: 'tour.undoText' },
  { at: '.nav .me .tap:last-child, .bottom .ptab:last-child', title: 'tour.settings', text: 'tour.settingsText' },
  { at: '[data-tour=help], .bottom .ptab:last-child', title: 'tour.help', text: 'tour.helpText' },
];

/** Six places worth knowing, each pointed at where it stands. Esc ends it, the palette and the help bring it back. */
export default function Tour() {
  const t = useT();
  const [at, setAt] = useState(0);
  const [box, setBox] = useState<DOMRect | null>(null);
  const card = useRef<HTMLDivElement>(null);
  const step = steps[at]!;
  useLayoutEffect(() => {
    const place = () => {
      const el = step.at ? [...document.querySelectorAll<HTMLElement>(step.at)].find((x) => x.offsetParent !== null) : undefined;
      setBox(el?.getBoundingClientRect() ?? null);
    };
    place();
    addEventListener('resize', place);
    return () => removeEventListener('resize', place);
  }, [step]);
  useEffect(() => {
    card.current?.focus();
  }, [at]);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    return () => {
      tourSeen.set(true);
      before?.focus?.({ preventScroll: true });
    };
  }, []);
  const last = at === steps.length - 1;
  const wide = 320;
  const left = box ? Math.min(Math.max(12, box.right + 16 + wide > innerWidth ? box.left + box.width / 2 - wide / 2 : box.right + 16), innerWidth - wide - 12) : (innerWidth - wide) / 2;
  const beside = box !== null && box.right + 16 + wide <= innerWidth;
  const top = !box ? innerHeight / 2 - 90 : beside ? Math.min(Math.max(12, box.top), innerHeight - 220) : box.top > innerHeight / 2 ? box.top - 212 : box.bottom + 14;
  return (
    <div className="tour" role="presentation">
      <div className={box ? 'tour-ring' : 'tour-ring none'} style={box ? { left: box.left - 6, top: box.top - 6, width: box.width + 12, height: Math.min(box.height, 220) + 12 } : undefined} />
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape and the arrows of a dialog */}
      <div ref={card} className="tour-card" role="dialog" aria-modal="true" aria-labelledby="tour-title" aria-describedby="tour-text" tabIndex={-1} style={{ left, top, width: wide }} onKeyDown={(e) => {
        if (e.key === 'Escape') closeLayer();
        else if (e.key === 'ArrowRight' && !last) setAt(at + 1);
        else if (e.key === 'ArrowLeft' && at > 0) setAt(at - 1);
        else return;
        e.preventDefault();
        e.stopPropagation();
      }}>
        <h2 id="tour-title">{t(step.title)}</h2>
        <p id="tour-text">{t(step.text)}</p>
        <div className="row">
          <span className="mut s12 num">{t('tour.step', { n: at + 1, all: steps.length })}</span>
          <span className="sp" />
          {!last && <button type="button" className="btn s q" onClick={closeLayer}>{t('tour.end')}</button>}
          {at > 0 && <button type="button" className="btn s" onClick={() => setAt(at - 1)}>{t('act.back')}</button>}
          <button type="button" className="btn s p" onClick={() => (last ? closeLayer() : setAt(at + 1))}>{last ? t('tour.done') : t('act.next')}</button>
        </div>
      </div>
    </div>
  );
}
