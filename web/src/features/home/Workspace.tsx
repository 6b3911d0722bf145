import { Link } from '@tanstack/react-router';
import { plural } from '@/api/model';
import { useAggregate, useModel } from '@/api/queries';
import * as fmt from '@/shared/format';
import { Icon, objectIcon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { useBlock } from './useHome';

/** What an administrator looks after: people, sign-ins, imports, possible duplicates; every figure opens its rows. */
export function Workspace() {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const people = useAggregate('user', { group: ['status'], measures: [{ fn: 'count' }] }, model.object('user')?.rights.read === true);
  const logins = useBlock('login_log', { sort: '-created_at', limit: 4, expand: 'user_id' });
  const imports = useBlock('import_job', { sort: '-created_at', limit: 3 });
  const count = (s: string) => Number(people.data?.groups.find((g) => g.key['status'] === s)?.values[0] ?? 0);
  const field = model.field('user', 'status');
  const kinds = model.picks(field?.picklist).filter((k) => count(k.key) > 0);
  const tools = (['user', 'role', 'duplicate_rule', 'audit_log'] as const).map((n) => model.object(n)).filter((o) => o?.rights.read);
  return (
    <section aria-label={t('home.workspace')} className="pblock">
      <h2 className="sect">{t('home.workspace')}<span className="sp" /><Link className="link s12" style={{ fontWeight: 400 }} to="/settings">{t('settings.title')}</Link></h2>
      <dl className="ws-figures">
        {kinds.map((k) => (
          <div key={k.key}>
            <dd className="num"><Link className="link-quiet" to="/o/$object" params={{ object: 'user' }} search={{ layout: 'table', filter: { and: [{ field: 'status', op: 'in', value: [k.key] }] } }}>{fmt.number(count(k.key), lang)}</Link></dd>
            <dt>{t('home.people', { status: lang === 'zh-CN' ? k.label.zh : k.label.en.toLowerCase() })}</dt>
          </div>
        ))}
        <div><dd className="num">{logins.length ? fmt.dateTimeWords(new Date(String(logins[0]?.created_at)), lang) : '–'}</dd><dt>{t('home.lastLogin')}</dt></div>
        {imports.length > 0 && <div><dd className="num">{fmt.dateWords(new Date(String(imports[0]?.created_at)), lang)}</dd><dt>{t('home.lastImport')}</dt></div>}
      </dl>
      <ul className="pl tools">
        {tools.map((o) => o && (
          <li key={o.name}><span className="mut"><Icon name={objectIcon(o.icon, o.name)} /></span><Link className="link-quiet sp el" to="/o/$object" params={{ object: o.name }}>{plural(o, lang)}</Link><span className="mut"><Icon name="right" size={14} /></span></li>
        ))}
      </ul>
    </section>
  );
}
