import { useState } from 'react';
import { api, call } from '@/api/client';
import { words, type Words } from '@/api/problem';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { SkeletonRows } from '@/shared/ui';
import { AdminPage, Body } from '../parts';
import { useA } from '../text';
import { useCustom } from '../objects/useCustom';
import { draftOf, type Guess, type ObjectDraft } from './draft';
import { Proposal } from './Proposal';
import { Progress } from './Progress';
import '@/features/import/import.css';
import './sheet.css';

/** An object out of a spreadsheet: read, looked over, made, filled. Nothing is changed before the button below the table. */
export default function FromSheetPage() {
  const a = useA();
  const t = useT();
  const lang = useLang();
  const custom = useCustom();
  const [file, setFile] = useState('');
  const [guess, setGuess] = useState<Guess | null>(null);
  const [draft, setDraft] = useState<ObjectDraft | null>(null);
  const [job, setJob] = useState<string | null>(null);
  const [trouble, setTrouble] = useState<Words | null>(null);
  const read = async (f: File | undefined) => {
    if (!f || file) return;
    setFile(f.name);
    setTrouble(null);
    const form = new FormData();
    form.append('file', f);
    try {
      const { upload_id } = await call<{ upload_id: string }>('/import/uploads', { method: 'POST', body: form });
      const made = await api.post<Guess>('/meta/guess', { upload_id });
      setGuess(made);
      setDraft(made.sheets[0] ? draftOf(made.sheets[0]) : null);
    } catch (e) {
      setTrouble(words(e, lang));
      setFile('');
    }
  };
  const again = () => {
    setGuess(null);
    setDraft(null);
    setFile('');
  };
  return (
    <AdminPage
      title={a('sheet.title')}
      crumbs={[{ to: '/settings/objects', text: t('settings.objects') }]}
      tag={file && guess ? <span className="tag sheet-file"><Icon name="file" size={12} /><span className="el">{file}</span></span> : undefined}
      actions={guess && !job ? <button type="button" className="btn" onClick={again}>{a('sheet.other')}</button> : undefined}
    >
      {!guess || !draft ? (
        <Body label={a('sheet.title')}>
          <p className="adm-lead">{a('sheet.lead')}</p>
          <Drop busy={file !== ''} name={file} trouble={trouble} onFile={(f) => void read(f)} />
        </Body>
      ) : !custom.data ? <SkeletonRows /> : job ? (
        <Progress job={job} draft={draft} />
      ) : (
        <Proposal guess={guess} draft={draft} custom={custom.data.doc} onDraft={setDraft} onStarted={setJob} />
      )}
    </AdminPage>
  );
}

function Drop({ busy, name, trouble, onFile }: { busy: boolean; name: string; trouble: Words | null; onFile: (f: File | undefined) => void }) {
  const a = useA();
  const t = useT();
  const [over, setOver] = useState(false);
  return (
    <div className="sheet-drop">
      <label
        className={over ? 'imp-drop over' : 'imp-drop'}
        aria-busy={busy || undefined}
        onDragOver={(e) => { e.preventDefault(); setOver(true); }}
        onDragLeave={() => setOver(false)}
        onDrop={(e) => { e.preventDefault(); setOver(false); onFile(e.dataTransfer.files[0]); }}
      >
        <Icon name="upload" size={28} />
        <span className="b">{busy ? t('import.reading', { name }) : t('import.drop')}</span>
        <span className="mut s12">{a('sheet.dropText')}</span>
        <input className="sr" type="file" accept=".csv,.tsv,.txt,.xlsx" disabled={busy} onChange={(e) => { onFile(e.target.files?.[0]); e.target.value = ''; }} />
        <span className="btn p" aria-hidden="true">{t('import.choose')}</span>
      </label>
      {trouble ? (
        <div className="notice late" role="alert">
          <Icon name="alert" />
          <div className="col"><b>{trouble.title}</b>{trouble.lines.map((l) => <span key={l}>{l}</span>)}<span className="s12">{a('sheet.nothingChanged')}</span></div>
        </div>
      ) : (
        <ul className="imp-tell">
          {(['guess', 'change', 'undo'] as const).map((k) => <li key={k}><Icon name="check" size={14} />{a(`sheet.tell.${k}`)}</li>)}
        </ul>
      )}
    </div>
  );
}
