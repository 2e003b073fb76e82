import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kafkaApisPage } from '../../scripts/kafka-apis-page.ts';
import { silent } from '../base/log.ts';
import { brokerHeartbeatHandler } from '../controller/handlers/63-broker-heartbeat.ts';
import { controllerHandlers } from '../controller/handlers/handlers.ts';
import { isPresent } from '../protocol/compile.ts';
import { unregisterBroker } from '../protocol/messages/64-unregister-broker.ts';
import { encodePrincipal } from '../protocol/principal-data.ts';
import { requestFrame, sampleRequest } from '../protocol/testing/sample-requests.ts';
import type { PeerIdentity } from '../security/peers/peer-identity.ts';
import { allowAll } from '../server/authorizer.ts';
import { Dispatcher } from '../server/dispatch.ts';
import { CLOSE_CONNECTION } from '../server/handler.ts';
import type { Origin } from '../server/origin.ts';
import { handlers } from './handlers.ts';

test('docs/kafka-apis.md is made from the handlers', () => {
  const page = join(import.meta.dirname, '../../docs/kafka-apis.md');
  expect(readFileSync(page, 'utf8'), 'run: node scripts/kafka-apis-page.ts > docs/kafka-apis.md').toBe(
    kafkaApisPage(),
  );
});

/**
 * Handlers of what peers send, and the frame in which each says in the name of a node that it comes from that
 * node.
 */
function claiming(id: number) {
  const place = { topic: 'orders', topicId: 'AAAAAAAAAAAAAAAAAAAAAQ' };
  const principal = encodePrincipal({ type: 'Broker', name: `${id}`, tokenAuthenticated: false });
  return [...handlers, ...controllerHandlers]
    .filter(({ api, listeners }) => api !== unregisterBroker && listeners?.some((one) => one !== 'client'))
    .flatMap((handler) => {
      const [, version] = handler.versions;
      const sample = sampleRequest(handler.api, version, place);
      const claim: Record<string, unknown> = {
        brokerId: id,
        controllerId: id,
        replicaId: id,
        replicaState: { replicaId: id, replicaEpoch: -1 },
        requestPrincipal: principal,
      };
      const { fields } = handler.api.definition.request;
      const claimed = Object.entries(fields)
        .filter(([name, { spec }]) => name in claim && isPresent(spec, version))
        .map(([name]) => name);
      for (const field of claimed) sample[field] = claim[field];
      const frame = requestFrame(handler.api, version, sample, 7);
      return claimed.length === 0 ? [] : [{ name: handler.api.name, handler, frame }];
    });
}

/** Whether the handler is asked, and what becomes of the connection when it is not. */
function asked(
  handler: (typeof handlers)[number] | (typeof controllerHandlers)[number],
  frame: Buffer,
  peer: PeerIdentity,
) {
  let isAsked = false;
  const [listener = 'client'] = handler.listeners?.filter((one) => one !== 'client') ?? [];
  const run = () => {
    isAsked = true;
    return CLOSE_CONNECTION;
  };
  const dispatcher = new Dispatcher<null>({
    handlers: [{ ...handler, run }],
    context: null,
    authorizer: allowAll,
    features: () => ({ supported: [], finalized: [], finalizedEpoch: -1 }),
    world: { log: silent, crash: (error) => expect.fail(String(error)) },
  });
  const origin: Origin = {
    principal: 'User:ANONYMOUS',
    clientHost: '127.0.0.1',
    isPeer: true,
    listener,
    listenerName: 'INTERNAL',
    connectionId: '1',
    connectionNumber: 1,
    sasl: null,
    peer,
  };
  const way = {
    afterWrite: () => undefined,
    mute: () => undefined,
    output: { grant: (bytes: number) => bytes, holds: () => {}, whenRoom: () => () => {} },
  };
  const outcome = dispatcher.dispatch(frame, origin, way);
  if (outcome instanceof Promise) throw new Error('a request that is refused, or whose handler says nothing');
  return {
    isAsked,
    ends: outcome.kind === 'close' || (outcome.kind === 'answer' && outcome.last !== undefined),
  };
}

test.each(claiming(2))('$name is taken only from the node that it names', ({ handler, frame }) => {
  expect(asked(handler, frame, { kind: 'node', id: 2 })).toMatchObject({ isAsked: true });
  expect(asked(handler, frame, { kind: 'node', id: 3 })).toEqual({ isAsked: false, ends: true });
  expect(asked(handler, frame, { kind: 'control plane' })).toEqual({ isAsked: false, ends: true });
});

test('the requests that name their sender are those that Kafka has', () => {
  expect(claiming(2).map(({ name }) => name)).toEqual([
    'Fetch',
    'ListOffsets',
    'OffsetForLeaderEpoch',
    'Fetch',
    'AlterPartition',
    'Envelope',
    'FetchSnapshot',
    'BrokerRegistration',
    'BrokerHeartbeat',
    'AllocateProducerIds',
    'ControllerRegistration',
    'AssignReplicasToDirs',
  ]);
});

test('the control plane says for a dead broker that it wants to be fenced, and nothing else', () => {
  const heartbeat = (wantFence: boolean) => {
    const { api } = brokerHeartbeatHandler;
    const request = {
      brokerId: 2,
      brokerEpoch: 7,
      currentMetadataOffset: -1,
      wantFence,
      wantShutDown: false,
      offlineLogDirs: [],
    };
    return asked(brokerHeartbeatHandler, requestFrame(api, 1, request, 7), { kind: 'control plane' }).isAsked;
  };
  expect(heartbeat(true)).toBe(true);
  expect(heartbeat(false)).toBe(false);
});
