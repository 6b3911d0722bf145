import { useState } from 'react';
import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import { Icon } from '@/shared/icons';
import { useLang } from '@/shared/i18n';
import { MenuButton } from '@/shared/Pop';
import { toast, toastError } from '@/shared/toast';
import { Empty } from '@/shared/ui';
import { Body } from '../parts';
import { useA } from '../text';
import { dropRule, moveRule, putRule, rulesOf, type CRule, type Custom } from './custom';
import { RuleDialog } from './RuleDialog';
import { applyEdit, applyText, faults } from './useCustom';

/** The rules of an object in the order they are judged: what is refused, in whose words, and where it is told. */
export function RulesTab({ object, custom, adding, onAdded, onAdd }: { object: string; custom: Custom; adding: boolean; onAdd: () => void; onAdded: () => void }) {
  const a = useA();
  const lang = useLang();
  const model = useModel();
  const rules = rulesOf(custom, object);
  const [edit, setEdit] = useState<CRule | null>(null);
  const change = async (make: (c: Custom) => void, said: string) => {
    try {
      const { before } = await applyEdit(make);
      toast(said, { undo: () => void applyText(before).then(() => toast(a('model.undone'))) });
    } catch (e) {
      toastError(a('field.refused'), { detail: faults(e) });
    }
  };
  const turn = (r: CRule, on: boolean) => {
    const { enabled: _e, ...rest } = r;
    return change((c) => putRule(c, on ? rest : { ...rest, enabled: false }), a(on ? 'rules.turnedOn' : 'rules.turnedOff'));
  };
  return (
    <Body label={a('tab.rules', { count: rules.length })}>
      {rules.length === 0 ? (
        <Empty title={a('rules.none')} text={a('rules.noneText')}><button type="button" className="btn p" onClick={onAdd}><Icon name="plus" />{a('rules.new')}</button></Empty>
      ) : (
        <ol className="rule-list">
          {rules.map((r, i) => {
            const said = label(r.message, lang, r.code);
            const on = r.enabled !== false;
            const field = r.field ? model.field(object, r.field) : undefined;
            return (
              <li key={r.code} data-rule={r.code} className={on ? '' : 'off'}>
                <input type="checkbox" role="switch" aria-checked={on} className="rule-switch" checked={on} aria-label={a('rules.switch', { name: said })} onChange={(e) => void turn(r, e.target.checked)} />
                <div className="col">
                  <button type="button" className="rule-said" onClick={() => setEdit(r)}>{said}</button>
                  <span className="rule-formula"><span className="mut">{a(r.refuse_if === undefined ? 'rules.must' : 'rules.refuse')}</span> <code>{r.must ?? r.refuse_if}</code></span>
                  <span className="mut s12"><span className="api">{r.code}</span>{field ? ` · ${a('rules.at', { field: label(field.label, lang, field.name) })}` : ''}{on ? '' : ` · ${a('rules.off')}`}</span>
                </div>
                <span className="sp" />
                {rules.length > 1 && (
                  <>
                    <button type="button" className="tap hide" disabled={i === 0} aria-label={a('rules.up', { name: said })} onClick={() => void change((c) => moveRule(c, object, r.code, -1), a('rules.moved'))}><Icon name="up" /></button>
                    <button type="button" className="tap hide" disabled={i === rules.length - 1} aria-label={a('rules.down', { name: said })} onClick={() => void change((c) => moveRule(c, object, r.code, 1), a('rules.moved'))}><Icon name="down" /></button>
                  </>
                )}
                <MenuButton className="tap" label={a('field.menu', { name: said })} items={[
                  { key: 'edit', text: a('edit'), icon: 'edit', run: () => setEdit(r) },
                  ...(i > 0 ? [{ key: 'up', text: a('rules.moveUp'), icon: 'up' as const, run: () => void change((c) => moveRule(c, object, r.code, -1), a('rules.moved')) }] : []),
                  ...(i < rules.length - 1 ? [{ key: 'down', text: a('rules.moveDown'), icon: 'down' as const, run: () => void change((c) => moveRule(c, object, r.code, 1), a('rules.moved')) }] : []),
                  { key: 'drop', text: a('rules.drop'), icon: 'trash', danger: true, run: () => void change((c) => dropRule(c, object, r.code), a('rules.dropped')) },
                ]}><Icon name="more" /></MenuButton>
              </li>
            );
          })}
        </ol>
      )}
      {(adding || edit) && <RuleDialog key={edit?.code ?? ''} object={object} custom={custom} edit={edit ?? undefined} onClose={() => { setEdit(null); onAdded(); }} />}
    </Body>
  );
}
