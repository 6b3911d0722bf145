import text from '../../../../CHANGELOG.md?raw';
import { Markdown } from './Markdown';

/** What is new, from the project's changelog. */
export default function Changes() {
  return <div lang="en"><Markdown text={text.replace(/^# .+\n+/, '')} /></div>;
}
