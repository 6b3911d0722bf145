import { describe, expect, it } from 'vitest';
import { doc } from '../../../dev/mock/model';
import { Model } from '@/api/model';
import type { Rec } from '@/api/types';
import { doneStep, joinSteps, minutesTo, planDay, recordStep, taskStep, type Step } from './agenda';

const model = new Model(doc);
const now = new Date(2026, 10, 19, 9, 5);
const iso = (day: number, h: number, m = 0) => new Date(2026, 10, day, h, m).toISOString();
const deal = (id: string, at: string, more: Partial<Rec> = {}): Rec => ({ id, version: 1, name: '三坐标测量机', next_follow_at: at, $expand: { account_id: { object: 'account', id: 'a', title: '北溟精工' }, primary_contact_id: { object: 'contact', id: 'c', title: '张三' } }, ...more });
const task = (id: string, at: string, to: string): Rec => ({ id, version: 1, subject: '确认付款方式', due_at: at, related: { object: 'opportunity', id: to }, $expand: { related: { object: 'opportunity', id: to, title: '三坐标测量机' } } });
const steps = (...all: (Step | null)[]): Step[] => all.filter((s): s is Step => s !== null);

describe('a day', () => {
  it('names the customer first and the person beside', () => {
    const s = recordStep('opportunity', deal('o', iso(19, 9, 30), { next_step: '打电话' }), model);
    expect(s).toMatchObject({ title: '北溟精工', beside: '张三', timed: true });
    expect(s?.text.startsWith('打电话')).toBe(true);
    expect(recordStep('opportunity', deal('o', ''), model)).toBeNull();
  });
  it('shows a follow-up and its task as one step with the words of the task', () => {
    const all = joinSteps(steps(recordStep('opportunity', deal('o', iso(19, 9, 30)), model), taskStep(task('t', iso(19, 9, 30), 'o')), taskStep(task('u', iso(19, 11), 'o'))));
    expect(all.map((s) => s.key)).toEqual(['task/t', 'task/u']);
    expect(all[0]).toMatchObject({ title: '北溟精工', text: '确认付款方式' });
  });
  it('is late, today or ahead by the calendar, and opens what comes next', () => {
    const d = planDay(steps(
      recordStep('opportunity', deal('late', iso(18, 10)), model),
      recordStep('opportunity', deal('soon', iso(19, 9, 30)), model),
      recordStep('opportunity', deal('noon', iso(19, 12)), model),
      recordStep('opportunity', deal('next', iso(21, 10)), model),
      doneStep({ id: 'f', version: 1, occurred_at: iso(19, 8, 40), content: '已通话', target: { object: 'account', id: 'a' } }),
    ), now);
    expect(d.late.map((s) => s.rec.id)).toEqual(['late']);
    expect(d.today.map((s) => s.rec.id)).toEqual(['f', 'soon', 'noon']);
    expect(d.ahead.map((s) => s.rec.id)).toEqual(['next']);
    expect(d.next?.rec.id).toBe('soon');
    expect([d.open, d.done]).toEqual([3, 1]);
  });
  it('opens what is late when the day is otherwise empty, else what is ahead', () => {
    expect(planDay(steps(recordStep('opportunity', deal('late', iso(17, 10)), model), recordStep('opportunity', deal('x', iso(25, 10)), model)), now).next?.rec.id).toBe('late');
    expect(planDay(steps(recordStep('opportunity', deal('x', iso(25, 10)), model)), now).next?.rec.id).toBe('x');
    expect(planDay([], now).next).toBeUndefined();
  });
  it('tells minutes only near the hour', () => {
    expect(minutesTo(new Date(2026, 10, 19, 9, 30), now)).toBe(25);
    expect(minutesTo(new Date(2026, 10, 20, 23), now)).toBeNull();
  });
});
