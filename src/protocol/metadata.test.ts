import { expect, expectTypeOf, test } from 'vitest';
import type { Uuid } from '../base/brand.ts';
import { type MetadataRequest, type MetadataResponse, metadata } from './messages/03-metadata.ts';
import { ProtocolError, Reader } from './reader.ts';
import { UnencodableError, Writer } from './writer.ts';

test('the types of a message come from its definition', () => {
  expectTypeOf<MetadataRequest['topics']>().toEqualTypeOf<{ topicId: Uuid; name: string | null }[] | null>();
  expectTypeOf<MetadataRequest['allowAutoTopicCreation']>().toEqualTypeOf<boolean>();
  expectTypeOf<MetadataResponse['clusterId']>().toEqualTypeOf<string | null | undefined>();
  expectTypeOf<MetadataResponse['brokers'][number]['rack']>().toEqualTypeOf<string | null | undefined>();
  expectTypeOf<MetadataResponse['brokers'][number]['host']>().toEqualTypeOf<string>();
  // @ts-expect-error brokers is required
  const bad: MetadataResponse = { topics: [] };
  expect(bad).toBeDefined();
});

test('a v1 request for every topic is one null array', () => {
  const writer = new Writer();
  metadata.request(1).encode(writer, { topics: null });
  expect(writer.done().toString('hex')).toBe('ffffffff');
});

test('a v12 request by name', () => {
  const writer = new Writer();
  metadata.request(12).encode(writer, { topics: [{ name: 't' }] });
  // one topic: zero id, compact "t", no tags; auto-creation by default; no operations asked; no tags
  expect(writer.done().toString('hex')).toBe(`02${'00'.repeat(16)}027400010000`);
});

test('null topics in v0 are refused', () => {
  const reader = new Reader(Buffer.from('ffffffff', 'hex'));
  expect(() => metadata.request(0).decode(reader)).toThrow(ProtocolError);
});

test('a count larger than the bytes left is refused before anything is allocated', () => {
  const reader = new Reader(Buffer.from('7fffffff', 'hex'));
  expect(() => metadata.request(1).decode(reader)).toThrow(ProtocolError);
});

test('a value the version cannot carry is refused, unless it may be dropped', () => {
  const answer = { brokers: [], topics: [] };
  expect(() =>
    metadata.request(3).encode(new Writer(), { topics: [], allowAutoTopicCreation: false }),
  ).toThrow(UnencodableError);
  const writer = new Writer();
  metadata.response(0).encode(writer, { ...answer, clusterId: 'c' });
  expect(writer.byteLength).toBe(8);
});
