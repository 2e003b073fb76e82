import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SERVER_LOG } from '../../control/server-log.ts';
import { ApiClient } from '../api-client.ts';
import { Failure } from '../failure.ts';
import { FileTail } from '../logs/file-tail.ts';
import { serverIn } from '../server/server-file.ts';
import { serverStatus } from '../server/server-status.ts';
import type { Finding } from './finding.ts';
import type { Machine } from './machine.ts';
import { redacted } from './redact.ts';
import { tar } from './tar.ts';

/** Of the end of each log. */
const LINES = 5_000;
const EVENTS = 1_000;

/**
 * Writes a .tar.gz with what somebody who helps needs to see. Throws Failure when the file cannot be written.
 */
export async function writeBundle(
  file: string,
  about: {
    readonly machine: Machine;
    readonly folder: string;
    readonly findings: readonly Finding[];
    readonly api: string;
  },
): Promise<void> {
  const texts = new Map<string, string>([
    ['findings.json', json(about.findings)],
    ['machine.json', json(facts(about.machine))],
    ...(await running(about.folder, about.api)),
    ['logs/server.log', lastLines(join(about.folder, SERVER_LOG))],
  ]);
  for (const { cluster, node, log, config } of about.machine.nodeFiles(about.folder)) {
    texts.set(`logs/${short(cluster)}/${node}.log`, lastLines(log));
    texts.set(`configs/${short(cluster)}/${node}.json`, readFileSync(config, 'utf8'));
  }
  const files = [...texts].map(([path, text]) => ({
    path: `millrace-report/${path}`,
    content: Buffer.from(redacted(text)),
  }));
  try {
    writeFileSync(file, gzipSync(tar(files, Math.floor(Date.now() / 1000))), { mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new Failure(`${file} cannot be written: ${error.message}.`, { cause: error });
  }
}

function facts({ version, openFiles }: Machine): object {
  return {
    millrace: version,
    node: process.version,
    platform: process.platform,
    arch: process.arch,
    system: release(),
    processors: cpus().length,
    totalBytes: totalmem(),
    availableBytes: process.availableMemory(),
    openFiles,
    date: new Date().toISOString(),
  };
}

/** What the Millrace of this folder says, when it runs and answers. */
async function running(folder: string, address: string): Promise<[string, string][]> {
  const api = new ApiClient(serverIn(folder)?.api ?? address);
  try {
    const server = await api.send('GET', ['millrace', 'v1', 'server']);
    if (server.dataDirectory !== folder) return [];
    const status = await serverStatus(api, server);
    const { events } = await api.send('GET', ['millrace', 'v1', 'events'], { maxResults: EVENTS });
    const { clusterInfoList } = await api.send('GET', ['v1', 'clusters']);
    return [
      ['status.json', json(status)],
      ['events.json', json(events)],
      ['clusters.json', json(clusterInfoList)],
    ];
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return [['status.json', json({ error: error.message })]];
  }
}

function lastLines(file: string): string {
  return `${new FileTail(file).last(LINES).join('\n')}\n`;
}

/** A path in the archive has 100 bytes. */
function short(cluster: string): string {
  return cluster.slice(0, 48);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
