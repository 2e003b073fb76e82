import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Wire } from '../../src/protocol/field.ts';
import {
  type KnownPlace,
  leaves,
  requestFrame,
  sampleRequest,
} from '../../src/protocol/testing/sample-requests.ts';
import { listeners, NodeUnderFire } from './node-under-fire.ts';
import { decodeAnswer, placeFor, servedVersions } from './served.ts';

/** Values beyond 2^53 on both sides, the ends, and a time in nanoseconds. */
const EDGES = [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, -(2n ** 53n) - 1n, 1_764_326_400_123_456_789n];

let node: NodeUnderFire;
let place: KnownPlace;

beforeAll(async () => {
  node = await NodeUnderFire.start();
  await node.createTopic('orders');
  place = { topic: 'orders', topicId: node.broker.image.topics.byName('orders')?.id ?? '' };
});

afterAll(() => node?.stop());

test.each(listeners)(
  '%s: every int64 of every request may have any value: there is an answer',
  async (listener) => {
    const closed: string[] = [];
    let asked = 0;
    for (const served of await servedVersions(node, listener)) {
      const { api, version } = served;
      const { fields } = api.definition.request;
      const count = [
        ...leaves(fields, version, sampleRequest(api, version, placeFor(served, listener, place))),
      ].filter(isInt64).length;
      for (let i = 0; i < count; i++)
        for (const edge of EDGES) {
          const message = sampleRequest(api, version, placeFor(served, listener, place));
          const leaf = [...leaves(fields, version, message)].filter(isInt64)[i];
          leaf?.set(edgeOf(leaf.wire, edge));
          asked++;
          const answer = await node.ask({ listener, lane: 0 }, requestFrame(api, version, message, asked));
          if (answer === null) closed.push(`${api.name} v${version} ${leaf?.name} = ${edge}`);
          else decodeAnswer(served, answer);
        }
    }
    expect(closed).toEqual([]);
    expect(node.failures).toEqual([]);
    expect(asked).toBeGreaterThan(EDGES.length);
  },
);

function isInt64({ wire }: { readonly wire: Wire }): boolean {
  return wire.kind === 'primitive' && ['offset', 'exactOffset', 'int64'].includes(wire.name);
}

/** The value in the type that the codec of the field takes. */
function edgeOf(wire: Wire, value: bigint): number | bigint {
  if (wire.kind === 'primitive' && wire.name === 'int64') return value;
  if (Number.isSafeInteger(Number(value))) return Number(value);
  if (wire.kind === 'primitive' && wire.name === 'exactOffset') return value;
  return value === 2n ** 63n - 1n ? Number.POSITIVE_INFINITY : Number(value);
}
