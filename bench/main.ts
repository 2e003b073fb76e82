import { kafkaJars } from '../scripts/kafka-jars.ts';
import { numberOption, runOptions, switchOption, textOption } from '../test/support/run-options.ts';
import type { BrokerCluster } from './broker-cluster.ts';
import { catchUp } from './catch-up.ts';
import { coldReader } from './cold-reader.ts';
import { endToEnd } from './end-to-end.ts';
import { fetchTail } from './fetch.ts';
import { handshakes } from './handshakes.ts';
import { KafkaCluster } from './kafka-cluster.ts';
import { manyClusters } from './many-clusters.ts';
import { MillraceCluster } from './millrace-cluster.ts';
import { monitoringCost } from './monitoring.ts';
import { partitions } from './partitions.ts';
import { type ProduceLoad, produce } from './produce.ts';
import { requestTimesCostNs } from './request-times.ts';
import { startUp } from './start-up.ts';
import { apacheKafkaSubject, machine, millraceSubject, type Subject, touchMemory } from './subject.ts';

const options = runOptions(
  'bench',
  'Asks Millrace and Apache Kafka the same questions in turn: start-up, produce, fetch, a cold reader, end to end.',
  {
    seconds: numberOption('How long each question is asked.', 4, { least: 0.1 }),
    rounds: numberOption('How often each is asked; a first round more is not reported.', 2, { least: 1 }),
    only: textOption('Ask only the questions whose names have this text.', 'TEXT'),
    'no-kafka': switchOption('Leave Apache Kafka out.'),
    replicated: switchOption(
      'Produce with acks=all to three brokers of ours, and a follower that was away; without Apache Kafka.',
    ),
    partitions: numberOption(
      'Three brokers with so many partitions of three replicas, then three of Apache Kafka, and nothing else.',
      undefined,
      { least: 1 },
    ),
    tls: switchOption('Produce, fetch and handshakes over TLS.'),
    clusters: numberOption('Number of clusters to start at once; measures nothing else.', undefined, {
      least: 1,
    }),
    monitoring: switchOption('What open monitoring costs small requests, and nothing else.'),
  },
);
const { seconds } = options;
/** With three brokers, all in-sync replicas acknowledge everything. */
const durability = options.replicated
  ? { acks: -1, replicationFactor: 3, seconds }
  : { acks: 1, replicationFactor: 1, seconds };
const LOADS: readonly ProduceLoad[] = [
  {
    name: 'produce 1 KB records, 1 MB batches',
    recordBytes: 1000,
    recordsPerBatch: 950,
    connections: 1,
    depth: 3,
    ...durability,
  },
  {
    name: 'produce 100 B records, 16 KB batches',
    recordBytes: 100,
    recordsPerBatch: 145,
    connections: 1,
    depth: 5,
    ...durability,
  },
  {
    name: 'small requests, pipelined',
    recordBytes: 100,
    recordsPerBatch: 1,
    connections: 4,
    depth: options.replicated ? 128 : 32,
    ...durability,
  },
  {
    name: 'small requests, one at a time',
    recordBytes: 100,
    recordsPerBatch: 1,
    connections: 1,
    depth: 1,
    ...durability,
  },
];

// At a signal this process exits, so that its exit handlers stop what it started.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

print(machine());
if (options.clusters !== undefined) {
  const { firstRecordMs, acceptedMs, activeMs, listMs, residentMegabytes } = await manyClusters(
    options.clusters,
  );
  print(
    `a cluster of 2 brokers: first record acknowledged ${firstRecordMs.toFixed(0)} ms after CreateCluster`,
  );
  print(
    `${options.clusters} clusters at once: accepted within ${acceptedMs.toFixed(0)} ms, ACTIVE within ${(activeMs / 1000).toFixed(1)} s, listed in ${listMs.toFixed(1)} ms at most, ${residentMegabytes.toFixed(0)} MB resident`,
  );
  process.exit(0);
}
if (options.monitoring) {
  for (const load of LOADS.filter(({ name }) => name === 'small requests, pipelined')) {
    const cost = await monitoringCost(load, options.rounds);
    const told = (micros: readonly number[]) =>
      `${micros.map((one) => one.toFixed(1)).join(', ')} µs of the broker's processor for a request`;
    print(`${load.name}: without the JMX exporter ${told(cost.without)}`);
    print(`  with both exporters, asked every second ${told(cost.with)}`);
  }
  process.exit(0);
}
if (options.partitions !== undefined) {
  print(`${options.partitions} partitions, 3 brokers, 3 replicas each`);
  await printPartitions(await MillraceCluster.start(), options.partitions);
  if (!options['no-kafka'] && kafkaJars('tools'))
    await printPartitions(await KafkaCluster.start(), options.partitions);
  process.exit(0);
}
if (!options.replicated && !options.tls && wanted('request times'))
  print(
    `request times: measuring takes ${requestTimesCostNs().toFixed(0)} ns of a processor for each request`,
  );
