import { execFile } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FolderLock } from '../../control/folder-lock.ts';
import type { NodeFiles } from '../../control/node-files.ts';
import { SERVER_LOG } from '../../control/server-log.ts';
import { clockFinding } from './checks/clock-check.ts';
import { connectFinding } from './checks/connect-check.ts';
import { diskSpaceFinding, diskSpeedFinding, fileSystemFinding, spaceOf } from './checks/disk-check.ts';
import { existing, folderFinding } from './checks/folder-check.ts';
import { localhostFinding } from './checks/localhost-check.ts';
import { memoryFinding } from './checks/memory-check.ts';
import { nodeFinding } from './checks/node-check.ts';
import { openFilesFinding } from './checks/open-files-check.ts';
import { API, type NeededPort, portFindings } from './checks/ports-check.ts';
import { type Finding, ok } from './finding.ts';
import type { Machine } from './machine.ts';

const HOST = '127.0.0.1';
/** Of a first start: three brokers, their controller and the control plane. */
const USUAL_PROCESSES = 5;
/** timedatectl answers at once, or not at all. */
const CLOCK_MS = 5_000;

/** Looks at everything that Millrace needs of this machine for this data folder. */
export async function examine(
  machine: Machine,
  folder: string,
  wish: { readonly port: number; readonly kafkaPort: number; readonly kafkaHome: string | undefined },
): Promise<Finding[]> {
  const { version, platform, arch } = process;
  const rights = folderFinding(folder, process.getuid?.());
  const isUsable = rights.level !== 'error';
  const place = existing(folder);
  const nodes = isUsable && existsSync(folder) ? machine.nodeFiles(folder) : [];
  const runs = isUsable && existsSync(folder) && !FolderLock.isFree(folder);
  const space = spaceOf(place);
  return [
    nodeFinding({ version: version.slice(1), platform, arch }),
    openFilesFinding(machine.openFiles),
    ...(runs
      ? []
      : [
          memoryFinding({
            availableBytes: process.availableMemory(),
            processes: nodes.length === 0 ? USUAL_PROCESSES : nodes.length + 1,
          }),
        ]),
    rights,
    diskSpaceFinding(space),
    fileSystemFinding(space),
    ...(isUsable ? [diskSpeedFinding(place)] : []),
    ...(runs
      ? [ok('ports', 'A Millrace works in this data folder, and has its ports.')]
      : await portFindings(HOST, [{ port: wish.port, use: API }, ...kafkaPorts(nodes, wish.kafkaPort)])),
    localhostFinding(await addressesOf('localhost')),
    clockFinding({
      now: Date.now(),
      lastWriteAt: isUsable ? lastWrite(folder, nodes) : null,
      isSynchronised: await isSynchronised(),
    }),
    connectFinding(await machine.findConnect(wish.kafkaHome, folder), wish.kafkaHome !== undefined),
  ];
}

/** Those of the clusters that there are, or of the one that a first start makes. */
function kafkaPorts(nodes: readonly NodeFiles[], first: number): NeededPort[] {
  if (nodes.length > 0)
    return nodes.flatMap(({ cluster, node, config }) =>
      portsIn(config).map((port) => ({ port, use: `${node} of ${cluster}` })),
    );
  return [
    ...[0, 1, 2].flatMap((broker) =>
      [0, 1].map((offset) => ({
        port: first + 10 * broker + offset,
        use: `broker ${broker + 1} of the first cluster`,
      })),
    ),
    { port: first + 7, use: 'the controller of the first cluster' },
  ];
}

/** What a node listens on, by the file that it is started with. */
function portsIn(config: string): number[] {
  const { options } = JSON.parse(readFileSync(config, 'utf8'));
  const listeners: unknown = options?.listeners ?? [options];
  return (Array.isArray(listeners) ? listeners : [])
    .map((listener: unknown) =>
      typeof listener === 'object' && listener !== null && 'port' in listener ? Number(listener.port) : 0,
    )
    .filter((port) => port > 0);
}

async function addressesOf(name: string): Promise<string[]> {
  try {
    return (await lookup(name, { all: true })).map(({ address }) => address);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return [];
    throw error;
  }
}

function lastWrite(folder: string, nodes: readonly NodeFiles[]): number | null {
  const times = [join(folder, SERVER_LOG), ...nodes.map(({ log }) => log)].flatMap(
    (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? [],
  );
  return times.length === 0 ? null : Math.max(...times);
}

/** Null where nobody knows: without systemd, and in most containers. */
async function isSynchronised(): Promise<boolean | null> {
  try {
    const { stdout } = await promisify(execFile)(
      'timedatectl',
      ['show', '--property=NTPSynchronized', '--value'],
      {
        timeout: CLOCK_MS,
      },
    );
    return stdout.trim() === 'yes';
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}
