import { describe, expect, test } from 'vitest';
import { nodeConfigs } from '../../engines/embedded/node-configs.ts';
import { withDefaults } from '../api/provisioned.ts';
import type { BrokerPlace, Cluster } from '../state/cluster.ts';
import type { ListenerKind } from '../state/listeners.ts';
import { overlap } from '../state/ports.ts';
import { bootstrapStrings } from './bootstrap.ts';
import { clientEndpoints } from './client-endpoints.ts';
import type { AdvertisedHosts } from './endpoint.ts';

const at = (name: string, host = '0.0.0.0') => ({ host, name });
const TWO: AdvertisedHosts = [at('localhost'), at('host.docker.internal')];

function cluster(listeners: readonly ListenerKind[], brokers = 3): Cluster {
  const spec = withDefaults({
    kafkaVersion: '3.9.x.kraft',
    numberOfBrokerNodes: brokers,
    brokerNodeGroupInfo: { instanceType: 'kafka.m5.large', clientSubnets: ['a', 'b', 'c'] },
    encryptionInfo: {
      encryptionInTransit: {
        clientBroker: listeners.includes('tls') ? 'TLS_PLAINTEXT' : 'PLAINTEXT',
        inCluster: false,
      },
    },
  });
  return {
    ...{ arn: 'arn', name: 'orders', uuid: '0-0', clusterId: 'id', region: 'us-east-1', createdAt: 0, spec },
    ...{ tags: {}, brokerConfig: {}, properties: {}, exactPorts: false, state: 'ACTIVE', stateInfo: null },
    ...{ step: 'STARTED', operationArn: null, bytesPerSecond: null, zonesDown: [], policy: null },
    ...{ policyRevision: 0, revision: 1, firstKafkaVersion: '3.9.x.kraft' },
    brokers: Array.from({ length: brokers }, (_, zone): BrokerPlace => {
      const own = { id: zone + 1, zone, portBase: 9092 + 10 * zone, listeners };
      return {
        ...own,
        ...{ subnet: 'a', instanceType: 'kafka.m5.large', properties: null, clientCas: [], addedAt: 0 },
        kafkaVersion: null,
        jmxExporterOffset: 3,
      };
    }),
  };
}

function listenersOf(advertised: AdvertisedHosts, kinds: readonly ListenerKind[]) {
  const [, config] = nodeConfigs(cluster(kinds), '/folder', { advertised });
  return config?.kind === 'broker' ? config.options.listeners : [];
}

describe('endpoints of a broker for clients', () => {
  test('each advertised host has all listeners, on ports and under names of its own', () => {
    const [, second] = cluster(['plaintext', 'tls', 'scram']).brokers;
    const told = (second ? clientEndpoints(second, TWO) : []).map(
      ({ listener, port, advertisedHost }) => `${listener} ${advertisedHost}:${port}`,
    );
    expect(told).toEqual([
      'CLIENT localhost:9102',
      'CLIENT_SECURE localhost:9104',
      'CLIENT_SASL_SCRAM localhost:9106',
      'CLIENT_2 host.docker.internal:19102',
      'CLIENT_SECURE_2 host.docker.internal:19104',
      'CLIENT_SASL_SCRAM_2 host.docker.internal:19106',
    ]);
  });

  test('a second host changes nothing of the first, so that brokers of one host run on as they were', () => {
    const kinds: ListenerKind[] = ['plaintext', 'tls'];
    const one = listenersOf([at('localhost')], kinds);
    const two = listenersOf(TWO, kinds);
    expect(two.filter(({ name }) => !name.endsWith('_2'))).toEqual(one);
    expect(JSON.stringify(one[0])).toBe(
      '{"name":"CLIENT","purpose":"client","host":"0.0.0.0","port":9092,"advertisedHost":"localhost"}',
    );
  });

  test('a listener of the second host obeys the configs of the first', () => {
    expect(listenersOf(TWO, ['plaintext']).map(({ name, configsOf }) => [name, configsOf])).toEqual([
      ['CLIENT', undefined],
      ['CLIENT_2', 'CLIENT'],
      ['REPLICATION', undefined],
    ]);
  });
});

describe('GetBootstrapBrokers', () => {
  const strings = (calledBy: string, advertised = TWO) =>
    bootstrapStrings(cluster(['plaintext', 'tls']), advertised, calledBy);
  const FIRST = {
    bootstrapBrokerString: 'localhost:9092,localhost:9102,localhost:9112',
    bootstrapBrokerStringTls: 'localhost:9094,localhost:9104,localhost:9114',
  };

  test('who calls the API by an advertised name gets the endpoints of that name', () => {
    const docker = 'host.docker.internal';
    expect(strings('Host.Docker.Internal')).toEqual({
      bootstrapBrokerString: `${docker}:19092,${docker}:19102,${docker}:19112`,
      bootstrapBrokerStringTls: `${docker}:19094,${docker}:19104,${docker}:19114`,
    });
  });

  test.each(['localhost', '127.0.0.1', '::1', 'elsewhere.example', ''])(
    '%j gets those of the first',
    (host) => {
      expect(strings(host)).toEqual(FIRST);
    },
  );

  test('an address of a broker counts as its name', () => {
    const advertised: AdvertisedHosts = [at('localhost'), at('broker-{id}.example')];
    expect(strings('broker-2.example', advertised).bootstrapBrokerString).toBe(
      'broker-1.example:19092,broker-2.example:19102,broker-3.example:19112',
    );
  });

  test('IPv6 addresses stand in brackets', () => {
    expect(strings('fd00::1', [at('localhost'), at('fd00::1')]).bootstrapBrokerString).toBe(
      '[fd00::1]:19092,[fd00::1]:19102,[fd00::1]:19112',
    );
  });
});

test.each([
  [9092, 9102, false],
  [9092, 9101, true],
  [9092, 19_092, true],
  [9092, 29_100, true],
  [9092, 39_092, false],
  [19_085, 9092, true],
  [9082, 19_092, false],
])('brokers from %d and %d on would share a port: %s', (one, other, shared) => {
  expect(overlap(one, other)).toBe(shared);
  expect(overlap(other, one)).toBe(shared);
});