if (!options.replicated && !options.tls && wanted('start-up')) {
  const { upMs, firstRecordMs, idleMegabytes } = await startUp(3);
  print(
    `start-up, 3 brokers: ready after ${upMs.toFixed(0)} ms, first record acknowledged after ${firstRecordMs.toFixed(0)} ms`,
  );
  print(
    `idle memory of each process: ${idleMegabytes.map((megabytes) => megabytes.toFixed(0)).join(', ')} MB`,
  );
}
if (options.replicated && wanted('catch-up')) {
  const { ingest, rate, seconds: took, p99BeforeMs, p99DuringMs } = await catchUp();
  print(
    `catch-up of a follower: ${rate.toFixed(0)} MB/s beside ${ingest.toFixed(0)} MB/s of new records, in sync after ${took.toFixed(1)} s; the producer's p99 is ${p99BeforeMs.toFixed(2)} ms before and ${p99DuringMs.toFixed(2)} ms meanwhile`,
  );
}
const subjects: Subject[] = [];
if (!options['no-kafka'] && !options.replicated) {
  if (kafkaJars('tools')) subjects.push(await apacheKafkaSubject({ tls: options.tls }));
  else print('Apache Kafka is left out: its jars or a JDK are missing.');
}
subjects.unshift(await millraceSubject(options.replicated ? 3 : 1, { tls: options.tls }));
try {
  for (const load of LOADS.filter(({ name }) => wanted(name))) {
    const perSubject = await inTurn(load.name, (subject) => {
      touchMemory(bytesAtMost(load));
      return produce(subject, load);
    });
    for (const [name, figures] of perSubject)
      print(
        `  ${name.padEnd(13)} ${figures.megabytesPerSecond.toFixed(1)} MB/s, ${figures.requestsPerSecond.toFixed(0)} requests/s, p50 ${figures.p50Ms.toFixed(2)} ms, p99 ${figures.p99Ms.toFixed(2)} ms, CPU ${figures.cpuMsPerMegabyte.toFixed(2)} ms/MB = ${figures.cpuMicrosPerRequest.toFixed(1)} µs/request, ${figures.residentMegabytes.toFixed(0)} MB resident`,
      );
  }
  for (const recordBytes of [1000, 10_000].filter(() => !options.replicated && wanted('fetch'))) {
    for (const [name, figures] of await inTurn(`fetch from the tail, ${recordBytes} B records`, (subject) =>
      fetchTail(subject, { recordBytes, seconds }),
    ))
      print(
        `  ${name.padEnd(13)} ${figures.megabytesPerSecond.toFixed(0)} MB/s, CPU ${figures.cpuMsPerMegabyte.toFixed(2)} ms/MB`,
      );
  }
  if (options.tls && wanted('handshakes'))
    for (const [name, figures] of await inTurn('TLS handshakes', (subject) => handshakes(subject, seconds)))
      print(
        `  ${name.padEnd(13)} ${figures.perSecond.toFixed(0)} handshakes/s, CPU ${figures.cpuMsOfOne.toFixed(2)} ms each`,
      );
  if (!options.replicated && !options.tls && wanted('cold reader'))
    for (const [name, figures] of await inTurn('cold reader beside a producer', coldReader)) {
      const { producerP99Ms, heartbeatP99Ms, megabytesPerSecond } = figures;
      const pair = ({ alone, beside }: { readonly alone: number; readonly beside: number }) =>
        `${alone.toFixed(2)} ms alone, ${beside.toFixed(2)} ms beside it`;
      print(
        `  ${name.padEnd(13)} reads ${megabytesPerSecond.toFixed(0)} MB/s; producer's p99 ${pair(producerP99Ms)}; small request's p99 ${pair(heartbeatP99Ms)}`,
      );
    }
  if (!options.replicated && wanted('end to end'))
    for (const [name, figures] of await inTurn('end to end at 1000 records/s', (subject) =>
      endToEnd(subject, { perSecond: 1000, seconds }),
    ))
      print(`  ${name.padEnd(13)} p50 ${figures.p50Ms.toFixed(2)} ms, p99 ${figures.p99Ms.toFixed(2)} ms`);
} finally {
  await Promise.all(subjects.map((subject) => subject.stop()));
}

async function printPartitions(cluster: BrokerCluster, count: number): Promise<void> {
  print(cluster.name);
  try {
    const { idle, produceP50Ms, residentMegabytes, fencings, ...figures } = await partitions(cluster, count);
    const list = (all: readonly number[], unit: string) =>
      all.map((one) => `${one.toFixed(1)} ${unit}`).join(', ');
    const shares = idle.map((share) => share * 100);
    const told = (count: number | undefined) => `, ${count ?? 'unknown'} fencings`;
    print(`  created and in sync after ${figures.createSeconds.toFixed(1)} s${told(fencings?.whileCreated)}`);
    print(`  idle: ${list(shares, '%')} of a core for each broker`);
    print(
      `  one record at a time, acks=all: p50 ${produceP50Ms.all.toFixed(2)} ms (with 60 partitions ${produceP50Ms.few.toFixed(2)} ms)`,
    );
    print(`  resident: ${list(residentMegabytes, 'MB')}`);
    print(
      `  kill -9 of a broker: longest gap of acks=all ${figures.gapMs.toFixed(0)} ms${told(fencings?.atKill)}`,
    );
    print(`  clean stop to everything serving: ${figures.stopToServingSeconds.toFixed(1)} s`);
    print(`  kill -9 of everything to everything serving: ${figures.killToServingSeconds.toFixed(1)} s`);
  } finally {
    await cluster.remove();
  }
}

/**
 * The subjects take turns (A B A B), so that a machine whose speed changes slows both. The first round is not
 * reported.
 */
async function inTurn<T>(question: string, ask: (subject: Subject) => Promise<T>): Promise<[string, T][]> {
  print(question);
  const answers: [string, T][] = [];
  for (let round = 0; round <= options.rounds; round++)
    for (const subject of subjects) {
      const answer = await ask(subject);
      if (round > 0) answers.push([subject.name, answer]);
    }
  return answers;
}

/** The most bytes that a run may write, for which memory is prepared. */
function bytesAtMost({ recordBytes, recordsPerBatch, replicationFactor }: ProduceLoad): number {
  const isLarge = recordBytes * recordsPerBatch >= 10_000;
  return isLarge ? seconds * 0.7e9 * (replicationFactor > 1 ? 0.6 : 1) : seconds * 5e7;
}

function wanted(name: string): boolean {
  return options.only === undefined || name.includes(options.only);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
