import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ConnectValue, Schema } from '../kernel/schema.ts';
import { DataError } from '../kernel/task-errors.ts';
import { converterSpec } from './converters.ts';

function json(texts: Record<string, string> = {}) {
  const spec = converterSpec('org.apache.kafka.connect.json.JsonConverter');
  if (!spec) throw new Error('there is no such converter');
  return spec.make(texts);
}

const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('utf8'));
const bytes = (from: string) => Buffer.from(from);
const WITHOUT = { 'schemas.enable': 'false' };

describe('JSON with schemas', () => {
  const recorded = readFileSync(new URL('./testing/recorded-json.txt', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'));

  test('what Kafka Connect 4.3.1 wrote comes out as the same bytes', () => {
    expect(recorded).toHaveLength(9);
    const converter = json();
    for (const line of recorded) {
      // Twice: the second time the schema is known.
      for (let times = 0; times < 2; times++) {
        const { schema, value } = converter.toConnect(bytes(line));
        expect(text(converter.fromConnect(schema, value))).toBe(line);
      }
    }
  });

  test('a value of the same schema has the same schema, whatever follows its payload is refused', () => {
    const converter = json();
    const line = (payload: string) => `{"schema":{"type":"int64","optional":false},"payload":${payload}}`;
    const first = converter.toConnect(bytes(line('1')));
    expect(converter.toConnect(bytes(line('9007199254740993')))).toEqual({
      schema: first.schema,
      value: 9_007_199_254_740_993n,
    });
    expect(() => converter.toConnect(bytes(line('1,"more":2')))).toThrow(DataError);
  });

  // What Kafka Connect 4.3.1's JsonConverter made of them.
  test.each([
    ['9007199254740993.0', 9_007_199_254_740_993n],
    ['-9007199254740993.9', -9_007_199_254_740_993n],
    ['9.007199254740993e15', 9_007_199_254_740_993n],
    ['922337203685477580712345e-5', 9_223_372_036_854_775_807n],
    ['9223372036854775808', -9_223_372_036_854_775_808n],
    ['1e400', 0n],
    ['12e-1', 1n],
    ['0.5e-7', 0n],
  ])('%s as an int64 is %d', (payload, value) => {
    const line = (one: string, preset = '') =>
      bytes(`{"schema":{"type":"int64","optional":false${preset}},"payload":${one}}`);
    expect(json().toConnect(line(payload)).value).toBe(value);
    expect(json().toConnect(line('null', `,"default":${payload}`)).value).toBe(value);
  });

  test('plain JSON is refused with the sentence that says what to set', () => {
    expect(() => json().toConnect(bytes('{"a":1}'))).toThrow(/set schemas.enable=false/);
  });
});

describe('JSON without schemas', () => {
  test.each([
    '{"a":1,"b":1.0,"c":"x","d":null,"e":[true,{"f":-0.5}]}',
    '12345678901234567890',
    '1.0E10',
    '"\\u0001\\u001F\\\\u001f\\n"',
    '9007199254740993',
  ])('%s stays what it was', (line) => {
    const converter = json(WITHOUT);
    const { schema, value } = converter.toConnect(bytes(line));
    expect(schema).toBeNull();
    expect(text(converter.fromConnect(null, value))).toBe(line);
  });

  test('what is no JSON is a fault of the data', () => {
    expect(() => json(WITHOUT).toConnect(bytes('{'))).toThrow(DataError);
  });

  test('null bytes and empty ones are null', () => {
    expect(json(WITHOUT).toConnect(null)).toEqual({ schema: null, value: null });
    expect(json(WITHOUT).toConnect(bytes(''))).toEqual({ schema: null, value: null });
    expect(json(WITHOUT).fromConnect(null, null)).toBeNull();
  });
});

describe('decimal numbers', () => {
  const schema: Schema = {
    ...{ type: 'BYTES', optional: true, name: 'org.apache.kafka.connect.data.Decimal', version: 1 },
    parameters: { scale: '2' },
  };
  const wrapped = (payload: string) =>
    bytes(
      `{"schema":{"type":"bytes","optional":true,"name":"${schema.name}","version":1,"parameters":{"scale":"2"}},"payload":${payload}}`,
    );

  test.each([
    ['12.34', '"BNI="'],
    ['-0.01', '"/w=="'],
    ['123456789012345678901234567890.12', '"CbZrzHzX0V7YmVg0"'],
  ])('%s is written as a number or in base64', (number, base64) => {
    const { value } = json().toConnect(wrapped(number));
    expect(text(json({ ...WITHOUT, 'decimal.format': 'numeric' }).fromConnect(schema, value))).toBe(number);
    const back = json(WITHOUT).fromConnect(schema, value);
    expect(json({ 'decimal.format': 'NUMERIC' }).toConnect(wrapped(text(back) ?? '')).value).toEqual(value);
    if (number !== '123456789012345678901234567890.12') expect(text(back)).toBe(base64);
  });
});

test('a null is the default of its field, unless that is not wanted', () => {
  const schema: Schema = {
    ...{ type: 'STRUCT', optional: false },
    fields: [{ name: 'a', schema: { type: 'STRING', optional: true, default: 'x' } }],
  };
  const value: ConnectValue = { schema, values: [null] };
  expect(text(json(WITHOUT).fromConnect(schema, value))).toBe('{"a":"x"}');
  expect(text(json({ ...WITHOUT, 'replace.null.with.default': 'false' }).fromConnect(schema, value))).toBe(
    '{"a":null}',
  );
});
