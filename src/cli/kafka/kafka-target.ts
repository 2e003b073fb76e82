import { readFileSync } from 'node:fs';
import { NetworkError } from '../../base/network.ts';
import type { KafkaClientOptions, Login } from '../../kafka-client/connections/client-options.ts';
import type { KafkaClient } from '../../kafka-client/kafka-client.ts';
import { KafkaClientError } from '../../kafka-client/kafka-client-error.ts';
import { ApiClient } from '../api-client.ts';
import {
  bootstrapStringsNow,
  type DescribedCluster,
  findCluster,
  listClusters,
} from '../clusters/clusters.ts';
import type { Command, Given, Option } from '../command.ts';
import { didYouMean } from '../did-you-mean.ts';
import { type EXIT, Failure } from '../failure.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import type { Output } from '../output.ts';
import { type ClientFile, readClientFile } from './client-file.ts';

/** How a command gets a client; the composition root has the world that it needs. */
export type ConnectKafka = (options: KafkaClientOptions) => KafkaClient;

/** Options of every command that speaks with a cluster as a Kafka client. */
const KAFKA_OPTIONS: Readonly<Record<string, Option>> = {
  cluster: { value: 'NAME|ARN', help: 'The cluster. It can be omitted when there is only one.' },
  ...API_OPTION,
  bootstrap: { value: 'HOST:PORT,…', help: 'Brokers of any Kafka cluster, in place of --cluster and --api.' },
  config: {
    value: 'FILE',
    help: 'File with the client settings to sign in with, as "clusters client-config --tool kcat" prints them.',
  },
  ...JSON_OPTION,
};

/** From the one that asks least of a client to the one that asks most. */
const LISTENERS = [
  { member: 'bootstrapBrokerString', isEncrypted: false, signsIn: false },
  { member: 'bootstrapBrokerStringTls', isEncrypted: true, signsIn: false },
  { member: 'bootstrapBrokerStringSaslScram', isEncrypted: true, signsIn: true },
] as const;

type Target = Pick<Given, 'text' | 'maybe' | 'has'>;

/** What a command on a Kafka cluster does; everything else is the same for all of them. */
interface KafkaCommand extends Omit<Command, 'run'> {
  run(given: Given, output: Output, client: KafkaClient): Promise<number>;
}

/** The command with the options that find the cluster; what the cluster refuses becomes a Failure. */
export function kafkaCommand(connect: ConnectKafka, command: KafkaCommand): Command {
  return {
    ...command,
    options: { ...command.options, ...KAFKA_OPTIONS },
    async run(given, output) {
      const client = connect(await clientOptions(given));
      try {
        return await command.run(given, output, client);
      } catch (error) {
        if (error instanceof KafkaClientError) throw await refusal(error, given, client);
        throw error;
      } finally {
        client.close();
      }
    },
  };
}

/** What to look at where something answered that let no client in. */
const NOT_LET_IN =
  ' Is it the port of a Kafka broker? Where that expects TLS, name a file with security.protocol and ssl.ca.location with --config.';

async function refusal(error: KafkaClientError, given: Given, client: KafkaClient): Promise<Failure> {
  const sentence = error.message.replace(/\.?$/, '.');
  return new Failure(
    `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}${isNotLetIn(error) ? NOT_LET_IN : await meantName(error, given, client)}`,
    { cause: error, code: error.code, exit: EXITS[error.code] ?? 'failed' },
  );
}

/** Whether a connection was made, and was ended by the other side before anything of Kafka came of it. */
function isNotLetIn(error: KafkaClientError): boolean {
  if (error.code !== 'NO_CONNECTION') return false;
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    // Nobody listens, or a broker hangs.
    if (cause instanceof NetworkError || ('code' in cause && cause.code === 'CONNECT_LATE')) return false;
  }
  return true;
}

const EXITS: { readonly [code: string]: keyof typeof EXIT } = {
  NO_CONNECTION: 'unreachable',
  UNKNOWN_TOPIC_OR_PARTITION: 'notFound',
  GROUP_ID_NOT_FOUND: 'notFound',
};

