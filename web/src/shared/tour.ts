import { createStore, local } from './store';

/** Whether this browser's reader has seen the tour or sent it away. */
export const tourSeen = createStore(local.get('rapport.tour') === 'done');
tourSeen.subscribe(() => local.set('rapport.tour', tourSeen.get() ? 'done' : null));
