import { useState } from 'react';
import { api, Problem } from '@/api/client';
import { expandedAll, label } from '@/api/model';
import { fieldErrors, words } from '@/api/problem';
import { client, keys, useModel } from '@/api/queries';
import type { Rec } from '@/api/types';
import { isBlank } from '@/fields/display';
import { Ant } from '@/fields/Ant';
import FieldInput from '@/fields/inputs';
import { Dialog } from '@/shared/Dialog';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { useA } from '../text';

const asked = ['name', 'email', 'main_dept', 'roles', 'manager_id', 'title', 'mobile', 'locale'];

/** A new person, or the place and roles of one who is there. */
export function PersonDialog({ person, onClose, onDone }: { person?: Rec; onClose: () => void; onDone: (rec: Rec) => void }) {
  const a = useA();
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const fields = asked.map((n) => model.field('user', n)).filter((f) => f !== undefined);
  const [values, setValues] = useState<Record<string, unknown>>(() => (person ? Object.fromEntries(asked.map((n) => [n, person[n]])) : { locale: lang === 'en' ? 'en' : 'zh_cn' }));
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const save = async () => {
    const lack = ['name', 'email', 'main_dept', 'roles'].filter((n) => isBlank(values[n]) && !(person && n === 'email'));
    setErrors(Object.fromEntries(lack.map((n) => [n, t('error.value.required')])));
    setWrong('');
    if (lack.length || busy) return;
    setBusy(true);
    try {
      const data = Object.fromEntries(Object.entries(values).filter(([k, v]) => (person ? JSON.stringify(v) !== JSON.stringify(person[k]) : !isBlank(v))));
      // Who is invited becomes active by setting a password behind the link.
      const rec = person ? await api.patch<Rec>(`/user/${person.id}`, data) : await api.post<Rec>('/user', { username: values['email'], status: 'invited', kind: 'internal', ...data });
      void client.invalidateQueries({ queryKey: keys.lists('user') });
      onDone(rec);
    } catch (e) {
      if (e instanceof Problem) {
        const by = fieldErrors(e.body);
        setErrors(by);
        if (Object.keys(by).every((k) => !asked.includes(k))) setWrong([words(e, lang, 'user', model).title, ...words(e, lang, 'user', model).lines].join(' '));
      } else setWrong(t('error.page'));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={person ? String(person['name']) : a('people.invite')}
      text={person ? undefined : a('people.inviteText')}
      onClose={onClose}
      onSubmit={() => void save()}
      foot={<><span className="sp" /><button type="button" className="btn q" onClick={onClose}>{t('act.cancel')}</button><button type="submit" className="btn p" disabled={busy}>{person ? t('act.save') : a('people.inviteDo')}</button></>}
    >
      <Ant>
        {wrong && <div className="notice late" role="alert" style={{ marginBottom: 14 }}><Icon name="alert" />{wrong}</div>}
        <div className="adm-two">
          {fields.map((f) => (
            <div key={f.name} className="adm-row">
              <label htmlFor={`person-${f.name}`}>{label(f.label, lang, f.name)}{f.required && <span className="mut" aria-hidden="true"> *</span>}</label>
              <FieldInput id={`person-${f.name}`} field={f} value={values[f.name] ?? null} titles={person ? expandedAll(person, f.name) : []} model={model} lang={lang} error={Boolean(errors[f.name])} describedBy={errors[f.name] ? `person-bad-${f.name}` : undefined} onChange={(v) => setValues((now) => ({ ...now, [f.name]: v }))} />
              {errors[f.name] && <span id={`person-bad-${f.name}`} className="late s12" role="alert">{errors[f.name]}</span>}
            </div>
          ))}
        </div>
      </Ant>
    </Dialog>
  );
}
