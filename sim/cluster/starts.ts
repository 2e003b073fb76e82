import type { DiskErrorCode } from '../../src/base/disk.ts';
import { below, type Random } from '../../src/base/random.ts';
import { formatOffsets, parseOffsets } from '../../src/storage/checkpoint-file.ts';
import { chance, pick } from '../chance.ts';
import type { SimHost } from '../sim-host.ts';
import type { SimInode } from '../sim-inode.ts';
import type { Simulation } from '../simulation.ts';

const DATA = '/data';
const CHECKPOINTS = [
  'recovery-point-offset-checkpoint',
  'log-start-offset-checkpoint',
  'replication-offset-checkpoint',
  'cleaner-offset-checkpoint',
] as const;
const REFUSALS: readonly [DiskErrorCode, DiskErrorCode] = ['EMFILE', 'EIO'];
/** Milliseconds for which a log cannot be opened, at most. */
const REFUSED_MAX_MS = 6000;
/** The folder of a partition. Folders that are being deleted and the metadata log do not match. */
const PARTITION = /^(?!__cluster_metadata)[\w.-]+-\d+$/;

/**
 * Prepares what a broker finds when it starts: checkpoints that are missing or old, and a log that cannot be
 * opened.
 */
export class Starts {
  readonly #simulation: Simulation;
  readonly #random: Random;
  readonly #options: { readonly losesCheckpoints: boolean; readonly refusesLogs: boolean };

  constructor(
    simulation: Simulation,
    options: { readonly losesCheckpoints: boolean; readonly refusesLogs: boolean },
  ) {
    this.#simulation = simulation;
    this.#random = simulation.fork('starts');
    this.#options = options;
  }

  before(host: SimHost): void {
    if (!host.files.isFolder(DATA)) return;
    if (this.#options.losesCheckpoints)
      for (const name of CHECKPOINTS) if (chance(this.#random, 0.3)) this.#loseCheckpoint(host, name);
    if (this.#options.refusesLogs && chance(this.#random, 0.5)) this.#refuseLog(host);
  }

  #loseCheckpoint(host: SimHost, name: string): void {
    const file = host.files.file(`${DATA}/${name}`);
    if (!file) return;
    if (chance(this.#random, 0.4)) {
      this.#simulation.note(`${host.name} has lost ${name}`);
      host.files.remove(`${DATA}/${name}`);
      return;
    }
    const entries = parseOffsets(textOf(file)) ?? [];
    this.#simulation.note(`${host.name} has an old ${name}`);
    const older = entries
      .filter(() => chance(this.#random, 0.7))
      .map((entry) => ({
        ...entry,
        offset: chance(this.#random, 0.5) ? entry.offset : below(this.#random, entry.offset + 1),
      }));
    const bytes = Buffer.from(formatOffsets(older));
    file.truncate(0);
    file.write(0, bytes);
  }

  #refuseLog(host: SimHost): void {
    const folders = host.files.list(DATA).filter((name) => PARTITION.test(name));
    const folder = folders[below(this.#random, Math.max(1, folders.length))];
    if (folder === undefined) return;
    const code = pick(this.#random, REFUSALS);
    this.#simulation.note(`${host.name} will not open ${folder}: ${code}`);
    const refused = { folder: `${DATA}/${folder}`, code };
    host.faults.refused = refused;
    this.#simulation.schedule(below(this.#random, REFUSED_MAX_MS), 'logs can be opened', () => {
      if (host.faults.refused === refused) host.faults.refused = null;
    });
  }
}

function textOf(file: SimInode): string {
  const bytes = Buffer.alloc(file.size);
  file.read(0, bytes);
  return bytes.toString();
}
