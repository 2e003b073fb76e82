import { expect, test } from 'vitest';
import { brokerConfig } from '../../metadata/configs/broker-configs.ts';
import { readConfig } from '../../metadata/configs/validate-config.ts';
import { nodeProperties } from './node-properties.ts';

const options = {
  brokerId: 3,
  rack: 'zone-3',
  dataDirectory: '/data/broker-3',
  controller: { id: 10_000, host: '127.0.0.1', port: 9090 },
  listeners: [
    {
      name: 'CLIENT',
      purpose: 'client',
      host: '0.0.0.0',
      port: 9112,
      advertisedHost: 'kafka.example',
      advertisedPort: 19112,
    },
    { name: 'REPLICATION', purpose: 'replication', host: '::1', port: 9113 },
  ],
} as const;

test('a broker tells who it is, where its data is and where it listens as server.properties would', () => {
  expect(nodeProperties(options)).toEqual({
    'process.roles': 'broker',
    'node.id': '3',
    'broker.id': '3',
    'broker.rack': 'zone-3',
    'log.dirs': '/data/broker-3',
    listeners: 'CLIENT://0.0.0.0:9112,REPLICATION://[::1]:9113',
    'advertised.listeners': 'CLIENT://kafka.example:19112,REPLICATION://[::1]:9113',
    'listener.security.protocol.map': 'CLIENT:PLAINTEXT,REPLICATION:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'REPLICATION',
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': '10000@127.0.0.1:9090',
  });
});

test('what it tells is valid as Kafka understands it', () => {
  for (const [name, value] of Object.entries(nodeProperties(options))) {
    const key = brokerConfig(name);
    expect(key && readConfig(key, value), name).toHaveProperty('value');
  }
});

test('a broker without a rack tells none', () => {
  expect(nodeProperties({ ...options, rack: null })).not.toHaveProperty('broker.rack');
});
