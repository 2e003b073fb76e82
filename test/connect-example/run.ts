import { deepStrictEqual } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { Postgres } from '../debezium/postgres.ts';
import { Versitygw } from '../objects/versitygw.ts';
import { freePort } from '../support/free-port.ts';
import { Reader } from '../support/reader.ts';
import { OpenSearch } from './opensearch.ts';
import { BUCKET, commands, KEYS } from './page.ts';

const COMMANDS = 10;
/** Milliseconds in which the rows must arrive. */
const ARRIVES_MS = 120_000;

/** Rejects if a command fails, or the rows are not at both ends. */
export async function runExample(say: (line: string) => void): Promise<void> {
  const kafkaHome = kafkaJars('connect');
  if (!kafkaHome)
    throw new Error('Kafka Connect is not installed: run `node scripts/test-tools.mjs kafka-connect`');
  const objects = mkdtempSync(join(tmpdir(), 'millrace-objects-'));
  await using postgres = await Postgres.start(await freePort());
  await using opensearch = await OpenSearch.start();
  await using s3 = await Versitygw.start(objects, [BUCKET], KEYS);
  await using reader = await Reader.create();
  const page = commands({
    ...{ kafkaHome, postgres: postgres.port, opensearch: opensearch.port },
    s3: Number(new URL(s3.endpoint).port),
  });
  deepStrictEqual(page.length, COMMANDS);
  const [search = '', archive = ''] = page.splice(-2);
  for (const command of page) {
    const from = performance.now();
    await reader.types(command);
    say(`${Math.round(performance.now() - from)} ms: ${command.split('\n')[0]}`);
  }
  const changed = performance.now();
  const since = () => Math.round(performance.now() - changed);
  await comesToBe(() => reader.types(search), searched, [{ id: 3, customer: 'Bob', amount: '99.00' }]);
  say(`found ${since()} ms after the change`);
  await comesToBe(
    async () => {
      const { hits } = JSON.parse(await (await fetch(`${opensearch.endpoint}/_search?size=10`)).text());
      return JSON.stringify({ hits });
    },
    searched,
    [
      { id: 2, customer: 'Zoë', amount: '8.25' },
      { id: 3, customer: 'Bob', amount: '99.00' },
    ],
  );
  await comesToBe(
    () => reader.types(archive),
    (lines) => linesOf(lines).slice(0, 2),
    [
      { id: 1, customer: 'Ann', amount: '12.50' },
      { id: 2, customer: 'Zoë', amount: '7.00' },
    ],
  );
  say(`archived ${since()} ms after the change`);
  rmSync(objects, { recursive: true });
}

/** Asks again until the answer is as expected; otherwise rejects with the last one. */
async function comesToBe(
  ask: () => Promise<string>,
  read: (answer: string) => unknown,
  expected: unknown,
): Promise<void> {
  const deadline = performance.now() + ARRIVES_MS;
  for (;;) {
    const answer = await ask();
    try {
      deepStrictEqual(read(answer), expected);
      return;
    } catch (error) {
      if (performance.now() > deadline) throw new Error(answer, { cause: error });
    }
    await new Promise((done) => setTimeout(done, 200));
  }
}

interface Hits {
  readonly hits?: { readonly hits: readonly { readonly _source: { readonly id: number } }[] };
}

/** The documents that were found, by id. */
function searched(answer: string): unknown[] {
  const { hits }: Hits = JSON.parse(answer);
  return (hits?.hits ?? []).map(({ _source }) => _source).sort((a, b) => a.id - b.id);
}

function linesOf(object: string): unknown[] {
  return object
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
