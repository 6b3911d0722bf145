import { expandParam, isMoney, type Model } from '@/api/model';
import type { ListParams } from '@/api/queries';
import type { FieldMeta, Filter, ObjectMeta, Rec } from '@/api/types';
import { conditions } from '../filter/filters';
import type { Browse } from '../useBrowse';

export interface CardFields {
  money: FieldMeta | undefined;
  who: FieldMeta | undefined;
  entered: boolean;
  next: boolean;
  rest: FieldMeta[];
}

/** What a card shows: name and sum, customer and day ticks, next step and date. */
export function cardFields(object: ObjectMeta, model: Model): CardFields {
  const named = (object.card ?? []).map((n) => model.field(object.name, n)).filter((f): f is FieldMeta => f !== undefined);
  const money = named.find((f) => f.type === 'money') ?? object.fields.find((f) => f.name === 'amount');
  const who = named.find((f) => (f.type === 'ref' || f.type === 'md') && f.name !== object.board) ?? named.find((f) => f.name !== object.title && f.type === 'text' && f.name !== 'next_step');
  const special = new Set([object.title, object.board, money?.name, who?.name, 'next_step', 'next_follow_at', 'stage_entered_at']);
  return {
    money,
    who,
    entered: model.field(object.name, 'stage_entered_at') !== undefined,
    next: model.field(object.name, 'next_follow_at') !== undefined,
    rest: named.filter((f) => !special.has(f.name) && f.name !== 'close_on'),
  };
}

/** How many cards are asked for at a time: a screen and a half. */
export const STEP = 30;

/** The cards of one column, or of one column within a lane. */
export function cellParams(browse: Browse, model: Model, by: string, key: string, lane: Filter | null): ListParams {
  const { object } = browse;
  const c = cardFields(object, model);
  const expand = expandParam([c.who, ...c.rest, model.field(object.name, 'owner_id'), browse.lane].filter((f): f is FieldMeta => f !== undefined));
  const filter: Filter = { and: [...conditions(browse.filter), { field: by, op: 'eq', value: key }, ...(lane ? [lane] : [])] };
  return { filter, sort: browse.search.sort ?? browse.view?.sort ?? sortOf(object, model), q: browse.q, expand, limit: lane ? 15 : STEP };
}

function sortOf(object: ObjectMeta, model: Model): string | undefined {
  const next = model.field(object.name, 'next_follow_at');
  return next && next.sortable !== false ? 'next_follow_at' : (object.default_sort ?? undefined);
}

export function amountOf(rec: Rec, field: FieldMeta | undefined): number | null {
  if (!field) return null;
  const v = rec[field.name];
  if (isMoney(v)) return Number(v.base ?? v.amount);
  return v === null || v === undefined ? null : Number(v);
}

/** Fields that can make columns: choices, and the stages of the object's own life cycle. */
export function boardFields(object: ObjectMeta): FieldMeta[] {
  return object.fields.filter((f) => f.name === object.board || (f.type === 'pick' && f.groupable && f.access === 'edit' && !f.system));
}
