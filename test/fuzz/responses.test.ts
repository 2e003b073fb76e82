import { afterAll, beforeAll, expect, test } from 'vitest';
import { type KnownPlace, requestFrame, sampleRequest } from '../../src/protocol/testing/sample-requests.ts';
import { listeners, NodeUnderFire } from './node-under-fire.ts';
import { populate } from './populated.ts';
import { decodeAnswer, placeFor, servedVersions } from './served.ts';

let node: NodeUnderFire;
let place: KnownPlace;

beforeAll(async () => {
  node = await NodeUnderFire.start();
  place = await populate(node);
});

afterAll(() => node?.stop());

// DescribeQuorum v0 and v1 and DescribeCluster v0 were advertised and could not be encoded: their answers had
// fields of later versions.
test.each(listeners)(
  '%s: every version that is advertised has an answer that it can carry',
  async (listener) => {
    const closed: string[] = [];
    const served = await servedVersions(node, listener);
    for (const { api, version } of served) {
      const answer = await node.ask(
        { listener, lane: 0 },
        requestFrame(
          api,
          version,
          sampleRequest(api, version, placeFor({ api, version }, listener, place)),
          1,
        ),
      );
      if (answer === null) closed.push(`${api.name} v${version}`);
      else decodeAnswer({ api, version }, answer);
    }
    expect(closed).toEqual([]);
    expect(node.failures).toEqual([]);
    expect(served.length).toBeGreaterThan(1);
  },
);
