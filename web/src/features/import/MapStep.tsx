import { useState } from 'react';
import { label, plural } from '@/api/model';
import { useModel } from '@/api/queries';
import { Ant } from '@/fields/Ant';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { TabList, tabStop } from '@/shared/tabs';
import { Choice } from './Choice';
import { Columns } from './Columns';
import { nameOf, sheetOf, used } from './plan';
import type { SheetChoice, Upload } from './types';

interface Props {
  upload: Upload;
  choices: SheetChoice[];
  onChange: (next: SheetChoice[]) => void;
  onBack: () => void;
  onNext: () => void;
}

/** Which sheet becomes which object, and which column goes into which field, with the reason it was recognised by. */
export function MapStep({ upload, choices, onChange, onBack, onNext }: Props) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const [at, setAt] = useState(0);
  const choice = choices[at];
  const sheet = choice && sheetOf(upload, choice);
  if (!sheet || !choice) return null;
  const set = (part: Partial<SheetChoice>) => onChange(choices.map((c, i) => (i === at ? { ...c, ...part } : c)));
  const object = choice.object ? model.object(choice.object) : undefined;
  const known = sheet.columns.filter((c) => used(choice, c.header)).length;
  const objects = model.doc.objects.filter((o) => o.rights.import);
  const ready = choices.some((c) => c.object && c.map.some((m) => m.field));
  const move = (by: number) => {
    const next = [...choices];
    next.splice(at + by, 0, ...next.splice(at, 1));
    onChange(next);
    setAt(at + by);
  };
  const twice = () => {
    onChange([...choices.slice(0, at), { ...choice, object: null, map: sheet.columns.map((c) => ({ column: c.header, field: null })) }, ...choices.slice(at)]);
  };
  const twin = choices.filter((c) => sheetOf(upload, c) === sheet).length > 1;
  const fieldOptions = choice.map.filter((m) => m.field).map((m) => ({ value: m.field ?? '', label: label(model.field(object?.name ?? '', m.field ?? '')?.label, lang, m.field ?? '') }));
  return (
    <Ant>
      <div className="imp-body">
        {choices.length > 1 && (
          <div className="imp-order">
            <TabList className="tabs imp-tabs" label={t('import.sheet')}>
              {choices.map((c, i) => {
                const into = c.object ? model.object(c.object) : undefined;
                return (
                  // oxlint-disable-next-line react/no-array-index-key -- the same sheet may stand here more than once; its place is what tells it apart
                  <button key={i} type="button" role="tab" aria-selected={i === at} tabIndex={tabStop(i === at)} onClick={() => setAt(i)}>
                    {nameOf(upload, c) || t('import.inPlan')}
                    <Icon name={into ? 'arrow' : 'x'} size={12} />
                    <span className="mut">{into ? label(into.label, lang, into.name) : t('import.skipSheet')}</span>
                  </button>
                );
              })}
            </TabList>
          </div>
        )}
        <div className="imp-options">
          <p>
            <b className="b">{t('import.recognised', { known, all: sheet.columns.length })}</b>
            {sheet.columns.length > known && t('import.left', { count: sheet.columns.length - known })}
            {lang === 'zh-CN' ? '。' : '. '}
            <span className="mut">{t('import.rows', { count: sheet.rows, n: fmt.number(sheet.rows, lang) })}</span>
          </p>
          <span className="sp" />
          <Choice text={t('import.into')} value={choice.object ?? ''} onChange={(v) => set({ object: v || null })} options={[...objects.map((o) => ({ value: o.name, label: plural(o, lang) })), { value: '', label: t('import.skipSheet') }]} width={160} />
          <Choice text={t('import.mode')} value={choice.mode ?? 'create'} onChange={(v) => set({ mode: v as 'create' | 'update' | 'upsert' })} options={(['create', 'upsert', 'update'] as const).map((m) => ({ value: m, label: t(`import.mode.${m}`) }))} width={150} />
          {choice.mode !== 'create' && object && <Choice text={t('import.match')} value={choice.match ?? ''} onChange={(v) => set({ match: v || null })} options={[{ value: '', label: t('import.matchAuto') }, ...fieldOptions]} width={140} />}
          {choice.mode !== 'update' && <Choice text={t('import.dup')} value={choice.on_duplicate ?? 'skip'} onChange={(v) => set({ on_duplicate: v as 'skip' | 'update' | 'create' | 'error' })} options={(['skip', 'update', 'create', 'error'] as const).map((m) => ({ value: m, label: t(`import.dup.${m}`) }))} width={140} />}
          <Choice text={t('import.distinct')} value={choice.distinct ?? ''} onChange={(v) => set({ distinct: v || null })} options={[{ value: '', label: t('import.distinctNone') }, ...sheet.columns.map((c) => ({ value: c.header, label: t('import.distinctBy', { name: c.header }) }))]} width={170} />
        </div>
        {object && <Columns sheet={sheet} choice={choice} object={object} onChange={(map) => set({ map })} />}
        {object && <Beside choice={choice} />}
        <div className="row imp-acts">
          {choices.length > 1 && <button type="button" className="btn q" disabled={at === 0} onClick={() => move(-1)}>{t('import.earlier')}</button>}
          {choices.length > 1 && <button type="button" className="btn q" disabled={at === choices.length - 1} onClick={() => move(1)}>{t('import.later')}</button>}
          {!choice.rows?.length && <button type="button" className="btn q" onClick={twice}>{t('import.twice')}</button>}
          {twin && <button type="button" className="btn q" onClick={() => { onChange(choices.filter((c) => c !== choice)); setAt(0); }}>{t('import.notTwice')}</button>}
          {(object?.name === 'lead' || object?.name === 'account') && (
            <label className="row"><input type="checkbox" checked={choice.assign_by_rule ?? false} onChange={(e) => set({ assign_by_rule: e.target.checked })} />{t('import.assignByRule')}</label>
          )}
          {object && model.doc.functions?.includes('import.set_state') && (
            <>
              <label className="row"><input type="checkbox" checked={choice.set_state ?? false} onChange={(e) => set({ set_state: e.target.checked })} />{t('import.setState')}</label>
              <label className="row"><input type="checkbox" checked={choice.keep_times ?? false} onChange={(e) => set({ keep_times: e.target.checked })} />{t('import.keepTimes')}</label>
            </>
          )}
        </div>
      </div>
      <footer className="imp-foot">
        <Icon name="undo" />
        <span className="el">{t('import.undoHint')}</span>
        <span className="sp" />
        <button type="button" className="btn" onClick={onBack}>{t('act.back')}</button>
        <button type="button" className="btn p" disabled={!ready} onClick={onNext}>{t('act.next')}</button>
      </footer>
    </Ant>
  );
}

/** What a plan says beside its columns: the same value in every row, records made with each row. */
function Beside({ choice }: { choice: SheetChoice }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const named = (object: string, field: string) => label(model.field(object, field)?.label, lang, field);
  const said = (v: unknown): string => {
    if (typeof v !== 'object' || v === null) return String(v);
    const { object: _of, ...by } = v as Record<string, unknown>;
    return Object.values(by).map(String).join(', ');
  };
  const set = Object.entries(choice.set ?? {}).map(([f, v]) => `${named(choice.object ?? '', f)} = ${said(v)}`);
  const made = (choice.child ?? []).map((c) => {
    const o = model.object(c.object);
    return `${o ? label(o.label, lang, o.name) : c.object}: ${c.map.map((m) => `${m.column ?? ''} → ${named(c.object, m.field)}`).join(', ')}`;
  });
  return (
    <>
      {set.length > 0 && <p className="s12 sec imp-note">{t('import.everyRow', { what: set.join(' · ') })}</p>}
      {made.map((m) => <p key={m} className="s12 sec imp-note">{t('import.withRow', { what: m })}</p>)}
    </>
  );
}
