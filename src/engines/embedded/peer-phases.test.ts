import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderLock } from '../../control/folder-lock.ts';
import { PROCESS_FILES } from './layout.ts';
import type { NodeConfig } from './node-config.ts';
import { PeerPhases } from './peer-phases.ts';

let cluster: string;
beforeEach(() => {
  cluster = mkdtempSync(join(tmpdir(), 'millrace-phases-'));
});
afterEach(() => rmSync(cluster, { recursive: true, force: true }));

/** A node as it is to be. `as`: what stands in its file; `runs`: a process works in its folder. */
function node(name: string, { as, runs = false }: { as?: object | string; runs?: boolean } = {}) {
  const folder = join(cluster, name);
  mkdirSync(folder);
  const options = { nodeId: 1, clusterId: 'c', dataDirectory: folder, host: '127.0.0.1', port: 1 };
  const config: NodeConfig = { kind: 'controller', cluster: 'c', options };
  const write = (told: object | string): void =>
    writeFileSync(
      join(folder, PROCESS_FILES.config),
      typeof told === 'string' ? told : JSON.stringify({ ...config, options: { ...options, ...told } }),
    );
  if (as !== undefined) write(as);
  const lock = runs ? FolderLock.acquire(folder) : null;
  return { config, folder, lock, write };
}

test('nodes that do not run require the secret from their start on', () => {
  const phases = new PeerPhases(cluster);
  phases.begin([node('older', { as: {} }), node('new'), node('damaged', { as: 'nothing' })]);
  expect(phases.current).toBe('nodes');
});

test('one that runs on is waited for: all accept both, one after the other, before any requires the secret', () => {
  const running = node('running', { as: {}, runs: true });
  const other = node('other', { as: {}, runs: true });
  const nodes = [running, other];
  const phases = new PeerPhases(cluster);
  phases.begin(nodes);
  expect(phases.current).toBe('everybody');
  expect(nodes.map((one) => phases.mayWait(one))).toEqual([true, true]);
  expect(phases.next(nodes)).toBe(running);
  running.write({ peerAccess: 'everybody' });
  // Another control plane goes on here.
  new PeerPhases(cluster).begin(nodes);
  expect(phases.next(nodes)).toBe(other);
  other.write({ peerAccess: 'everybody' });
  expect(phases.next(nodes)).toBeUndefined();
  phases.become('nodes');
  expect(phases.next(nodes)).toBe(running);
  running.write({ peerAccess: 'nodes' });
  expect(nodes.map((one) => phases.mayWait(one))).toEqual([false, true]);
  expect(phases.next(nodes)).toBe(other);
  for (const { lock } of nodes) lock?.release();
});

test('encryption between nodes is not begun while others run without', () => {
  const plain = node('plain', { as: {}, runs: true });
  const { config } = plain;
  if (config.kind !== 'controller') throw new Error('it is one');
  const peerTls = { ca: '/ca', domain: 'd', identity: '/i' };
  const wanted = { ...plain, config: { ...config, options: { ...config.options, peerTls } } };
  const phases = new PeerPhases(cluster);
  phases.begin([wanted]);
  expect(phases.current).toBe('nodes');
  expect(phases.mayWait(wanted)).toBe(false);
  plain.lock?.release();
});
