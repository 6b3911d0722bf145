import { closeLayer } from '@/shared/commands';
import { Dialog } from '@/shared/Dialog';
import { useT, type TextKey } from '@/shared/i18n';
import './palette.css';

const keysShown: [string[], TextKey][] = [
  [['Ctrl', 'K'], 'help.palette'],
  [['/'], 'help.search'],
  [['G', 'H'], 'help.go'],
  [['C'], 'help.create'],
  [['F'], 'help.follow'],
  [['J', 'K'], 'help.move'],
  [['O'], 'help.open'],
  [['E'], 'help.edit'],
  [['X'], 'help.select'],
  [['M'], 'help.stage'],
  [['Ctrl', 'Z'], 'help.undo'],
  [['Ctrl', '↵'], 'help.save'],
  [['Esc'], 'help.close'],
  [['?'], 'help.help'],
];

/** The keys, on one card. */
export default function Help() {
  const t = useT();
  return (
    <Dialog title={t('help.title')} text={t('help.text')} onClose={closeLayer} width={440}>
      <dl className="help-keys">
        {keysShown.map(([k, text]) => (
          <div key={text} style={{ display: 'contents' }}>
            <dt>{k.map((x) => <kbd key={x}>{x}</kbd>)}</dt>
            <dd>{t(text)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
