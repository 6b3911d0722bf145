import { useEffect, useMemo, useRef, useState } from 'react';
import { uploadFiles, filesOf } from './files';
import { Icon } from '@/shared/icons';
import * as fmt from '@/shared/format';
import { useT } from '@/shared/i18n';
import './files.css';

interface Props {
  /** Ids of attachments, or files that wait for their record. */
  value: unknown;
  onChange: (v: unknown) => void;
  label: string;
  id?: string | undefined;
  /** The record the files belong to; without it they wait. */
  home?: { object: string; id: string; field: string } | undefined;
}

export function stampName(): string {
  return fmt.exact(new Date()).replace(/[: ]/g, '-');
}

/** Small pictures and names of files; each can be taken away again. */
export function FileChips({ files, onRemove }: { files: File[]; onRemove: (i: number) => void }) {
  const t = useT();
  const urls = useMemo(() => files.map((f) => (f.type.startsWith('image/') ? URL.createObjectURL(f) : null)), [files]);
  useEffect(() => () => urls.forEach((u) => u && URL.revokeObjectURL(u)), [urls]);
  return (
    <>
      {files.map((f, i) => (
        <span key={`${f.name}${f.size}${f.lastModified}`} className="tag file-chip">
          {urls[i] ? <img src={urls[i]} alt="" /> : <Icon name="clip" size={12} />}
          <span className="el">{f.name}</span>
          <button type="button" className="chip-x" aria-label={t('file.remove', { name: f.name })} onClick={() => onRemove(i)}><Icon name="x" size={12} /></button>
        </span>
      ))}
    </>
  );
}

/** Files by choosing, dragging or pasting. */
export function FileBox({ value, onChange, label, id, home }: Props) {
  const t = useT();
  const [over, setOver] = useState(false);
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const all = Array.isArray(value) ? (value as (string | File)[]) : [];
  const waiting = all.filter((x): x is File => x instanceof File);
  const ids = all.filter((x): x is string => typeof x === 'string');
  const add = async (files: File[]) => {
    if (!files.length) return;
    if (!home) return onChange([...all, ...files]);
    setBusy(true);
    try {
      onChange([...ids, ...(await uploadFiles(home.object, home.id, home.field, files))]);
    } finally {
      setBusy(false);
    }
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- dropping and pasting only add to what the button does
    <div className={over ? 'file-box over' : 'file-box'}
      onDragOver={(e) => { e.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)}
      onDrop={(e) => { e.preventDefault(); setOver(false); void add(filesOf(e.dataTransfer, stampName())); }}
      onPaste={(e) => void add(filesOf(e.clipboardData, stampName()))}>
      <button type="button" className="btn s" disabled={busy} {...(id ? { id } : {})} aria-label={`${label}: ${t('file.choose')}`} onClick={() => input.current?.click()}><Icon name="clip" size={14} />{t('file.choose')}</button>
      <input ref={input} type="file" multiple hidden onChange={(e) => { void add([...(e.target.files ?? [])]); e.target.value = ''; }} />
      {all.length === 0 && <span className="mut s12">{t('file.drop')}</span>}
      {ids.length > 0 && <span className="tag">{t('value.count', { count: ids.length })}</span>}
      <FileChips files={waiting} onRemove={(i) => onChange([...ids, ...waiting.filter((_f, k) => k !== i)])} />
    </div>
  );
}
