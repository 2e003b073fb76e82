import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { below, type Random, Sfc32 } from '../../src/base/random.ts';
import { FaultCluster } from '../faults/cluster.ts';
import { oneOf, pause, type Stricken } from '../faults/faults.ts';
import { killBroker, killController, killControlPlane, killEverything } from '../faults/kills.ts';
import { freePort } from '../support/free-port.ts';
import { eventually } from '../support/millrace.ts';
import { published } from './archives.ts';
import { newestVersion, readCaptured } from './captured.ts';
import { compare } from './comparison.ts';
import { TestedConnector } from './connector.ts';
import type { Database } from './database.ts';
import { ALL_ROWS, type Change, COLUMNS, History, TABLE } from './history.ts';
import { MariaDb } from './mariadb.ts';
import { Postgres } from './postgres.ts';

export const DATABASES = { postgresql: Postgres, mariadb: MariaDb };

export interface DebeziumRun {
  readonly database: keyof typeof DATABASES;
  readonly seed: number;
  /** The least number of changes; there are more while the kills go on. */
  readonly changes: number;
  readonly perSecond: number;
  readonly workers: number;
  /** The number of kills, of each kind in turn. */
  readonly kills: number;
}

export interface DebeziumReport {
  readonly runningMs: number;
  readonly counts: History['counts'];
  readonly seconds: number;
  /** By kill: the milliseconds until the next change was captured and committed. */
  readonly kills: readonly { readonly what: string; readonly ms: number }[];
  readonly brokenApart: readonly Change[];
  readonly violations: readonly string[];
}

const ROWS_BEFORE = 1_000;
const PREFIX = 'shop';
/** A capture must continue within this after any kill. */
const RECOVERY_MS = 180_000;
const AT_ONCE_MS = 50;
const UNDER_WAY_MS = 200;

/**
 * A database changes all the time, and its changes are captured while one process after the other is killed;
 * in the end everything is compared.
 */
export async function runDebezium(run: DebeziumRun, say: (line: string) => void): Promise<DebeziumReport> {
  const random = new Sfc32(run.seed);
  const home = kafkaJars('connect');
  if (!home)
    throw new Error('Kafka Connect is not installed: run `node scripts/test-tools.mjs kafka-connect`');
  await using database: Database = await DATABASES[run.database].start(await freePort());
  const topic = `${PREFIX}.${database.schema}.${TABLE}`;
  const history = new History(new Sfc32(run.seed + 1));
  await database.createTable(TABLE, COLUMNS);
  await database.sql(history.snapshot(ROWS_BEFORE));
  await using cluster = await FaultCluster.up(3, { args: ['--kafka-home', home] });
  const from = performance.now();
  const connector = await TestedConnector.create(cluster, {
    name: 'shop',
    archive: published(database.archive),
    workers: run.workers,
    configuration: configuration(database, cluster.bootstrap),
  });
  const runningMs = Math.round(performance.now() - from);
  say(`RUNNING ${runningMs} ms after the archive was uploaded`);
  // After a kill Debezium begins an interrupted snapshot again, and documents that: only what comes after it
  // is exactly once.
  await captures({ cluster, topic }, history.version, 'the rows of before are captured');

  const began = performance.now();
  const writing = write(database, history, run.perSecond);
  const kills = await killAll({
    run,
    cluster,
    topic,
    connector,
    history,
    random,
    isBroken: () => writing.failed,
    say,
  });
  await eventually('all changes are made', () => writing.failed || history.changes >= run.changes, 3_600_000);
  await writing.end();
  await database.sql(history.end());
  const seconds = (performance.now() - began) / 1000;
  await captures({ cluster, topic }, history.version, 'the last change is captured');
  await connector.runs();

  const captured = await readCaptured(cluster.bootstrap, topic);
  const rows = await database.sql(ALL_ROWS);
  const { differences, brokenApart } = compare(history, captured.events);
  const isWhole = (row: string) =>
    !brokenApart.some((change) => change.some(([key]) => row.startsWith(`${key}|`)));
  const there = new Set(rows);
  const wrongRows = [
    ...rows
      .filter((row) => isWhole(row) && !captured.rows.has(row))
      .map((row) => `the row ${row} is not what was captured last`),
    ...[...captured.rows]
      .filter((row) => isWhole(row) && !there.has(row))
      .map((row) => `the captured state ${row} is no row`),
  ].filter((_, index) => index < 10);
  const violations = [
    ...differences,
    ...(brokenApart.length > kills.length ? ['more changes are broken apart than tasks ended'] : []),
    ...wrongRows,
  ];
  return { runningMs, counts: history.counts, seconds, kills, brokenApart, violations };
}

