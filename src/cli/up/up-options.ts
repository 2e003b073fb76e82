import { statSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { endpointProblem } from '../../aws/s3/s3-endpoint.ts';
import { LOG_LEVEL_NAMES } from '../../base/log.ts';
import { hostOfBroker } from '../../control/broker-host.ts';
import type { ControlOptions } from '../../control/control.ts';
import type { AdvertisedHosts } from '../../control/endpoints/endpoint.ts';
import { lastPortBase, MOST_ADVERTISED_HOSTS } from '../../control/state/ports.ts';
import type { Given, Option } from '../command.ts';
import { Failure } from '../failure.ts';
import { JSON_OPTION } from '../options.ts';
import { DEFAULT_DATA } from '../server/data-folder.ts';
import { KAFKA_CONNECT_OPTIONS, kafkaConnectOf } from './kafka-connect-options.ts';
import { checkOpenAddresses } from './open-addresses.ts';
import { SECRETS_OPTIONS, secretsKeySource } from './secrets-key-option.ts';
import { givenFiles, TLS_FILES_OPTIONS } from './tls-files-option.ts';

export const UP_OPTIONS: Readonly<Record<string, Option>> = {
  data: { value: 'DIR', help: 'The data folder, which holds everything.', default: DEFAULT_DATA },
  port: { value: 'PORT', help: 'Port of the API.', default: '7070' },
  host: { value: 'HOST', help: 'Address that API and brokers listen on.', default: '127.0.0.1' },
  'broker-host': {
    value: 'HOST',
    help: "Address that brokers listen on; {id} in it is the broker's number. Default: the host.",
  },
  advertise: {
    value: 'NAME,…',
    help: "Name or address that clients are told, as in Kafka's advertised.listeners; {id} is the broker's number. Each further one has ports of its own, 10,000 higher (19092, 29092). Default: the broker host.",
    repeats: true,
  },
  'api-name': {
    value: 'NAME,…',
    help: 'Further names by which the API may be called; others are refused, for the sake of browsers.',
  },
  cluster: { value: 'NAME', help: 'The cluster to create when it does not exist.', default: 'demo' },
  'no-cluster': { help: 'Create no cluster.' },
  brokers: { value: 'N', help: 'Number of brokers of that cluster, in up to 3 zones.', default: '3' },
  tls: { help: 'Encrypt that cluster: TLS with clients and between brokers.' },
  scram: {
    value: 'USER:FILE,…',
    help: 'Clients of that cluster sign in by SCRAM-SHA-512, over TLS; the first line of FILE is the password, and - is standard input.',
  },
  iam: {
    help: 'Clients of that cluster sign in by IAM, over TLS: "millrace iam" makes users, access keys and policies.',
  },
  'kafka-port': {
    value: 'PORT',
    help: "First port of that cluster's brokers; when it is there already, it and all others move. Default for a new one: 9092.",
  },
  config: {
    value: 'KEY=VALUE',
    help: "Config of that cluster's brokers when it is made, as in Kafka's server.properties; may be given again.",
    repeats: true,
  },
  region: { value: 'REGION', help: 'Region in ARNs and zone names.', default: 'us-east-1' },
  account: { value: 'ID', help: 'Account in ARNs, 12 digits.', default: '000000000000' },
  'hung-after': {
    value: 'SECONDS',
    help: 'A broker that does not answer for this time is killed and restarted.',
    default: '30',
  },
  'log-level': {
    value: 'LEVEL',
    choices: LOG_LEVEL_NAMES,
    help: 'Least level of the lines in the logs of Millrace and its processes: debug, info, warn or error.',
    default: 'info',
  },
  ...KAFKA_CONNECT_OPTIONS,
  'connect-files': {
    value: 'DIR',
    help: 'Folder that file connectors read and write in; without it there are none.',
  },
  's3-endpoint': {
    value: 'URL',
    help: "Read plugins from S3, and write logs there, at this address: https://s3.REGION.amazonaws.com or a server that speaks its protocol, with the credentials of AWS's environment and files. Default: buckets are folders in the data folder.",
  },
  'smaller-volumes': {
    help: 'Let volumes become smaller, down to what brokers have stored; as MSK, Millrace refuses that otherwise.',
  },
  ...TLS_FILES_OPTIONS,
  ...SECRETS_OPTIONS,
  detach: { help: 'Run in the background. The command returns when every cluster is ready.' },
  insecure: {
    help: 'Allow addresses that others can reach and where nobody has to sign in: of the API, which never asks, and of clusters without --scram or --iam.',
  },
  ...JSON_OPTION,
};

export const UP_MORE = [
  'Ports: every broker has ten in a row for as long as it exists. Clients connect to the first (9092, 9102, 9112 …), brokers to each',
  'other on the next one; the controller of a cluster listens on the eighth of its first broker (9099).',
].join('\n');

const EVERY_ADDRESS = ['0.0.0.0', '::'];
const HOST_NAME = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,252})$/;

