import { api } from '@/api/client';
import { tell } from '@/api/problem';
import { Icon } from '@/shared/icons';
import { useLang, useT } from '@/shared/i18n';
import { saveFile } from '@/shared/save';
import { planOf } from './plan';
import type { SheetChoice, Upload } from './types';

/** Keeps what was decided as a file: dropped beside the data the next time, or given to the command line. */
export function SavePlan({ upload, choices }: { upload: Upload; choices: SheetChoice[] }) {
  const t = useT();
  const lang = useLang();
  const save = async () => {
    try {
      const text = await api.post<string>('/import/plan', { upload_id: upload.upload_id, sheets: planOf(choices) });
      saveFile('import.toml', new Blob([text], { type: 'application/toml' }));
    } catch (e) {
      tell(e, lang);
    }
  };
  return <button type="button" className="btn" onClick={() => void save()}><Icon name="download" />{t('import.savePlan')}</button>;
}
