import { X509Certificate } from 'node:crypto';
import fs, { cpSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silent } from '../../base/log.ts';
import type { World } from '../../base/world.ts';
import { InstallationCertificates } from '../../control/access/certificates.ts';
import { SealedStore } from '../../control/sealed/sealed-store.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { certificatesIn } from '../../security/certificates/pem.ts';
import { EmbeddedEngine } from './embedded-engine.ts';
import { createdCluster } from './testing/created-cluster.ts';

/**
 * CAs are replaced while nodes and clients work. A node reads its files every 5 s, so at any time it may have
 * what they were some seconds ago, and the control plane may be killed between any two of them: the folder is
 * copied before and after each file that is put in place, and another control plane goes on from each copy.
 */

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
const TRUST = 'clusters/*/peer-ca.pem';
const PEERS = 'clusters/*/{controller/peer,broker-*/peer,control-plane}.pem';
const BROKERS = 'clusters/*/broker-*/listeners.pem';

const cluster = createdCluster(['a', 'b'], { clientBroker: 'TLS', inCluster: true });

const renameSync = fs.renameSync;
let folder: string;
let copies: string[];
let aheadMs: number;
let reached: () => void;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-ca-renewal-'));
  copies = [];
  aheadMs = 0;
  reached = () => {};
  fs.renameSync = (from, to) => {
    reached();
    renameSync(from, to);
    reached();
  };
  syncBuiltinESMExports();
});
afterEach(() => {
  fs.renameSync = renameSync;
  syncBuiltinESMExports();
  for (const one of [folder, ...copies]) rmSync(one, { recursive: true, force: true });
});

/** One life of the control plane in a data folder, as far as certificates go. */
class Life {
  readonly engine: EmbeddedEngine;
  readonly certificates: InstallationCertificates;

  private constructor(data: string) {
    const world = nodeWorld(silent);
    const clock: World['clock'] = {
      now: () => world.clock.now() + aheadMs,
      monotonic: () => world.clock.monotonic(),
      after: (ms, run) => world.clock.after(ms, run),
      soon: (run) => world.clock.soon(run),
    };
    const advertised = [{ host: '127.0.0.1', name: 'localhost' }] as const;
    this.certificates = new InstallationCertificates({ ...world, clock }, SealedStore.open(data), [
      'localhost',
    ]);
    const options = { dataDirectory: data, program: ['none'] as const, hungAfterMs: 1, advertised };
    this.engine = new EmbeddedEngine({ ...world, clock }, options);
    this.engine.useCertificates(this.certificates, () => '');
  }

  static async begin(data: string): Promise<Life> {
    const life = new Life(data);
    life.certificates.keepUp();
    await life.engine.renewCertificates(cluster);
    await life.engine.prepare(cluster);
    return life;
  }

  /** What the look does that comes every hour, and sooner while a CA is being replaced. */
  async look(): Promise<number | null> {
    this.certificates.keepUp();
    return this.engine.renewCertificates(cluster);
  }
}

/** The first certificate of each file. */
const shown = (data: string, pattern: string): X509Certificate[] =>
  globSync(join(data, pattern)).map((file) => new X509Certificate(readFileSync(file)));

const trusted = (data: string): string[] =>
  globSync(join(data, TRUST)).flatMap((file) => certificatesIn(readFileSync(file, 'utf8')));

function believes(cas: readonly string[], leaf: X509Certificate): boolean {
  return cas.some((pem) => {
    const ca = new X509Certificate(pem);
    return leaf.checkIssued(ca) && leaf.verify(ca.publicKey);
  });
}

function copyOf(data: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'millrace-ca-renewal-'));
  cpSync(data, copy, { recursive: true, preserveTimestamps: true });
  copies.push(copy);
  return copy;
}

/** Does it, and tells what a kill would have left at each point: before, at every file, after. */
async function pointsOf(act: () => unknown): Promise<string[]> {
  const points = [copyOf(folder)];
  reached = () => points.push(copyOf(folder));
  await act();
  reached = () => {};
  return [...points, copyOf(folder)];
}

/** At no two points of a step is there a node that shows what another one does not believe. */
function expectTrust(points: readonly string[], step: string): void {
  for (const [one, data] of points.entries())
    for (const [other, late] of points.entries())
      for (const leaf of shown(data, PEERS))
        expect(believes(trusted(late), leaf), `${step}: shown at ${one}, believed at ${other}`).toBe(true);
}

/**
 * Whoever goes on after a kill comes to the end, and does on its way nothing that the nodes as they were do
 * not believe.
 */
