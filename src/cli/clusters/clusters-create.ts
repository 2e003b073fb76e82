import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { configurationOf } from '../configurations/configuration-option.ts';
import { Failure } from '../failure.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { bootstrapBrokers, describeCluster } from './clusters.ts';

const POLL_MS = 50;

export const clustersCreate: Command = {
  name: 'clusters create',
  summary: 'Create a cluster and wait until it serves.',
  takes: 'NAME',
  words: { min: 1, max: 1 },
  options: {
    brokers: { value: 'N', help: 'Brokers, a multiple of the zones.', default: '3' },
    zones: { value: 'N', help: 'Zones: 2 or 3.', default: '3' },
    'kafka-version': { value: 'VERSION', help: "In MSK's spelling.", default: '4.1.x.kraft' },
    'instance-type': {
      value: 'TYPE',
      help: 'Size of the brokers: a limit of their memory.',
      default: 'kafka.m5.large',
    },
    'volume-size': {
      value: 'GIB',
      help: "Size of each broker's volume, a limit of what it stores. Default: 1000, as much of it as the disk gives.",
    },
    'client-broker': {
      value: 'ENCRYPTION',
      choices: ['TLS', 'TLS_PLAINTEXT', 'PLAINTEXT'],
      help: 'Between clients and brokers: TLS, TLS_PLAINTEXT (both) or PLAINTEXT.',
      default: 'TLS',
    },
    iam: { help: 'Clients sign in by IAM, over TLS.' },
    configuration: {
      value: 'NAME[:REVISION]',
      help: 'A configuration for its brokers. Default: the defaults of MSK.',
    },
    config: {
      value: 'FILE',
      help: 'Properties for its brokers: makes a configuration named after the cluster, or a revision of it.',
    },
    'no-wait': { help: 'Return at once, while the cluster is CREATING.' },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  async run(given, output) {
    const api = new ApiClient(given.text('api'));
    const zones = given.integer('zones', { min: 1, max: 3 });
    const [clusterName = ''] = given.words;
    const clientBroker = given.text('client-broker');
    const volumeSize = given.has('volume-size')
      ? given.integer('volume-size', { min: 1, max: 16_384 })
      : null;
    const usesIam = given.switched('iam');
    const configured = await configurationOf(api, given, clusterName);
    const created = await api.send('POST', ['v1', 'clusters'], {
      clusterName,
      kafkaVersion: given.text('kafka-version'),
      numberOfBrokerNodes: given.integer('brokers', { min: 1, max: 60 }),
      brokerNodeGroupInfo: {
        instanceType: given.text('instance-type'),
        clientSubnets: Array.from({ length: zones }, (_, zone) => `subnet-${zone + 1}`),
        ...(volumeSize === null ? {} : { storageInfo: { ebsStorageInfo: { volumeSize } } }),
      },
      ...(configured ? { configurationInfo: configured } : {}),
      encryptionInfo: { encryptionInTransit: { clientBroker } },
      ...(usesIam ? { clientAuthentication: { sasl: { iam: { enabled: true } } } } : {}),
    });
    const arn = String(created.clusterArn);
    let cluster = await describeCluster(api, arn);
    while (!given.switched('no-wait') && cluster.state === 'CREATING') {
      await new Promise((done) => setTimeout(done, POLL_MS));
      cluster = await describeCluster(api, arn);
    }
    if (cluster.state === 'FAILED')
      throw new Failure(`The cluster ${clusterName} is FAILED: ${cluster.trouble ?? 'see its logs'}`);
    const bootstrap = await bootstrapBrokers(api, cluster);
    if (given.switched('json'))
      output.line(JSON.stringify({ name: clusterName, arn, state: cluster.state, bootstrap }));
    else {
      output.line(`${clusterName} is ${cluster.state}: ${arn}`);
      if (bootstrap) output.line(`Bootstrap brokers: ${bootstrap}`);
      if (usesIam)
        output.line(
          'Clients sign in by IAM: make users, access keys and policies with "millrace iam" (see millrace iam --help).',
        );
      else if (clientBroker === 'TLS')
        output.line(
          `They speak TLS: "millrace clusters client-config ${clusterName} --tool kcat" prints what a client needs.`,
        );
    }
    return 0;
  },
};
