import { below, type Random } from '../../base/random.ts';
import type { ConnectValue, Schema, SchemaType } from '../kernel/schema.ts';
import type { QuickstartName } from './quickstart-names.ts';

type Make = (random: Random, iteration: number) => ConnectValue;

/** One kind of record: what is in it, and which of its fields is the key. */
export interface Quickstart {
  readonly schema: Schema;
  /** Of the fields of the schema, in their order. */
  readonly makes: readonly Make[];
  readonly keyAt: number;
}

/** Of years that are over: what is made up does not depend on the clock. */
const TIMES = { from: 1_487_715_775_521, to: 1_519_273_364_600 };

const between =
  (from: number, to: number): Make =>
  (random) =>
    from + below(random, to - from + 1);
const text =
  (prefix: string, from: number, to: number): Make =>
  (random) =>
    `${prefix}${from + below(random, to - from + 1)}`;
const oneOf =
  (...choices: readonly string[]): Make =>
  (random) =>
    choices[below(random, choices.length)] ?? '';
const time: Make = (random) => BigInt(TIMES.from + below(random, TIMES.to - TIMES.from));
/** Counts: `first`, `first + step`, …. */
const counted =
  (first: number, step: number): Make =>
  (_, iteration) =>
    first + iteration * step;
const countedLong =
  (first: number, step: number): Make =>
  (_, iteration) =>
    BigInt(first + iteration * step);

const ADDRESS = structOf('ksql.address', [
  ['city', 'STRING', text('City_', 1, 99)],
  ['state', 'STRING', text('State_', 1, 99)],
  ['zipcode', 'INT64', (random) => BigInt(10_000 + below(random, 90_000))],
]);

export const QUICKSTARTS: Readonly<Record<QuickstartName, Quickstart>> = {
  ORDERS: quickstart('ksql.orders', 'orderid', [
    ['ordertime', 'INT64', time],
    ['orderid', 'INT32', counted(0, 1)],
    ['itemid', 'STRING', text('Item_', 1, 999)],
    ['orderunits', 'FLOAT64', (random) => (1 + below(random, 100_000)) / 10_000],
    ['address', ADDRESS.schema, (random, iteration) => made(ADDRESS, random, iteration)],
  ]),
  USERS: quickstart('ksql.users', 'userid', [
    ['registertime', 'INT64', time],
    ['userid', 'STRING', text('User_', 1, 9)],
    ['regionid', 'STRING', text('Region_', 1, 9)],
    ['gender', 'STRING', oneOf('MALE', 'FEMALE', 'OTHER')],
  ]),
  PAGEVIEWS: quickstart('ksql.pageviews', 'viewtime', [
    ['viewtime', 'INT64', countedLong(1, 10)],
    ['userid', 'STRING', text('User_', 1, 9)],
    ['pageid', 'STRING', text('Page_', 10, 99)],
  ]),
  STOCK_TRADES: quickstart('ksql.StockTrade', 'symbol', [
    ['side', 'STRING', oneOf('BUY', 'SELL')],
    ['quantity', 'INT32', between(1, 5000)],
    ['symbol', 'STRING', oneOf('ZBZX', 'ZJZZT', 'ZTEST', 'ZVV', 'ZVZZT', 'ZWZZT', 'ZXZZT')],
    ['price', 'INT32', between(5, 1000)],
    ['account', 'STRING', oneOf('ABC123', 'LMN456', 'XYZ789')],
    ['userid', 'STRING', text('User_', 1, 9)],
  ]),
  RATINGS: quickstart('ksql.ratings', 'rating_id', [
    ['rating_id', 'INT64', countedLong(1, 1)],
    ['user_id', 'INT32', between(1, 20)],
    ['stars', 'INT32', between(1, 5)],
    ['route_id', 'INT32', between(1, 9999)],
    ['rating_time', 'INT64', countedLong(1, 12)],
    ['channel', 'STRING', oneOf('web', 'ios', 'android', 'iOS-test')],
    ['message', 'STRING', oneOf('airport refurb looks great', 'why is it so difficult', 'thank you', 'meh')],
  ]),
};

/** The value of a record, by numbers that only it is made of. */
export function made({ schema, makes }: Quickstart, random: Random, iteration: number): ConnectValue {
  return { schema, values: makes.map((make) => make(random, iteration)) };
}

type FieldDefinition = readonly [name: string, type: SchemaType | Schema, make: Make];

function quickstart(name: string, key: string, fields: readonly FieldDefinition[]): Quickstart {
  const { schema, makes } = structOf(name, fields);
  return { schema, makes, keyAt: fields.findIndex(([field]) => field === key) };
}

function structOf(name: string, fields: readonly FieldDefinition[]): Quickstart {
  const schema: Schema = {
    ...{ type: 'STRUCT', optional: false, name },
    fields: fields.map(([field, type]) => ({
      name: field,
      schema: typeof type === 'string' ? { type, optional: false } : type,
    })),
  };
  return { schema, makes: fields.map(([, , make]) => make), keyAt: 0 };
}
