import type { BrokerOptions } from '../broker-options.ts';

const CONTROLLER_LISTENER = 'CONTROLLER';

/**
 * What a broker was started with beside its configs, as Kafka's server.properties say it: who it is, where
 * its data is, where it listens and whom it obeys. Tools read it with DescribeConfigs, as values set in that
 * file. A port of 0, which takes a free one, stays 0 there, as with Kafka.
 */
export function nodeProperties(
  options: Pick<BrokerOptions, 'brokerId' | 'rack' | 'dataDirectory' | 'controller' | 'listeners'>,
): Readonly<Record<string, string>> {
  const { brokerId, rack, dataDirectory, controller, listeners } = options;
  const peers = listeners.find(({ purpose }) => purpose === 'replication');
  const protocols = [...listeners, { name: CONTROLLER_LISTENER, security: 'PLAINTEXT' }];
  return {
    'process.roles': 'broker',
    'node.id': String(brokerId),
    // Kafka tells a broker's node.id under its older name, too.
    'broker.id': String(brokerId),
    ...(rack === null ? {} : { 'broker.rack': rack }),
    'log.dirs': dataDirectory,
    listeners: listeners.map(({ name, host, port }) => address(name, host, port)).join(','),
    'advertised.listeners': listeners
      .map(({ name, host, port, advertisedHost, advertisedPort }) =>
        address(name, advertisedHost ?? host, advertisedPort ?? port),
      )
      .join(','),
    'listener.security.protocol.map': protocols
      .map(({ name, security = 'PLAINTEXT' }) => `${name}:${security}`)
      .join(','),
    ...(peers ? { 'inter.broker.listener.name': peers.name } : {}),
    'controller.listener.names': CONTROLLER_LISTENER,
    'controller.quorum.voters': `${controller.id}@${authority(controller.host, controller.port)}`,
  };
}

function address(name: string, host: string, port: number): string {
  return `${name}://${authority(host, port)}`;
}

/** An IPv6 address stands in brackets, so that its colons are not taken for the port's. */
function authority(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
