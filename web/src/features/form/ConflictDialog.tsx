import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { expandParam, label, titleOf } from '@/api/model';
import { keys, useHistory, useModel, useRecord, useSession, useUpdate } from '@/api/queries';
import { tell } from '@/api/problem';
import type { Expanded, Rec } from '@/api/types';
import { chosen, splitMine } from '@/fields/conflict/conflict';
import { showValue } from '@/fields/display';
import { closeLayer } from '@/shared/commands';
import { Dialog } from '@/shared/Dialog';
import * as fmt from '@/shared/format';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { toast } from '@/shared/toast';
import { Avatar, SkeletonRows } from '@/shared/ui';
import './form.css';

interface Props {
  object: string;
  id: string;
  mine: Record<string, unknown>;
  fields: string[];
  version: number;
  titles?: Record<string, Expanded | Expanded[]> | undefined;
}

/** Somebody else changed the same field: both values side by side, nothing preselected; what does not clash is joined. */
export default function ConflictDialog({ object: name, id, mine, fields, version, titles }: Props) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const session = useSession();
  const qc = useQueryClient();
  const object = model.object(name)!;
  const record = useRecord(name, id, expandParam(object.fields));
  const history = useHistory(name, id);
  const update = useUpdate(name);
  const [choice, setChoice] = useState<Record<string, 'mine' | 'theirs'>>({});
  const { asked, joined } = useMemo(() => splitMine(mine, fields), [mine, fields]);
  const theirs = record.data;
  const last = history.data?.pages.flatMap((p) => p.data).find((e) => e.changes.some((c) => fields.includes(c.field)));
  const who = last?.actor?.id === session.data?.user.id ? t('conflict.youElsewhere') : (last?.actor?.name ?? t('timeline.system'));
  const left = asked.filter((f) => !choice[f]).length;
  const own: Rec = { id, version, ...mine, $expand: titles ?? {} };
  const save = () => {
    if (left > 0 || update.isPending) return;
    const data = chosen(joined, mine, choice);
    if (Object.keys(data).length === 0) {
      closeLayer();
      return;
    }
    update.mutate({ id, version: theirs?.version ?? version, data, ...(titles ? { expand: titles } : {}) }, {
      onSuccess: () => {
        closeLayer();
        void qc.invalidateQueries({ queryKey: keys.record(name, id) });
        toast(t('conflict.saved', { name: theirs ? titleOf(object, theirs) : '' }));
      },
      onError: (e) => tell(e, lang, name, model),
    });
  };
  const option = (f: string, side: 'mine' | 'theirs', rec: Rec) => {
    const meta = model.field(name, f);
    const on = choice[f] === side;
    return (
      <label className={on ? 'conf-opt on' : 'conf-opt'}>
        <input type="radio" name={`conf-${f}`} checked={on} onChange={() => setChoice((now) => ({ ...now, [f]: side }))} />
        <span className="conf-val">{meta ? (showValue({ field: meta, rec, model, lang, dense: true }) ?? t('value.blank')) : String(rec[f] ?? '')}</span>
      </label>
    );
  };
  return (
    <Dialog
      title={t('conflict.title', { who, name: theirs ? titleOf(object, theirs) : '' })}
      text={t(Object.keys(joined).length > 0 ? 'conflict.textJoined' : 'conflict.text', { count: asked.length, rest: Object.keys(joined).length })}
      onClose={closeLayer}
      onSubmit={save}
      width={640}
      foot={
        <>
          <span>{t('conflict.kept')}</span>
          <span className="sp" />
          <button type="button" className="btn q" onClick={closeLayer}>{t('conflict.notNow')}</button>
          <button type="submit" className="btn p" disabled={left > 0 || update.isPending}>{left > 0 ? t('conflict.left', { count: left }) : t('conflict.save')}</button>
        </>
      }
    >
      {!theirs ? <SkeletonRows rows={asked.length} /> : (
        <div className="conf">
          <span className="conf-head" aria-hidden="true" />
          <span className="conf-head row"><Avatar name={session.data?.user.name ?? ''} size="x" />{t('conflict.you')}</span>
          <span className="conf-head row"><Avatar name={who} size="x" />{who}{last && `${lang === 'zh-CN' ? '，' : ', '}${fmt.dateTimeWords(new Date(last.at), lang)}`}</span>
          {asked.map((f) => (
            <div key={f} className="conf-row" role="radiogroup" aria-label={label(model.field(name, f)?.label, lang, f)}>
              <span className="conf-name">{label(model.field(name, f)?.label, lang, f)}</span>
              {option(f, 'mine', own)}
              {option(f, 'theirs', theirs)}
            </div>
          ))}
          {Object.keys(joined).length > 0 && (
            <div className="conf-row">
              <span className="conf-name">{t('conflict.joined')}</span>
              <span className="conf-joined"><Icon name="check" />{Object.keys(joined).map((f) => label(model.field(name, f)?.label, lang, f)).join(lang === 'zh-CN' ? '、' : ', ')}</span>
            </div>
          )}
        </div>
      )}
    </Dialog>
  );
}