function configuration(database: Database, bootstrap: string): Record<string, string> {
  const json = 'org.apache.kafka.connect.json.JsonConverter';
  return {
    ...database.configuration(TABLE, bootstrap),
    'tasks.max': '1',
    'topic.prefix': PREFIX,
    'decimal.handling.mode': 'string',
    'exactly.once.support': 'required',
    ...{ 'key.converter': json, 'key.converter.schemas.enable': 'false' },
    ...{ 'value.converter': json, 'value.converter.schemas.enable': 'false' },
    'topic.creation.default.partitions': '3',
    'topic.creation.default.replication.factor': '3',
  };
}

/** Writes until it is told to end. */
function write(database: Database, history: History, perSecond: number) {
  let isOver = false;
  const state = { failed: false };
  const from = performance.now();
  const writing = (async () => {
    const before = history.changes;
    while (!isOver) {
      await database.sql(history.transaction());
      const due = ((history.changes - before) / perSecond) * 1000;
      const ahead = due - (performance.now() - from);
      if (ahead > AT_ONCE_MS) await pause(ahead);
    }
  })();
  writing.catch(() => {
    state.failed = true;
  });
  return {
    get failed() {
      return state.failed;
    },
    end: () => {
      isOver = true;
      return writing;
    },
  };
}

interface Killing {
  readonly run: DebeziumRun;
  readonly cluster: FaultCluster;
  readonly topic: string;
  readonly connector: TestedConnector;
  readonly history: History;
  readonly random: Random;
  readonly isBroken: () => boolean;
  readonly say: (line: string) => void;
}

async function killAll(killing: Killing): Promise<DebeziumReport['kills'][number][]> {
  const { run, cluster, topic, connector, history, random, isBroken, say } = killing;
  const stricken: Stricken = {
    ...{ cluster, topic, replicationFactor: 3, canServe() {}, promise() {} },
    committedEnds: () => Promise.resolve(new Map()),
  };
  const workers = (pids: readonly number[]) => {
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    return pids.join(', ');
  };
  const kinds: { name: string; strike: () => Promise<string> | string }[] = [
    { name: 'kill -9 of a worker', strike: () => workers([oneOf(random, connector.workers())]) },
    ...[killBroker, killController].map((kill) => ({
      name: kill.name,
      strike: () => kill.strike(stricken, random),
    })),
    { name: 'kill -9 of all workers', strike: () => workers(connector.workers()) },
    ...[killControlPlane, killEverything].map((kill) => ({
      name: kill.name,
      strike: () => kill.strike(stricken, random),
    })),
  ];
  const kills: DebeziumReport['kills'][number][] = [];
  for (let n = 0; n < run.kills && !isBroken(); n++) {
    const kind = kinds[n % kinds.length] ?? oneOf(random, kinds);
    await pause(below(random, 2_000));
    const from = performance.now();
    const detail = await kind.strike();
    // Records that a worker had sent to the brokers by then may still be committed.
    await pause(UNDER_WAY_MS);
    const before = await newestVersion(cluster.bootstrap, topic);
    await captures({ cluster, topic }, before + 1, `the capture goes on after ${kind.name} (${detail})`);
    const kill = { what: kind.name, ms: Math.round(performance.now() - from) };
    kills.push(kill);
    say(`${kind.name} (${detail}): goes on after ${kill.ms} ms; ${history.changes} changes`);
  }
  return kills;
}

function captures(
  { cluster, topic }: Pick<Killing, 'cluster' | 'topic'>,
  version: number,
  what: string,
): Promise<void> {
  return eventually(
    what,
    async () => (await newestVersion(cluster.bootstrap, topic)) >= version,
    RECOVERY_MS,
  );
}
