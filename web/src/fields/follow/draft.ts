import { local } from '@/shared/store';

/** What was typed for a record and not saved yet; kept in this browser. */
export interface Draft {
  text: string;
  kind: string;
  next: string | null;
  who: string[];
}

const key = (id: string) => `rapport.draft.${id}`;

export function readDraft(id: string): Draft {
  const none: Draft = { text: '', kind: '', next: null, who: [] };
  const raw = local.get(key(id));
  if (!raw) return none;
  try {
    const d = JSON.parse(raw) as Partial<Draft>;
    return typeof d === 'object' && d !== null ? { text: String(d.text ?? ''), kind: String(d.kind ?? ''), next: typeof d.next === 'string' ? d.next : null, who: Array.isArray(d.who) ? d.who.map(String) : [] } : none;
  } catch {
    // A draft of an older page was plain text.
    return { ...none, text: raw };
  }
}

export function writeDraft(id: string, d: Draft | null): void {
  local.set(key(id), d && (d.text || d.next || d.who.length) ? JSON.stringify(d) : null);
}
