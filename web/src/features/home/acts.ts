import { open } from '@/shared/commands';
import type { Step } from './agenda';

/** Writes a follow-up on what a step is about. */
export function logOn(s: Step | undefined): void {
  if (s?.target) open({ kind: 'followUp', object: s.target.object, id: s.target.id, title: s.target.title });
}
