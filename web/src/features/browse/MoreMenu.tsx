import { useNavigate } from '@tanstack/react-router';
import { url } from '@/api/client';
import { Icon } from '@/shared/icons';
import { useT } from '@/shared/i18n';
import { MenuButton, type MenuItem } from '@/shared/Pop';
import type { Browse } from './useBrowse';

/** Import and export of what is shown. */
export function MoreMenu({ browse }: { browse: Browse }) {
  const t = useT();
  const navigate = useNavigate();
  const { object } = browse;
  const save = (format: 'csv' | 'xlsx' | 'vcf') => {
    const a = document.createElement('a');
    a.href = url(`/${object.name}/export`, {
      format,
      filter: browse.filter ? JSON.stringify(browse.filter) : undefined,
      sort: browse.sort,
      q: browse.q,
      fields: format === 'vcf' ? undefined : browse.columns.map((f) => f.name).join(','),
    });
    a.download = '';
    document.body.append(a);
    a.click();
    a.remove();
  };
  const items: (MenuItem | 'line')[] = [];
  if (object.rights.import) items.push({ key: 'import', text: t('import.do'), icon: 'upload', run: () => void navigate({ to: '/import/$object', params: { object: object.name } }) });
  if (object.rights.export) {
    if (items.length) items.push('line');
    items.push({ key: 'xlsx', text: t('export.xlsx'), icon: 'download', run: () => save('xlsx') }, { key: 'csv', text: t('export.csv'), icon: 'download', run: () => save('csv') });
    if (object.name === 'contact') items.push({ key: 'vcf', text: t('export.vcf'), icon: 'download', run: () => save('vcf') });
  }
  if (items.length === 0) return null;
  return (
    <MenuButton className="btn s q ic" label={t('list.more')} items={items}>
      <Icon name="more" />
    </MenuButton>
  );
}
