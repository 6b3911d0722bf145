import { Link } from '@tanstack/react-router';
import { label } from '@/api/model';
import { useModel } from '@/api/queries';
import type { ObjectMeta } from '@/api/types';
import { Icon } from '@/shared/icons';
import { useLang } from '@/shared/i18n';
import { Tag } from '@/shared/ui';
import { Body } from '../parts';
import { useA } from '../text';

/** The lawful moves of the status field, and where the stages of a board are set. */
export function LifeCycle({ object }: { object: ObjectMeta }) {
  const a = useA();
  const lang = useLang();
  const model = useModel();
  const status = object.status ? model.field(object.name, object.status) : undefined;
  const state = (key: string) => {
    const v = model.pick(status?.picklist, key);
    return <Tag key={key} colour={v?.color}>{label(v?.label, lang, key)}</Tag>;
  };
  return (
    <Body label={a('tab.cycle')}>
      <p className="adm-lead" style={{ marginTop: 12 }}>{a('cycle.lead', { field: label(status?.label, lang, '') })}</p>
      {object.board && model.object('stage') && <p className="adm-bar"><Link className="btn" to="/o/$object" params={{ object: 'stage' }}><Icon name="board" />{a('cycle.stages')}</Link></p>}
      <table className="adm-table">
        <thead><tr><th scope="col">{a('cycle.act')}</th><th scope="col">{a('cycle.from')}</th><th scope="col">{a('cycle.to')}</th><th scope="col" className="hide">{a('cycle.requires')}</th></tr></thead>
        <tbody>
          {(object.transitions ?? []).map((x) => (
            <tr key={`${x.action}-${x.from.join()}-${x.to}`}>
              <td className="wrap"><span className="name">{label(x.label, lang, x.action)}</span></td>
              <td className="wrap"><span className="row" style={{ flexWrap: 'wrap', gap: 4 }}>{x.from.map(state)}</span></td>
              <td className="wrap">{state(x.to)}</td>
              <td className="wrap hide sec">{(x.requires ?? []).map((f) => label(model.field(object.name, f)?.label, lang, f)).join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Body>
  );
}
