import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react';
import { expandedAll, label, titleOf } from '@/api/model';
import { useModel } from '@/api/queries';
import { tell } from '@/api/problem';
import type { Expanded, FieldMeta, Rec } from '@/api/types';
import { useSave } from '@/fields/conflict/conflict';
import { composing } from '@/shared/hotkeys';
import { useLang, useT } from '@/shared/i18n';
import { toast } from '@/shared/toast';

const FieldInput = lazy(() => import('@/fields/inputs'));
const oneTouch = new Set(['pick', 'ref', 'md', 'user', 'dept', 'date', 'dt', 'bool', 'rating']);

/** Edits one value where it stands: Enter keeps, Tab goes on, Escape puts back. */
export function CellEditor({ object, field, rec, onStop, onTab }: { object: string; field: FieldMeta; rec: Rec; onStop: () => void; onTab: (back: boolean) => void }) {
  const t = useT();
  const lang = useLang();
  const model = useModel();
  const write = useSave(object);
  // What the person saw when the editor opened: others may change the record while they type.
  const [base] = useState(rec);
  const first = base[field.name];
  const [value, setValue] = useState<unknown>(first);
  const latest = useRef<{ value: unknown; titles?: Expanded | Expanded[] | undefined }>({ value: first });
  const box = useRef<HTMLDivElement>(null);
  const done = useRef(false);

  const save = useCallback(() => {
    if (done.current) return;
    done.current = true;
    const { value: next, titles } = latest.current;
    if (JSON.stringify(next ?? null) === JSON.stringify(first ?? null)) return;
    const name = label(field.label, lang, field.name);
    const who = titleOf(model.object(object), base);
    write({ id: base.id, version: base.version, data: { [field.name]: next ?? null }, ...(titles ? { expand: { [field.name]: titles } } : {}) })
      .then((fresh) => {
        // The dialog that asks has taken over.
        if (fresh === null) return;
        // The undo carries the version just written: a change of somebody else in between is asked about, not overwritten.
        const undo = () => void write({ id: base.id, version: fresh.version, data: { [field.name]: first ?? null } }).catch((e: unknown) => tell(e, lang, object, model));
        toast(t('edit.done', { field: name, name: who }), { undo });
      })
      .catch((e: unknown) => tell(e, lang, object, model, t('edit.putBack', { field: name })));
  }, [base, field, first, lang, model, object, t, write]);

  useEffect(() => {
    const outside = (e: PointerEvent) => {
      const target = e.target as HTMLElement;
      if (box.current?.contains(target) || target.closest('.ant-select-dropdown, .ant-picker-dropdown')) return;
      save();
      onStop();
    };
    document.addEventListener('pointerdown', outside, true);
    return () => document.removeEventListener('pointerdown', outside, true);
  }, [save, onStop]);

  return (
    <div
      ref={box}
      className="cell-edit"
      role="presentation"
      onKeyDown={(e) => {
        if (composing(e)) return;
        if (e.key === 'Escape') {
          e.stopPropagation();
          done.current = true;
          onStop();
        } else if (e.key === 'Enter' && !(field.type === 'long' && !e.ctrlKey) && !oneTouch.has(field.type)) {
          e.preventDefault();
          save();
          onStop();
        } else if (e.key === 'Tab') {
          e.preventDefault();
          save();
          onTab(e.shiftKey);
        }
      }}
    >
      <Suspense>
        <FieldInput
          field={field}
          value={value}
          titles={expandedAll(rec, field.name)}
          model={model}
          lang={lang}
          autoFocus
          onChange={(v, titles) => {
            latest.current = { value: v, titles };
            setValue(v);
          }}
          onDone={() => {
            if (!oneTouch.has(field.type)) return;
            save();
            onStop();
          }}
        />
      </Suspense>
    </div>
  );
}