/** What the command line says of the control plane. Touches nothing. Throws Failure. */
export function controlOptions(given: Given): ControlOptions {
  if (given.text('data') === '') throw new Failure('--data must name a folder.', { exit: 'usage' });
  const dataDirectory = resolve(given.text('data'));
  if (statSync(dataDirectory, { throwIfNoEntry: false })?.isFile())
    throw new Failure(`The data folder ${dataDirectory} is a file: choose a folder with --data.`);
  const host = given.text('host');
  const brokerHost = given.maybe('broker-host') ?? host;
  checkOpenAddresses(given, { api: host, brokers: brokerHost });
  const advertised = advertisedHosts(given, brokerHost);
  const apiNames = (given.maybe('api-name') ?? '').split(',').filter((name) => name !== '');
  const notAName = apiNames.find((name) => isIP(name) === 0 && !HOST_NAME.test(name));
  if (notAName !== undefined)
    throw new Failure(`--api-name must be host names or addresses, not "${notAName}".`, { exit: 'usage' });
  const region = given.text('region');
  if (!/^[a-z]{2,5}(-[a-z]+)+-\d+$/.test(region))
    throw new Failure(`--region must be a region's name such as us-east-1, not "${region}".`);
  const account = given.text('account');
  if (!/^\d{12}$/.test(account)) throw new Failure(`--account must be 12 digits, not "${account}".`);
  const port = given.integer('port', { min: 0, max: 65_535 });
  const hungAfterMs = given.integer('hung-after', { min: 5, max: 86_400 }) * 1000;
  const logLevel = given.choice('log-level', LOG_LEVEL_NAMES);
  const secretsKey = secretsKeySource(given, process.env.CREDENTIALS_DIRECTORY);
  const tlsFiles = givenFiles(given);
  const connectFiles = given.maybe('connect-files');
  if (connectFiles !== undefined && !statSync(connectFiles, { throwIfNoEntry: false })?.isDirectory())
    throw new Failure(`--connect-files must be a folder that is there, and ${connectFiles} is none.`);
  const s3Endpoint = given.maybe('s3-endpoint');
  const problem = s3Endpoint === undefined ? null : endpointProblem(s3Endpoint);
  if (problem !== null) throw new Failure(`--s3-endpoint: ${problem}.`, { exit: 'usage' });
  const ports = given.has('kafka-port') && {
    cluster: given.text('cluster'),
    first: given.integer('kafka-port', { min: 1024, max: lastPortBase(advertised.length) }),
  };
  return {
    ...{ dataDirectory, host, port, advertised, apiNames, region, account, hungAfterMs, logLevel },
    smallerVolumes: given.switched('smaller-volumes'),
    ...(ports ? { ports } : {}),
    ...(connectFiles ? { connectFiles: resolve(connectFiles) } : {}),
    ...(s3Endpoint === undefined ? {} : { s3Endpoint }),
    ...kafkaConnectOf(given, process.env.KAFKA_HOME),
    ...(secretsKey ? { secretsKey } : {}),
    ...(tlsFiles ? { tlsFiles } : {}),
  };
}

/**
 * What --advertise says: each name has endpoints of its own on the address that brokers listen on. Throws
 * Failure.
 */
function advertisedHosts(given: Given, brokerHost: string): AdvertisedHosts {
  const names = given
    .all('advertise')
    .flatMap((text) => text.split(','))
    .filter((name) => name !== '');
  const [first = brokerHost, ...others] = [...new Set(names)];
  if (others.length >= MOST_ADVERTISED_HOSTS)
    throw new Failure(`--advertise can name ${MOST_ADVERTISED_HOSTS} hosts at most.`, { exit: 'usage' });
  for (const name of [first, ...others]) {
    if (EVERY_ADDRESS.includes(name))
      throw new Failure(
        `Clients cannot connect to ${name}: say with --advertise by which name they reach it.`,
      );
    const example = hostOfBroker(name, 1);
    if (isIP(example) === 0 && !HOST_NAME.test(example))
      throw new Failure(`--advertise must be a host name or an address, not "${name}".`);
  }
  const at = (name: string) => ({ host: brokerHost, name });
  return [at(first), ...others.map(at)];
}
