import { Link, useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { call } from '@/api/client';
import { inner, label, plural } from '@/api/model';
import { useModel } from '@/api/queries';
import { words, type Words } from '@/api/problem';
import type { ObjectMeta } from '@/api/types';
import { editable } from '@/fields/editable';
import { Icon } from '@/shared/icons';
import { useLang, useT, type Lang, type TextKey } from '@/shared/i18n';
import { Empty } from '@/shared/ui';
import { MapStep } from './MapStep';
import { RunStep } from './RunStep';
import { ValuesStep } from './ValuesStep';
import { begun } from './plan';
import type { SheetChoice, Upload } from './types';
import './import.css';

const steps = ['upload', 'map', 'values', 'try', 'run'] as const;
type Step = (typeof steps)[number];

/** A spreadsheet becomes records in five steps; nothing is written before the last. */
export default function ImportPage() {
  const { object: name = '' } = useParams({ strict: false });
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const object = model.object(name);
  const [step, setStep] = useState<Step>('upload');
  const [upload, setUpload] = useState<Upload | null>(null);
  const [file, setFile] = useState('');
  const [choices, setChoices] = useState<SheetChoice[]>([]);
  const [trouble, setTrouble] = useState<Words | null>(null);
  useEffect(() => {
    if (object) document.title = `${t('import.title', { name: inner(plural(object, lang), lang) })} · ${t('app.name')}`;
  }, [object, lang, t]);
  if (!object?.rights.import) return <Empty drawing="search" title={t('state.notFound')} text={t('state.notFoundText')} />;

  const read = async (given: File[]) => {
    const plan = given.find((f) => f.name.toLowerCase().endsWith('.toml'));
    const files = given.filter((f) => f !== plan);
    if (!files.length) return;
    setFile(files.map((f) => f.name).join(', '));
    setTrouble(null);
    const form = new FormData();
    form.append('object', name);
    if (plan) form.append('plan', plan);
    for (const f of files) form.append('file', f);
    try {
      const made = await call<Upload>('/import/uploads', { method: 'POST', body: form });
      setUpload(made);
      setChoices(begun(made, name));
      setStep('map');
    } catch (e) {
      setTrouble(words(e, lang));
      setFile('');
    }
  };
  const at = steps.indexOf(step);
  const restart = () => {
    setUpload(null);
    setFile('');
    setStep('upload');
  };
  return (
    <>
      <header className="top imp-top">
        <h1>{t('import.title', { name: inner(plural(object, lang), lang) })}</h1>
        {file && <span className="tag"><Icon name="file" size={12} /><span className="el">{file}</span></span>}
        <span className="sp" />
        <ol className="steps">
          {steps.map((s, i) => (
            <li key={s} className={i === at ? 'now' : i < at ? 'done' : ''} aria-current={i === at ? 'step' : undefined}>
              <span className="step-n">{i < at ? <Icon name="check" size={12} /> : i + 1}</span>
              <span className="step-t">{t(`import.step.${s}` as TextKey)}</span>
            </li>
          ))}
        </ol>
      </header>
      {step === 'upload' && <Drop busy={file !== ''} name={file} object={object} trouble={trouble} onFiles={(f) => void read(f)} />}
      {upload && step === 'map' && <MapStep upload={upload} choices={choices} onChange={setChoices} onBack={restart} onNext={() => setStep('values')} />}
      {upload && step === 'values' && <ValuesStep upload={upload} choices={choices} onChange={setChoices} onBack={() => setStep('map')} onNext={() => setStep('try')} />}
      {upload && (step === 'try' || step === 'run') && <RunStep key={step} upload={upload} choices={choices} dry={step === 'try'} object={object} onBack={() => setStep('values')} onNext={() => setStep('run')} onRestart={restart} />}
    </>
  );
}

/** The headers an import knows for sure, as a sheet to fill in. */
function template(object: ObjectMeta, lang: Lang): string {
  const heads = object.fields.filter((f) => editable(f) && f.section && !['file', 'img', 'json'].includes(f.type)).map((f) => label(f.label, lang, f.name));
  // Spreadsheets take a file without this mark for another encoding.
  return `\ufeff${heads.map((h) => (/[",]/.test(h) ? `"${h.replace(/"/g, '""')}"` : h)).join(',')}\r\n`;
}

function Drop({ busy, name, object, trouble, onFiles }: { busy: boolean; name: string; object: ObjectMeta; trouble: Words | null; onFiles: (f: File[]) => void }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const [over, setOver] = useState(false);
  return (
    <div className="imp-drop-wrap">
      <label
        className={over ? 'imp-drop over' : 'imp-drop'}
        onDragOver={(e) => { e.preventDefault(); setOver(true); }}
        onDragLeave={() => setOver(false)}
        onDrop={(e) => { e.preventDefault(); setOver(false); onFiles([...e.dataTransfer.files]); }}
      >
        <Icon name="upload" size={28} />
        <span className="b">{busy ? t('import.reading', { name }) : t('import.drop')}</span>
        <span className="mut s12">{t('import.dropText')}</span>
        <input className="sr" type="file" multiple accept=".csv,.tsv,.txt,.xlsx,.toml" disabled={busy} onChange={(e) => { onFiles([...(e.target.files ?? [])]); e.target.value = ''; }} />
        <span className="btn p" aria-hidden="true">{t('import.choose')}</span>
      </label>
      {!trouble && (
        <ul className="imp-tell">
          {(['guess', 'try', 'undo'] as const).map((k) => <li key={k}><Icon name="check" size={14} />{t(`import.tell.${k}`)}</li>)}
        </ul>
      )}
      <div className="row imp-more">
        <a className="link" download={`${t('import.templateName', { name: label(object.label, lang) })}.csv`} href={`data:text/csv;charset=utf-8,${encodeURIComponent(template(object, lang))}`}>{t('import.template')}</a>
        {model.object('import_job')?.rights.read && <Link className="link" to="/settings/imports">{t('import.history')}</Link>}
      </div>
      {trouble && (
        <div className="notice late" role="alert">
          <Icon name="alert" />
          <div className="col"><b>{trouble.title}</b>{trouble.lines.map((l) => <span key={l}>{l}</span>)}{trouble.trace && <span className="s12 mut">{t('error.trace', { id: trouble.trace })}</span>}</div>
        </div>
      )}
    </div>
  );
}
