import { inner, label, plural } from '@/api/model';
import { open } from '@/shared/commands';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { Empty } from '@/shared/ui';
import { conditions } from './filter/filters';
import type { Browse } from './useBrowse';

/** No records: because there are none yet, or because the conditions let none through. */
export function NothingHere({ browse, drawing = 'list' }: { browse: Browse; drawing?: 'list' | 'board' }) {
  const t = useT();
  const lang = useLang();
  const { object } = browse;
  if (conditions(browse.filter).length > 0 || browse.q) {
    return (
      <Empty drawing="search" title={t('empty.filtered')} text={t('empty.filteredText')}>
        <button type="button" className="btn" onClick={browse.clear}>{t('filter.clear')}</button>
      </Empty>
    );
  }
  return (
    <Empty drawing={drawing} title={t('empty.none', { name: inner(plural(object, lang), lang) })} text={drawing === 'board' ? t('empty.boardText') : t('empty.noneText')}>
      {object.rights.create && <button type="button" className="btn p" onClick={() => open({ kind: 'create', object: object.name })}><Icon name="plus" />{t('empty.first', { name: inner(label(object.label, lang), lang) })}</button>}
    </Empty>
  );
}
