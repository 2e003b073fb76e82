import * as msk from '@aws-sdk/client-kafka';
import { eventually, Millrace, processesOf } from '../test/support/millrace.ts';
import { type ProduceLoad, produce } from './produce.ts';

/** More often than Prometheus, whose default is every 15 s. */
const SCRAPE_MS = 1_000;
const CHANGE_MS = 120_000;
/** The exporters' ports, relative to a broker's first port. */
const EXPORTER_OFFSETS = [3, 9];

export interface MonitoringCost {
  /** Microseconds of the broker's processor time for each request, one figure a round. */
  readonly without: readonly number[];
  readonly with: readonly number[];
}

/**
 * One broker under the same load, with monitoring off and on in turn. Off: only what cannot be switched off.
 * On: both exporters, metrics of every partition, and a client that reads them every second. The process
 * stays the same. The first round does not count.
 */
export async function monitoringCost(load: ProduceLoad, rounds: number): Promise<MonitoringCost> {
  await using millrace = await Millrace.up(['--cluster', 'bench', '--brokers', '1']);
  const [cluster] = millrace.ready.clusters;
  const bootstrap = cluster?.bootstrap ?? '';
  const subject = {
    name: 'millrace',
    bootstrap,
    pids: processesOf(millrace.data)
      .filter(({ command }) => / broker /.test(command))
      .map(({ pid }) => pid),
    data: millrace.data,
    stop: async () => {},
  };
  const aws = new msk.KafkaClient({
    endpoint: millrace.ready.api,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
  const firstPort = Number(bootstrap.split(':')[1]);
  const without: number[] = [];
  const withIt: number[] = [];
  for (let round = 0; round <= rounds; round++)
    for (const isOn of [false, true]) {
      await monitor(aws, cluster?.arn, isOn);
      const scraping = isOn ? scrape(EXPORTER_OFFSETS.map((offset) => firstPort + offset)) : null;
      const { cpuMicrosPerRequest } = await produce(subject, load);
      await scraping?.stop();
      if (round > 0) (isOn ? withIt : without).push(cpuMicrosPerRequest);
    }
  return { without, with: withIt };
}

async function monitor(aws: msk.KafkaClient, ClusterArn: string | undefined, isOn: boolean): Promise<void> {
  const describe = async () => (await aws.send(new msk.DescribeClusterCommand({ ClusterArn }))).ClusterInfo;
  await aws.send(
    new msk.UpdateMonitoringCommand({
      ClusterArn,
      CurrentVersion: (await describe())?.CurrentVersion,
      EnhancedMonitoring: isOn ? 'PER_TOPIC_PER_PARTITION' : 'DEFAULT',
      // The API requires one of the two exporters; nobody reads it.
      OpenMonitoring: {
        Prometheus: { JmxExporter: { EnabledInBroker: isOn }, NodeExporter: { EnabledInBroker: true } },
      },
    }),
  );
  await eventually('it is ACTIVE', async () => (await describe())?.State === 'ACTIVE', CHANGE_MS);
}

/** Reads the exporters again and again until it is stopped; `stop` rejects if one of them did not answer. */
function scrape(ports: readonly number[]): { stop(): Promise<void> } {
  let pending: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    pending = pending.then(() =>
      Promise.all(
        ports.map(async (port) => {
          const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
          if (!answer.ok) throw new Error(`the exporter on ${port} answers ${answer.status}`);
          await answer.text();
        }),
      ),
    );
    // `stop` reports the error.
    pending.catch(() => {});
  }, SCRAPE_MS);
  return {
    async stop() {
      clearInterval(timer);
      await pending;
    },
  };
}