/** A topic or group whose name is nearly the one that was given, as a question; empty when there is none. */
async function meantName({ code }: KafkaClientError, given: Given, client: KafkaClient): Promise<string> {
  const { topics, groups } = client.admin;
  const name = given.words.find((word) => !['topic', 'broker', 'brokers'].includes(word));
  if (name === undefined) return '';
  try {
    if (code === 'UNKNOWN_TOPIC_OR_PARTITION')
      return didYouMean(
        name,
        (await topics.list()).map((topic) => topic.name),
      );
    if (code === 'GROUP_ID_NOT_FOUND')
      return didYouMean(
        name,
        (await groups.list()).map(({ groupId }) => groupId),
      );
    return '';
  } catch (error) {
    // Who may not list them is told what was refused first.
    if (error instanceof KafkaClientError) return '';
    throw error;
  }
}

/** How a client reaches the cluster that these options name. Throws Failure. */
export async function clientOptions(given: Target): Promise<KafkaClientOptions> {
  const file = given.maybe('config');
  const settings: ClientFile = file === undefined ? {} : readClientFile(file);
  const bootstrap = given.maybe('bootstrap') ?? (given.has('cluster') ? undefined : settings.bootstrap);
  if (bootstrap !== undefined && given.has('cluster'))
    throw new Failure('--cluster and --bootstrap both say which cluster: give one of them.', {
      exit: 'usage',
    });
  if (bootstrap === undefined) return ofApi(given, settings);
  const ca = settings.ca === undefined ? undefined : readCa(settings.ca);
  if (settings.isEncrypted && ca === undefined)
    throw new Failure(`${file} asks for encryption without ssl.ca.location.`, { exit: 'usage' });
  return made(bootstrap, settings.isEncrypted ? ca : undefined, settings.login);
}

/** By the API: its addresses, and the CA that its certificates are of. */
async function ofApi(given: Target, { login, ca }: ClientFile): Promise<KafkaClientOptions> {
  const api = new ApiClient(given.text('api'));
  const cluster = await chosen(api, given.maybe('cluster'));
  const strings = await bootstrapStringsNow(api, cluster);
  const listener = LISTENERS.find(
    ({ member, signsIn }) => typeof strings[member] === 'string' && signsIn === (login !== undefined),
  );
  if (!listener)
    throw new Failure(
      LISTENERS.every(({ member }) => strings[member] === undefined)
        ? `Clients of ${cluster.clusterName} sign in by IAM, which this command does not: use a tool of Kafka with one of AWS's libraries, or let clients of the cluster sign in by SCRAM, too, with "aws kafka update-security".`
        : login
          ? `Nobody signs in to ${cluster.clusterName}: leave --config out.`
          : `Clients of ${cluster.clusterName} sign in: put user and password into a file, and name it with --config.`,
    );
  const pem = ca === undefined ? () => api.text(['ca.pem']) : () => readCa(ca);
  return made(String(strings[listener.member]), listener.isEncrypted ? await pem() : undefined, login);
}

async function chosen(api: ApiClient, name: string | undefined): Promise<DescribedCluster> {
  if (name !== undefined) return findCluster(api, name);
  const clusters = await listClusters(api);
  const [only, ...others] = clusters;
  if (!only) throw new Failure('There is no cluster: see "millrace clusters create".', { exit: 'notFound' });
  if (others.length === 0) return only;
  const names = clusters.map(({ clusterName }) => clusterName).join(', ');
  throw new Failure(`Say with --cluster which cluster: there are ${names}.`, { exit: 'usage' });
}

function made(
  bootstrap: string,
  serverCas: string | undefined,
  login: Login | undefined,
): KafkaClientOptions {
  return {
    bootstrap: bootstrap.split(',').map(endpoint),
    clientId: 'millrace',
    // An election takes a second or two, and a person waits.
    callTimeoutMs: 5000,
    ...(serverCas === undefined ? {} : { tls: { serverCas } }),
    ...(login ? { login } : {}),
  };
}

function endpoint(text: string) {
  const [, host = '', port = ''] = /^\[?(.+?)\]?:(\d{1,5})$/.exec(text.trim()) ?? [];
  if (host === '' || Number(port) < 1 || Number(port) > 65_535)
    throw new Failure(`--bootstrap must be host:port,… and not "${text}".`, { exit: 'usage' });
  return { host, port: Number(port) };
}

function readCa(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Failure(`The CA in ${path} cannot be read: see "millrace ca export".`, {
      cause: error,
      exit: 'usage',
    });
  }
}
