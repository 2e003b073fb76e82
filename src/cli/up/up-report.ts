import type { ControlOptions } from '../../control/control.ts';
import { bootstrapBrokers } from '../../control/endpoints/bootstrap.ts';
import { controllerEndpoint } from '../../control/endpoints/node-endpoints.ts';
import { type DiskUsage, describeUsage } from '../../control/health/disk-watch.ts';
import type { Cluster } from '../../control/state/cluster.ts';
import { listenersOf } from '../../control/state/listeners.ts';
import { otherPorts } from '../clusters/clusters.ts';
import { counted } from '../counted.ts';
import type { Output } from '../output.ts';

/** What `millrace up` says while it lives. */
export interface Reporter {
  starting(): void;
  /** Whenever any cluster changed. */
  clusters(all: readonly Cluster[]): void;
  ready(api: string, all: readonly Cluster[]): void;
  /** The disk of the data folder has got nearly full, or has room again. */
  disk(usage: DiskUsage): void;
  stopping(): void;
  stopped(): void;
}

interface Start {
  readonly version: string;
  readonly options: ControlOptions;
  /** The cluster that the start is for: it fails with it, and says why then. */
  readonly first: string | null;
}

export function reporter(json: boolean, output: Output, start: Start): Reporter {
  return json ? jsonReporter(output, start) : peopleReporter(output, start);
}

/** One object a line; `ready` is the last of start-up. */
function jsonReporter(output: Output, { version, options }: Start): Reporter {
  const say = (event: object): void => output.line(JSON.stringify(event));
  const news = changes();
  return {
    starting: () => say({ event: 'starting', version, data: options.dataDirectory }),
    clusters(all) {
      for (const cluster of news(all))
        say({
          event: 'cluster',
          name: cluster.name,
          arn: cluster.arn,
          state: cluster.state,
          ...(cluster.stateInfo ? { reason: cluster.stateInfo.message } : {}),
        });
    },
    ready: (api, all) =>
      say({
        event: 'ready',
        api,
        clusters: all.map((cluster) => ({
          name: cluster.name,
          arn: cluster.arn,
          bootstrap: bootstrapBrokers(cluster, options.advertised),
          ...(options.advertised.length > 1 ? { endpoints: endpointsByName(cluster, options) } : {}),
          controllerPort: controllerEndpoint(cluster).port,
        })),
        ms: sinceStart(),
      }),
    disk: (usage) => say({ event: 'disk', ...usage }),
    stopping: () => say({ event: 'stopping' }),
    stopped: () => say({ event: 'stopped' }),
  };
}

function peopleReporter(output: Output, { version, options, first }: Start): Reporter {
  let isReady = false;
  const news = changes();
  return {
    starting: () => output.line(`Millrace ${version} starts …`),
    clusters(all) {
      for (const { name, state, stateInfo } of news(all)) {
        // A start that fails says so itself; one without a zone goes on.
        if (!isReady && name === first && stateInfo?.code !== 'ZONE_DOWN') continue;
        if (stateInfo?.code === 'PORT_IN_USE')
          output.complain(`Cluster ${name} is ${state}: ${stateInfo.message}; ${otherPorts(name)}`);
        else if (stateInfo) output.complain(`Cluster ${name} is ${state}: ${stateInfo.message}`);
        else if (isReady) output.line(`Cluster ${name} is ${state}.`);
      }
    },
    ready(api, all) {
      isReady = true;
      for (const line of readyText(api, all, options)) output.line(line);
    },
    disk: (usage) => output.complain(describeUsage(usage, options.dataDirectory)),
    stopping: () => output.line('Stopping …'),
    stopped: () => output.line('Stopped. The next start finds every cluster and record again.'),
  };
}

/** The clusters whose state or reason is another than at the last call. */
function changes(): (all: readonly Cluster[]) => Cluster[] {
  const known = new Map<string, string>();
  return (all) =>
    all.filter((cluster) => {
      const now = `${cluster.state} ${cluster.stateInfo?.message ?? ''}`;
      if (known.get(cluster.arn) === now) return false;
      known.set(cluster.arn, now);
      return true;
    });
}

function readyText(api: string, all: readonly Cluster[], options: ControlOptions): string[] {
  const lines = [
    '',
    `Millrace is ready after ${(sinceStart() / 1000).toFixed(1)} s. Ctrl-C stops it.`,
    '',
    `  API        ${api}  (region ${options.region}, account ${options.account})`,
    ...all.flatMap((cluster) => [
      `  Cluster    ${cluster.name}, ${counted(cluster.brokers.length, 'broker')}: ${bootstrapBrokers(cluster, options.advertised)} (controller: port ${controllerEndpoint(cluster).port})`,
      ...Object.entries(endpointsByName(cluster, options))
        .slice(1)
        .map(([name, bootstrap]) => `             for clients that reach ${name}: ${bootstrap}`),
    ]),
    `  Data       ${options.dataDirectory}`,
    '',
  ];
  const plaintext = all.find(({ spec }) => listenersOf(spec).includes('plaintext'));
  const bootstrap = plaintext && bootstrapBrokers(plaintext, options.advertised);
  if (bootstrap)
    lines.push(
      'Try it with kcat:',
      `  echo hello | kcat -b ${bootstrap} -t greetings -P`,
      `  kcat -b ${bootstrap} -t greetings -C -e`,
      '',
      'with kafkajs:',
      `  new Kafka({ brokers: [${bootstrap
        .split(',')
        .map((address) => `'${address}'`)
        .join(', ')}] })`,
      '',
    );
  else if (all[0])
    lines.push(
      'What a client needs is printed by:',
      `  millrace clusters client-config ${all[0].name} --tool ${listenersOf(all[0].spec).every((kind) => kind === 'iam') ? 'java' : 'kcat'}`,
      '',
    );
  lines.push(
    all.length > 0
      ? 'with the aws CLI:'
      : 'Make a cluster with "millrace clusters create NAME", or with the aws CLI; see all:',
    `  AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any aws kafka list-clusters-v2 --region ${options.region} --endpoint-url ${api}`,
    '',
  );
  return lines;
}

/** Where clients begin, by the name that they reach this machine by. */
function endpointsByName(cluster: Cluster, { advertised }: ControlOptions): Record<string, string> {
  return Object.fromEntries(
    advertised.map(({ name }, nth) => [name, bootstrapBrokers(cluster, advertised, { nth })]),
  );
}

/** Milliseconds since the process began, so that loading the program counts. */
function sinceStart(): number {
  return Math.round(performance.now());
}
