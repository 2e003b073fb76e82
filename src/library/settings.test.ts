import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configTypes } from '../../scripts/config-types.ts';
import { readOptions } from './settings.ts';

describe('an option that is wrong is named in one sentence', () => {
  test.each<[unknown, string]>([
    [7, 'What startCluster is given must be an object, not 7.'],
    [{ broker: 3 }, 'startCluster has no option "broker": did you mean brokers?'],
    [
      { zookeeper: true },
      'startCluster has no option "zookeeper": there are advertise, api, brokers, config, dataDirectory, host, listeners, log, port, signIn, tls, topics, users.',
    ],
    [{ brokers: 0 }, 'brokers must be an integer from 1 to 60, not 0.'],
    [{ brokers: -1 }, 'brokers must be an integer from 1 to 60, not -1.'],
    [{ brokers: 1.5 }, 'brokers must be an integer from 1 to 60, not 1.5.'],
    [{ brokers: '3' }, 'brokers must be an integer from 1 to 60, not "3".'],
    [{ brokers: Number.NaN }, 'brokers must be an integer from 1 to 60, not NaN.'],
    [{ dataDirectory: 7 }, 'dataDirectory must be a string, not 7.'],
    [{ dataDirectory: '' }, 'dataDirectory must not be empty.'],
    [{ config: [] }, 'config must be an object, not a list.'],
    [
      { config: { 'auto.create.topic.enable': false } },
      'config has no auto.create.topic.enable: did you mean auto.create.topics.enable?',
    ],
    [{ config: { 'some.plugin': 'x' } }, 'config has no some.plugin.'],
    [
      { config: { 'log.dirs': '/tmp' } },
      'config: log.dirs cannot be chosen: the option dataDirectory says where the data is.',
    ],
    [{ config: { 'broker.id': 7 } }, 'config: broker.id cannot be chosen: brokers are numbered from 1.'],
    [
      { config: { listeners: 'PLAINTEXT://:9092' } },
      'config: listeners cannot be chosen: the options host, port and listeners say where brokers listen.',
    ],
    [
      { config: { 'num.partitions': {} } },
      'config: num.partitions must be a string, a number or a boolean, not an object.',
    ],
    [
      { config: { 'num.partitions': 'many' } },
      'config: Invalid value many for configuration num.partitions: Not a number of type INT',
    ],
    [
      { config: { 'num.partitions': 0 } },
      'config: Invalid value 0 for configuration num.partitions: Value must be at least 1',
    ],
    [
      { config: { 'log.retention.hours': 0, 'num.partitions': 2 } },
      'config: log.retention.ms must be unlimited (-1) or, greater than or equal to 1 (given: log.retention.hours=0). Change or leave out what was given: dataDirectory does not store it.',
    ],
    [
      { config: { 'replica.fetch.wait.max.ms': 40_000, 'replica.socket.timeout.ms': 100 } },
      'config: replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to prevent unnecessary socket timeouts (given: replica.fetch.wait.max.ms=40000, replica.socket.timeout.ms=100). Change or leave out what was given: dataDirectory does not store it.',
    ],
    [
      { config: { 'auto.create.topics.enable': 1 } },
      'config: Invalid value 1 for configuration auto.create.topics.enable: Expected value to be either true or false',
    ],
    [{ tls: 'yes' }, 'tls must be true, false or an object, not "yes".'],
    [
      { tls: { clientAuth: 'requested' } },
      'tls.clientAuth must be one of none, optional, required, not "requested".',
    ],
    [
      { tls: { clientCa: '-----BEGIN CERTIFICATE-----' } },
      'tls.clientCa has no effect without tls.clientAuth.',
    ],
    [{ tls: { key: 'secret' } }, 'tls.key must be PEM text with "-----BEGIN PRIVATE KEY-----".'],
    [{ tls: { key: Buffer.from('secret') } }, 'tls.key must be PEM text: a string.'],
    [
      { listeners: { inner: { tls: { ca: '-----BEGIN CERTIFICATE-----' } } } },
      'listeners.inner.tls.certificate, listeners.inner.tls.key and listeners.inner.tls.ca belong together: one of them is missing.',
    ],
    [
      { tls: true, advertise: '192.0.2.1' },
      'advertise must be a DNS name such as localhost, not 192.0.2.1: not every client finds another in a certificate.',
    ],
    [
      { listeners: { inner: { tls: true, advertise: 'kafka.localhost' } } },
      'listeners.inner.advertise must be a DNS name such as localhost, not kafka.localhost: not every client finds another in a certificate.',
    ],
    [
      { tls: true, api: true },
      'api cannot be combined with tls: the API tells of addresses without TLS only. Put tls on one of the listeners instead.',
    ],
    [{ topics: 'orders' }, 'topics must be a list, not "orders".'],
    [
      { topics: ['a b'] },
      "topics[0]: Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'.",
    ],
    [{ topics: [{}] }, 'topics[0].name is missing.'],
    [
      { topics: [{ name: 'a', partition: 3 }] },
      'topics[0] has no option "partition": did you mean partitions?',
    ],
    [
      { topics: [{ name: 'a', partitions: 0 }] },
      'topics[0].partitions must be an integer from 1 to 10000, not 0.',
    ],
    [
      { topics: [{ name: 'a', replicationFactor: 2 }] },
      'topics[0].replicationFactor must be an integer from 1 to 1, not 2.',
    ],
    [
      { topics: [{ name: 'a', config: { 'cleanup.polcy': 'compact' } }] },
      'topics[0].config has no cleanup.polcy: did you mean cleanup.policy?',
    ],
    [{ topics: ['a', 'b', 'a'] }, 'topics has "a" twice.'],
    [{ host: 'a b' }, 'host must be a host name or an address, not "a b".'],
    [
      { host: '0.0.0.0' },
      'advertise is missing: clients cannot connect to 0.0.0.0, so say by which name they reach this machine.',
    ],
    [{ port: 65_536 }, 'port must be an integer from 0 to 65535, not 65536.'],
    [{ port: 65_534, brokers: 3 }, 'port is too high: broker 3 would have port 65536.'],
    [
      { listeners: { client: {} } },
      `listeners: "client" cannot be a listener's name: letters, digits, _ and - can, but not CLIENT, REPLICATION, CONTROLLER.`,
    ],
    [
      { listeners: { docker: { address: 'x' } } },
      'listeners.docker has no option "address": there are advertise, host, port, signIn, tls.',
    ],
    [
      { brokers: 3, port: 9000, listeners: { docker: { port: 9002 } } },
      "Two listeners would have port 9002: broker n takes the listener's port plus n - 1.",
    ],
    [{ api: 'yes' }, 'api must be an object, not "yes".'],
    [
      { api: { clusterName: 'a_b' } },
      'api.clusterName must have 1 to 64 letters, digits and hyphens and begin with a letter or digit, not "a_b".',
    ],
    [
      { log: 'verbose' },
      'log must be one of debug, info, warn, error, or a logger with the methods debug, info, warn, error, child, not "verbose".',
    ],
    [
      { log: console },
      'log must be one of debug, info, warn, error, or a logger with the methods debug, info, warn, error, child, not an object.',
    ],
  ])('%j', (given, message) => {
    expect(() => readOptions(given)).toThrow(new TypeError(message));
  });
});

test('numbers, bigints and booleans are configs as texts are; undefined is as if it were not there', () => {
  const { config, topics, brokers } = readOptions({
    brokers: undefined,
    config: {
      'num.partitions': 6,
      'log.retention.ms': 2n ** 40n,
      'auto.create.topics.enable': false,
      'log.roll.ms': undefined,
    },
    topics: ['a', { name: 'b', partitions: 3, config: { 'cleanup.policy': 'compact', 'retention.ms': -1 } }],
  });
  expect(brokers).toBe(1);
  expect(config).toEqual({
    'num.partitions': '6',
    'log.retention.ms': '1099511627776',
    'auto.create.topics.enable': 'false',
  });
  expect(topics).toEqual([
    { name: 'a', partitions: -1, replicationFactor: -1, configs: [] },
    {
      name: 'b',
      partitions: 3,
      replicationFactor: -1,
      configs: [
        { name: 'cleanup.policy', value: 'compact' },
        { name: 'retention.ms', value: '-1' },
      ],
    },
  ]);
});

test('the types of configs are what `node scripts/config-types.ts` writes of the tables', () => {
  expect(readFileSync(join(import.meta.dirname, 'config-types.ts'), 'utf8')).toBe(configTypes());
});
