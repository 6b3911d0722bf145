import { useEffect, useRef, useState } from 'react';
import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { useA } from '../text';
import type { Custom } from './custom';
import { Sample, useTrial } from './Sample';
import { edited, faults, plan } from './useCustom';
import { functions } from './types';

interface Props {
  id: string;
  object: string;
  value: string;
  onChange: (v: string) => void;
  /** What the whole change would be with this formula in it; judged by the server while typing. */
  change: (c: Custom) => void;
  placeholder?: string;
  rows?: number;
  /** What it is to give; none = a condition. With it, or for a condition, it is tried on a record. */
  result?: string | undefined;
  scale?: number | undefined;
  /** Count the records for which the condition gives this, and tell them as that many that break a rule. */
  breaks?: boolean | undefined;
}

/** A formula with its functions and fields at hand, checked by the server half a second after the last key. */
export function Formula({ id, object, value, onChange, change, placeholder, rows = 3, result, scale, breaks }: Props) {
  const a = useA();
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const box = useRef<HTMLTextAreaElement>(null);
  const [said, setSaid] = useState<{ ok: boolean; lines: string[] } | null>(null);
  const [busy, setBusy] = useState(false);
  const tried = useTrial({ object, formula: value, result, scale, count: breaks });
  const latest = useRef(change);
  useEffect(() => {
    latest.current = change;
  });
  useEffect(() => {
    if (!value.trim()) {
      setSaid(null);
      return;
    }
    let gone = false;
    const timer = setTimeout(() => {
      setBusy(true);
      void edited((c) => latest.current(c))
        .then(plan)
        .then(() => ({ ok: true, lines: [] as string[] }), (e: unknown) => ({ ok: false, lines: faults(e) }))
        .then((r) => {
          if (gone) return;
          setSaid(r);
          setBusy(false);
        });
    }, 500);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [value]);
  const insert = (text: string, back = 0) => {
    const el = box.current;
    const at = el?.selectionStart ?? value.length;
    const to = el?.selectionEnd ?? at;
    onChange(value.slice(0, at) + text + value.slice(to));
    requestAnimationFrame(() => {
      el?.focus();
      el?.setSelectionRange(at + text.length - back, at + text.length - back);
    });
  };
  const fields = model.object(object)?.fields.filter((f) => !['json', 'file', 'img', 'rich', 'geo', 'addr'].includes(f.type)) ?? [];
  return (
    <>
      <textarea ref={box} id={id} className="adm-in code" rows={rows} spellCheck={false} placeholder={placeholder} value={value} aria-describedby={`${id}-check`} aria-invalid={said?.ok === false} onChange={(e) => onChange(e.target.value)} />
      <div className="formula-said" id={`${id}-check`} role="status">
        {busy && !said && <span className="mut">{t('state.loading')}</span>}
        {said?.ok && <span className="row ok"><Icon name="check" size={14} />{a('formula.ok')}</span>}
        {said && !said.ok && <span className="col late">{(tried.faults.length ? tried.faults : said.lines).map((l) => <span key={l} className="pre">{l}</span>)}</span>}
      </div>
      {said?.ok && tried.answer && <Sample id={id} object={object} answer={tried.answer} result={result} scale={scale} breaks={breaks} onChoose={tried.choose} />}
      <details className="adm-more">
        <summary>{a('formula.help')}</summary>
        <div className="formula-help">{functions.map((f) => <button key={f} type="button" className="chip" onClick={() => insert(`${f}()`, 1)}>{f}</button>)}</div>
        <select className="adm-in" value="" aria-label={a('formula.insertField')} onChange={(e) => { if (e.target.value) insert(e.target.value); }}>
          <option value="">{a('formula.insertField')}</option>
          {fields.map((f) => <option key={f.name} value={f.name}>{label(f.label, lang, f.name)} ({f.name})</option>)}
        </select>
      </details>
    </>
  );
}
