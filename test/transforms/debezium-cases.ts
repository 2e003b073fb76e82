import { readFileSync } from 'node:fs';
import { below, Sfc32 } from '../../src/base/random.ts';
import type { TransformCase } from '../../src/connectors/transforms/testing/transform-outcome.ts';

const RECORDED = new URL('../../src/connectors/converters/testing/recorded-json.txt', import.meta.url);
const FIELDS = [
  'op',
  'ts_ms',
  'source.ts_ms',
  'lsn:position',
  'db',
  'id',
  'transaction.id',
  'source.none',
  'table,op',
];
const MODES = ['drop', 'tombstone', 'rewrite', 'rewrite-with-tombstone', 'delete-to-tombstone', null];

/** Change events of Debezium for its ExtractNewRecordState; the same for the same seed. */
export function debeziumCases(seed: number, count: number): TransformCase[] {
  const random = new Sfc32(seed);
  const chance = (percent: number) => below(random, 100) < percent;
  const of = <One>(list: readonly One[]): One | null => list[below(random, list.length)] ?? null;
  const events = readFileSync(RECORDED, 'utf8')
    .split('\n')
    .filter((line) => line.includes('.Envelope'));
  return Array.from({ length: count }, () => {
    const event = shortened(JSON.parse(of(events) ?? ''));
    const row = event.payload.after ?? event.payload.before;
    const [op, before, after] = of([
      ['c', null, row],
      ['r', null, row],
      ['u', row, row],
      ['d', row, null],
      ['d', row, null],
      ['t', null, null],
    ] as const) ?? ['c', null, row];
    const value = { schema: event.schema, payload: { ...event.payload, op, before, after } };
    const kind = below(random, 100);
    const config = {
      'delete.tombstone.handling.mode': of(MODES),
      'add.fields': chance(60) ? of(FIELDS) : null,
      'add.fields.prefix': chance(20) ? 'x_' : null,
      'add.headers': chance(60) ? of(FIELDS) : null,
      'add.headers.prefix': chance(20) ? '' : null,
      'route.by.field': chance(20) ? of(['name', 'email', 'none', 'id']) : null,
      'replace.null.with.default': chance(20) ? 'false' : null,
    };
    return {
      transforms: [
        {
          type: 'io.debezium.transforms.ExtractNewRecordState',
          config: Object.fromEntries(
            Object.entries(config).flatMap(([name, text]) => (text === null ? [] : [[name, text]])),
          ),
        },
      ],
      record: {
        ...{ topic: 'shop.public.customers', partition: 0, offset: 1, timestamp: 1_700_000_000_000 },
        key: '{"id":1}',
        value: kind < 10 ? null : kind < 15 ? '{"op":"c"}' : JSON.stringify(value),
        headers: [],
      },
    };
  });
}

/** The fields of rows and of their sources that are kept: the rest would only make the cases long. */
const KEPT = new Set([
  ...[
    'before',
    'after',
    'source',
    'transaction',
    'op',
    'ts_ms',
    'ts_us',
    'ts_ns',
    'id',
    'name',
    'email',
    'balance',
  ],
  ...['created', 'total_order', 'data_collection_order', 'db', 'table', 'lsn', 'connector'],
]);

interface Event {
  readonly schema: unknown;
  readonly payload: Readonly<Record<string, unknown>>;
}

function shortened(event: Event): Event {
  return JSON.parse(
    JSON.stringify(event, (name, value: unknown) => {
      if (name === 'fields' && Array.isArray(value))
        return value.filter((one: { field: string }) => KEPT.has(one.field));
      if (
        ['after', 'before', 'source', 'payload'].includes(name) &&
        typeof value === 'object' &&
        value !== null
      )
        return Object.fromEntries(Object.entries(value).filter(([field]) => KEPT.has(field)));
      return value;
    }),
  );
}
