import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { kcat } from '../support/kafka-tools.ts';
import type { Events } from './history.ts';

/** The number of newest records of each partition that are read to see how far the capture is. */
const TAIL = 100;
const TAIL_MS = 5_000;

/** The state of a table according to a topic. */
export interface Captured {
  readonly events: Events;
  /** The last state of every key, as `key|version|name|amount`, without deleted rows. */
  readonly rows: ReadonlySet<string>;
}

interface Row {
  readonly id: number;
  readonly version: number;
  readonly name: string;
  readonly amount: string;
}

interface Change {
  readonly op: 'r' | 'c' | 'u' | 'd';
  readonly before: Row | null;
  readonly after: Row | null;
}

const consumer = (bootstrap: string, topic: string) => [
  ...['-b', bootstrap, '-C', '-t', topic, '-e', '-q'],
  ...['-X', 'isolation.level=read_committed', '-X', 'check.crcs=true'],
];

/** All committed records, read by librdkafka from the start to the end of each partition. */
export async function readCaptured(bootstrap: string, topic: string): Promise<Captured> {
  const events: Events = new Map();
  const rows = new Map<number, string>();
  const format = ['-o', 'beginning', '-f', '%k\t%s\n'];
  const child = spawn('kcat', ['-m', '240', ...consumer(bootstrap, topic), ...format], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((done) => child.once('close', done));
  for await (const line of createInterface({ input: child.stdout })) {
    const tab = line.indexOf('\t');
    const { id }: { id: number } = JSON.parse(line.slice(0, tab));
    const value = line.slice(tab + 1);
    const change: Change | null = value === '' ? null : JSON.parse(value);
    const of = events.get(id);
    const event = change === null ? '-' : eventOf(change);
    if (of) of.push(event);
    else events.set(id, [event]);
    const { after } = change ?? { after: null };
    if (after) rows.set(id, `${id}|${after.version}|${after.name}|${after.amount}`);
    else rows.delete(id);
  }
  const status = await ended;
  if (status !== 0) throw new Error(`kcat ended with status ${status}`);
  return { events, rows: new Set(rows.values()) };
}

function eventOf({ op, before, after }: Change): string {
  return [op, before?.version, after?.version].filter((part) => part !== undefined).join(' ');
}

/** The newest version that is captured; 0 while none can be read. */
export async function newestVersion(bootstrap: string, topic: string): Promise<number> {
  const args = [...consumer(bootstrap, topic), '-o', String(-TAIL), '-f', '%s\n'];
  const { stdout } = await kcat(args, { timeoutMs: TAIL_MS });
  return Math.max(0, ...[...stdout.matchAll(/"version":(\d+)/g)].map(([, version]) => Number(version)));
}
