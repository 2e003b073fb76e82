import { resolve } from 'node:path';
import { ApiClient } from '../api-client.ts';
import type { Command, Given } from '../command.ts';
import { Failure } from '../failure.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import {
  CLIENT_TOOLS,
  type ClientTool,
  type ConnectionSettings,
  clientConfig,
  JAVA_TOOLS,
} from './client-config.ts';
import { bootstrapStringsNow, type DescribedCluster, findCluster } from './clusters.ts';
import { iamClientConfig } from './iam-client-config.ts';
import { isPkcs12 } from './java-store.ts';

/** From the one that asks least of a client to the one that asks most. */
const LISTENERS = [
  { name: 'plaintext', member: 'bootstrapBrokerString', isEncrypted: false, signsIn: false },
  { name: 'tls', member: 'bootstrapBrokerStringTls', isEncrypted: true, signsIn: false },
  { name: 'scram', member: 'bootstrapBrokerStringSaslScram', isEncrypted: true, signsIn: true },
  { name: 'iam', member: 'bootstrapBrokerStringSaslIam', isEncrypted: true, signsIn: true },
] as const;

type Listener = (typeof LISTENERS)[number];

export const clustersClientConfig: Command = {
  name: 'clusters client-config',
  summary: 'Print the configuration that a client needs to use a cluster.',
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: {
    tool: { value: 'TOOL', choices: CLIENT_TOOLS, help: `One of ${CLIENT_TOOLS.join(', ')}.` },
    listener: {
      value: 'NAME',
      choices: LISTENERS.map(({ name }) => name),
      help: 'plaintext, tls, scram or iam. Default: the first of them that the cluster has.',
    },
    user: { value: 'NAME', help: 'User that signs in by SCRAM.', default: 'alice' },
    certificate: {
      value: 'FILE',
      help: 'Certificate and key of the client, as "millrace ca issue" writes them. Default, where clients need one: ./client.pem',
    },
    ca: { value: 'FILE', help: 'Where the output of "millrace ca export" is.', default: './ca.pem' },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  more: "No password is printed: put it in the place of PASSWORD, in a file that only you can read. Who signs in by IAM uses AWS's libraries, which find the key in the environment or a profile. With --tool java and console, FILE may be PKCS#12, by the ending .p12 or .pfx: its password goes in the place of TRUSTSTORE_PASS or KEYSTORE_PASS.",
  async run(given, output) {
    const api = new ApiClient(given.text('api'));
    const [name = ''] = given.words;
    const tool = given.choice('tool', CLIENT_TOOLS);
    const cluster = await findCluster(api, name);
    const connection = await connectionTo(api, cluster, given.maybe('listener'));
    const files = { ca: resolve(given.text('ca')), certificate: certificateOf(given, cluster, connection) };
    const foreign = [files.ca, files.certificate].find((file) => file !== null && isPkcs12(file));
    if (foreign && !JAVA_TOOLS.includes(tool))
      throw new Failure(
        `${foreign} is PKCS#12, and --tool ${tool} takes PEM: the output of "millrace ca export" or "ca issue" without --format.`,
        {
          exit: 'usage',
        },
      );
    const text = print(tool, cluster, { ...connection, ...files, user: given.text('user') });
    output.line(
      given.switched('json') ? JSON.stringify({ tool, bootstrap: connection.bootstrap, config: text }) : text,
    );
    return 0;
  },
};

/** The file of what the client shows; null where it shows nothing. */
function certificateOf(
  given: Given,
  { raw }: DescribedCluster,
  { isEncrypted, signsIn }: Pick<ConnectionSettings, 'isEncrypted' | 'signsIn'>,
): string | null {
  if (!isEncrypted || signsIn) return null;
  const named = given.maybe('certificate');
  if (named !== undefined) return resolve(named);
  const needed = signInOf(raw);
  return needed.tls && !needed.unauthenticated ? resolve('client.pem') : null;
}

/** Which ways of signing in a cluster's description names as enabled. */
function signInOf(raw: object): { readonly tls: boolean; readonly unauthenticated: boolean } {
  const ways: unknown = 'clientAuthentication' in raw ? raw.clientAuthentication : null;
  const isEnabled = (way: unknown): boolean =>
    typeof way === 'object' && way !== null && 'enabled' in way && way.enabled === true;
  const named = typeof ways === 'object' && ways !== null ? ways : {};
  return {
    tls: 'tls' in named && isEnabled(named.tls),
    unauthenticated: 'unauthenticated' in named && isEnabled(named.unauthenticated),
  };
}

async function connectionTo(
  api: ApiClient,
  cluster: DescribedCluster,
  wanted: string | undefined,
): Promise<Pick<ConnectionSettings, 'bootstrap' | 'isEncrypted' | 'signsIn'> & Pick<Listener, 'name'>> {
  const strings = await bootstrapStringsNow(api, cluster);
  const there = LISTENERS.filter(({ member }) => typeof strings[member] === 'string');
  const listener = wanted === undefined ? there[0] : there.find(({ name }) => name === wanted);
  if (!listener)
    throw new Failure(
      `The cluster ${cluster.clusterName} has no such listener: it has ${there.map(({ name }) => name).join(', ')}.`,
      { exit: 'usage' },
    );
  const { member, ...rest } = listener;
  return { bootstrap: String(strings[member]), ...rest };
}

function print(
  tool: ClientTool,
  { clusterArn }: DescribedCluster,
  connection: ConnectionSettings & Pick<Listener, 'name'>,
): string {
  const isIam = connection.name === 'iam';
  const [, , , region = ''] = clusterArn.split(':');
  const lines = isIam ? iamClientConfig(tool, { ...connection, region }) : clientConfig(tool, connection);
  if (lines === null)
    throw new Failure(
      `${tool} cannot sign in by IAM: choose another --tool, or another --listener where the cluster has one.`,
      { exit: 'usage' },
    );
  return lines.join('\n');
}