async function expectEnd(point: string, where: string): Promise<void> {
  const before = copyOf(point);
  const time = aheadMs;
  const life = await Life.begin(point);
  expectTrust([before, point], `${where}, the next life`);
  for (const ms of [16 * SECOND_MS, 2 * DAY_MS, 2 * DAY_MS]) {
    aheadMs += ms;
    await life.look();
  }
  aheadMs = time;
  const cas = trusted(point);
  expect(cas, where).toHaveLength(1);
  expect(
    shown(point, PEERS).map((leaf) => believes(cas, leaf)),
    where,
  ).toEqual([true, true, true, true]);
}

test('the CA of nodes is replaced while they work, and a control plane that is killed at any step goes on', async () => {
  const life = await Life.begin(folder);
  const [former = ''] = trusted(folder);
  const steps = {
    'they believe another one': () => life.engine.renewNodeCa(cluster),
    'it signs': async () => {
      aheadMs += 16 * SECOND_MS;
      expect(await life.look()).toBeNull();
    },
    'the former one is forgotten': async () => {
      aheadMs += DAY_MS + SECOND_MS;
      await life.look();
    },
  };
  for (const [step, act] of Object.entries(steps)) {
    const points = await pointsOf(act);
    expect(points.length, step).toBeGreaterThanOrEqual(4);
    expectTrust(points, step);
    for (const [index, point] of points.entries()) await expectEnd(point, `${step}, point ${index}`);
  }
  const [next = ''] = trusted(folder);
  expect(trusted(folder)).toHaveLength(1);
  expect(next).not.toBe(former);
  expect(readFileSync(globSync(join(folder, 'clusters/*/peer-ca-key.pem'))[0] ?? '', 'utf8')).not.toContain(
    former,
  );
});

test('the next CA of nodes does not sign before they had the time to read it', async () => {
  const life = await Life.begin(folder);
  expect(life.engine.renewNodeCa(cluster)).toBe(true);
  expect(life.engine.renewNodeCa(cluster)).toBe(false);
  const leaves = shown(folder, PEERS).map(String);
  const waitMs = await life.look();
  expect(waitMs).toBeGreaterThan(0);
  expect(shown(folder, PEERS).map(String)).toEqual(leaves);
  aheadMs += waitMs ?? 0;
  expect(await life.look()).toBeNull();
  expect(shown(folder, PEERS).map(String)).not.toEqual(leaves);
});

test('the CA of nodes is replaced without anybody asking, long before it ends', async () => {
  const life = await Life.begin(folder);
  const [first = ''] = trusted(folder);
  aheadMs = (3650 - 431) * DAY_MS;
  await life.look();
  expect(trusted(folder)).toEqual([first]);
  aheadMs += 2 * DAY_MS;
  await life.look();
  expect(trusted(folder)).toHaveLength(2);
  aheadMs += 2 * DAY_MS;
  await life.look();
  expect(shown(folder, PEERS).every((leaf) => !believes([first], leaf))).toBe(true);
});

test('a CA of nodes that ended while nobody was there is replaced at the start', async () => {
  await Life.begin(folder);
  const [first = ''] = trusted(folder);
  aheadMs = 3651 * DAY_MS;
  await Life.begin(folder);
  const cas = trusted(folder);
  expect(cas).toHaveLength(1);
  expect(cas).not.toEqual([first]);
  expect(shown(folder, PEERS).every((leaf) => believes(cas, leaf))).toBe(true);
});

test('clients that trust both CAs of brokers believe every certificate, wherever the control plane is killed', async () => {
  const life = await Life.begin(folder);
  const exported = () => certificatesIn(life.certificates.ca);
  const atFirst = exported();
  for (const point of await pointsOf(() => life.certificates.prepareNext()))
    expect(shown(point, BROKERS).map((leaf) => believes(atFirst, leaf))).toEqual([true, true]);
  const both = exported();
  expect(both).toHaveLength(2);
  const points = await pointsOf(async () => {
    life.certificates.useNext();
    await life.engine.renewCertificates(cluster);
  });
  expect(points.length).toBeGreaterThanOrEqual(8);
  for (const [index, point] of points.entries()) {
    expect(shown(point, BROKERS).map((leaf) => believes(both, leaf))).toEqual([true, true]);
    const next = await Life.begin(point);
    expect(certificatesIn(next.certificates.ca).toSorted(), `point ${index}`).toEqual(both.toSorted());
    const [signs = ''] = certificatesIn(next.certificates.ca);
    expect(
      shown(point, BROKERS).map((leaf) => believes([signs], leaf)),
      `point ${index}`,
    ).toEqual([true, true]);
  }
  aheadMs += 2 * DAY_MS;
  await life.look();
  expect(exported()).toEqual([both[1]]);
});
