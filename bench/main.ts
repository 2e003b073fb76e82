import { parseArgs } from 'node:util';
import { endToEnd } from './end-to-end.ts';
import { fetchTail } from './fetch.ts';
import { type ProduceLoad, produce } from './produce.ts';
import { startUp } from './start-up.ts';
import { apacheKafkaSubject, machine, millraceSubject, type Subject, touchMemory } from './subject.ts';

/** `npm run bench [-- --seconds N] [--rounds N] [--only name] [--no-kafka]`: every question, ours and Apache Kafka in turn. */
const { values } = parseArgs({
  allowNegative: true,
  options: {
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '2' },
    only: { type: 'string' },
    kafka: { type: 'boolean', default: true },
    replicated: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const single = { acks: 1, replicationFactor: 1, seconds };
const LOADS: readonly ProduceLoad[] = [
  {
    name: 'produce 1 KB records, 1 MB batches',
    recordBytes: 1000,
    recordsPerBatch: 950,
    connections: 1,
    depth: 3,
    ...single,
  },
  {
    name: 'produce 100 B records, 16 KB batches',
    recordBytes: 100,
    recordsPerBatch: 145,
    connections: 1,
    depth: 5,
    ...single,
  },
  {
    name: 'small requests, pipelined',
    recordBytes: 100,
    recordsPerBatch: 1,
    connections: 4,
    depth: 32,
    ...single,
  },
  {
    name: 'small requests, one at a time',
    recordBytes: 100,
    recordsPerBatch: 1,
    connections: 1,
    depth: 1,
    ...single,
  },
];

print(machine());
touchMemory(4e9);
if (wanted('start-up')) {
  const { upMs, firstRecordMs, idleMegabytes } = await startUp(3);
  print(
    `start-up, 3 brokers: ready after ${upMs.toFixed(0)} ms, first record acknowledged after ${firstRecordMs.toFixed(0)} ms`,
  );
  print(
    `idle memory of each process: ${idleMegabytes.map((megabytes) => megabytes.toFixed(0)).join(', ')} MB`,
  );
}
const subjects: Subject[] = [await millraceSubject(values.replicated ? 3 : 1)];
if (values.kafka) subjects.push(await apacheKafkaSubject());
try {
  for (const load of LOADS.filter(({ name }) => wanted(name))) {
    const perSubject = await inTurn(load.name, (subject) => produce(subject, load));
    for (const [name, figures] of perSubject)
      print(
        `  ${name.padEnd(13)} ${figures.megabytesPerSecond.toFixed(1)} MB/s, ${figures.requestsPerSecond.toFixed(0)} requests/s, p50 ${figures.p50Ms.toFixed(2)} ms, p99 ${figures.p99Ms.toFixed(2)} ms, CPU ${figures.cpuMsPerMegabyte.toFixed(2)} ms/MB = ${figures.cpuMicrosPerRequest.toFixed(1)} µs/request, ${figures.residentMegabytes.toFixed(0)} MB resident`,
      );
  }
  for (const recordBytes of [1000, 10_000].filter(() => wanted('fetch'))) {
    for (const [name, figures] of await inTurn(`fetch from the tail, ${recordBytes} B records`, (subject) =>
      fetchTail(subject, { recordBytes, seconds }),
    ))
      print(
        `  ${name.padEnd(13)} ${figures.megabytesPerSecond.toFixed(0)} MB/s, CPU ${figures.cpuMsPerMegabyte.toFixed(2)} ms/MB`,
      );
  }
  if (wanted('end to end'))
    for (const [name, figures] of await inTurn('end to end at 1000 records/s', (subject) =>
      endToEnd(subject, { perSecond: 1000, seconds }),
    ))
      print(`  ${name.padEnd(13)} p50 ${figures.p50Ms.toFixed(2)} ms, p99 ${figures.p99Ms.toFixed(2)} ms`);
} finally {
  await Promise.all(subjects.map((subject) => subject.stop()));
}

/** A B A B: a machine whose speed drifts is as slow for the one as for the other. The first round is not reported. */
async function inTurn<T>(question: string, ask: (subject: Subject) => Promise<T>): Promise<[string, T][]> {
  print(question);
  const answers: [string, T][] = [];
  for (let round = 0; round <= Number(values.rounds); round++)
    for (const subject of subjects) {
      const answer = await ask(subject);
      if (round > 0) answers.push([subject.name, answer]);
    }
  return answers;
}

function wanted(name: string): boolean {
  return values.only === undefined || name.includes(values.only);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
