import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Backoff } from '../../base/backoff.ts';
import { sleep } from '../../base/clock.ts';
import type { World } from '../../base/world.ts';
import type { KafkaConnectSource } from '../../control/control.ts';
import { moveIntoPlace } from '../../platform/replace-file.ts';
import { syncTree } from '../../platform/sync-path.ts';
import {
  connectIn,
  findJava,
  type Installation,
  type Java,
  type NoInstallation,
} from '../worker/installation.ts';
import { programIn } from '../worker/program-in.ts';
import { downloadArchive } from './archive-download.ts';
import { CONNECT_RELEASE } from './connect-jars.ts';
import { keptName, LIBS } from './kept-folder.ts';
import { connectJars, fetchJars } from './maven-jars.ts';
import { unpackJars } from './release-archive.ts';
import { isDiskFull, ReleaseError } from './release-error.ts';

const RETRY = { firstMs: 5_000, lastMs: 300_000 };
/** How often the log says how far it is. */
const TOLD_MS = 10_000;
const MEGABYTE = 1_000_000;
/** What is written and not whole yet. */
const PART = '.part';
const FRESH = '.new';

/** Kafka Connect is being fetched. */
export interface ComingInstallation extends Java {
  /** How far it is, as a sentence. */
  readonly coming: string;
  /** Of Kafka Connect, where it is known beforehand. */
  readonly version: string | null;
}

/**
 * Kafka Connect in the data folder: the jars of a release that are fetched once, by an archive of Apache
 * Kafka or through Maven, and held against their checksums. A folder of jars is there whole or not at all.
 * What fails and may pass is tried again with growing waits.
 */
export class KeptRelease {
  readonly #world: Pick<World, 'clock' | 'log'>;
  readonly #folder: string;
  readonly #source: KafkaConnectSource;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #stopped = new AbortController();
  #ended: Promise<void> = Promise.resolve();
  #progress = 'Kafka Connect is about to be fetched.';
  /** Why there is none; null while it is being fetched, and once it is there. */
  #failure: string | null = null;
  /** That failure is for good. */
  #isOver = false;
  #java: Java | null = null;

  /** `folder`: for this alone. */
  constructor(
    world: Pick<World, 'clock' | 'log'>,
    folder: string,
    source: KafkaConnectSource,
    environment: Readonly<Record<string, string | undefined>>,
  ) {
    this.#world = world;
    this.#folder = folder;
    this.#source = source;
    this.#environment = environment;
  }

  /** Begins to fetch it where it is not there; nobody waits for it. */
  start(): void {
    if (existsSync(this.#libs)) {
      this.#clear(false);
      return;
    }
    this.#ended = this.#fetch();
  }

  /** Nothing is fetched when this resolves. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#ended;
  }

  /** What there is now. */
  async installation(): Promise<Installation | ComingInstallation | NoInstallation> {
    const java = this.#java ?? (await findJava(this.#environment));
    if ('missing' in java) return java;
    this.#java = java;
    if (existsSync(this.#libs)) return connectIn(this.#libs, this.#called, java, true);
    if (this.#failure !== null)
      return {
        missing: `Connectors run in Kafka Connect, which could not be fetched: ${this.#failure}.`,
        ...(this.#isOver ? {} : { comesFor: java }),
      };
    return { ...java, coming: this.#progress, version: this.#version };
  }

  /** Resolves when nothing is tried any more: it is there, or failed for good, or this was stopped. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  async #fetch(): Promise<void> {
    const { clock, log } = this.#world;
    const backoff = new Backoff(RETRY);
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        await this.#attempt(signal);
        this.#failure = null;
        log.info('Kafka Connect is there for connectors', { from: this.#called });
        break;
      } catch (error) {
        if (signal.aborted) break;
        const passes = !(error instanceof ReleaseError) || error.retriable;
        // Brokers have the same disk: what fills it every few seconds takes their room.
        const waitMs = isDiskFull(error) ? RETRY.lastMs : backoff.failed();
        const why = reason(error);
        const then = passes
          ? `it is tried again every ${RETRY.firstMs / 1000} to ${RETRY.lastMs / 1000} s`
          : 'start "millrace up" again once that is put right';
        this.#failure = `${why}; ${then}`;
        log.error('Kafka Connect could not be fetched', { why, againInMs: passes ? waitMs : null });
        if (!passes) {
          this.#isOver = true;
          this.#clear(false);
          return;
        }
        await sleep(clock, waitMs, signal);
      }
    }
  }

  async #attempt(signal: AbortSignal): Promise<void> {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#clear();
    const fresh = join(this.#folder, `${randomBytes(6).toString('hex')}${FRESH}`);
    try {
      if (this.#source.kind === 'archive') await this.#fromArchive(this.#source, fresh, signal);
      else await this.#fromMaven(fresh, signal);
      const found = connectIn(join(fresh, LIBS), this.#called, { java: '', javaRelease: 0 }, true);
      if ('missing' in found) throw new ReleaseError(found.missing.replace(/\.$/, ''), false);
      await syncTree(fresh);
      await moveIntoPlace(fresh, this.#kept);
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
    this.#clear(false);
  }

  async #fromArchive(
    { location, sha512 }: KafkaConnectSource & { readonly kind: 'archive' },
    fresh: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#world;
    const file = join(this.#folder, `${this.#key}${PART}`);
    const tell = this.#teller(`Kafka Connect is being fetched: ${this.#called}.`);
    const progress = (done: number, total: number | null) => {
      const of = total === null ? '' : ` of ${Math.ceil(total / MEGABYTE)}`;
      tell(
        `Kafka Connect is being fetched: ${Math.floor(done / MEGABYTE)}${of} MB of ${this.#called} are there.`,
      );
    };
    await downloadArchive(clock, { location, called: this.#called, sha512, file, progress }, signal);
    tell(`Kafka Connect is being fetched: ${this.#called} is unpacked.`);
    try {
      await unpackJars(file, this.#called, join(fresh, LIBS), signal);
    } catch (error) {
      if (isDiskFull(error)) rmSync(file);
      throw error;
    }
  }

  async #fromMaven(fresh: string, signal: AbortSignal): Promise<void> {
    const maven = programIn(this.#environment.PATH, 'mvn');
    if (maven === null)
      throw new ReleaseError(
        'Maven is not installed: install it, or name a release of Apache Kafka with --kafka-home or --kafka-archive',
        true,
      );
    const jars = connectJars();
    const tell = this.#teller(`Kafka Connect is being fetched by Maven: ${jars.length} jars.`);
    const progress = (fetched: number) =>
      tell(`Kafka Connect is being fetched by Maven: ${fetched} of at most ${jars.length} jars came.`);
    await fetchJars(this.#world.clock, { maven, jars, folder: fresh, progress }, signal);
  }

  /**
   * What it is told is the progress, and now and then a line of the log. An attempt gets on with the first of
   * it: until then the failure of the last one is the news.
   */
  #teller(beginning: string): (text: string) => void {
    const { clock, log } = this.#world;
    this.#progress = beginning;
    log.info(beginning);
    let toldAt = clock.monotonic();
    return (text) => {
      this.#progress = text;
      this.#failure = null;
      if (clock.monotonic() - toldAt < TOLD_MS) return;
      toldAt = clock.monotonic();
      log.info(text);
    };
  }

  /** What other attempts, and other releases, have left; also the part that one may go on with, or not. */
  #clear(keepsPart = true): void {
    if (!existsSync(this.#folder)) return;
    const key = this.#key;
    for (const name of readdirSync(this.#folder))
      if (name !== key && !(keepsPart && name === `${key}${PART}`))
        rmSync(join(this.#folder, name), { recursive: true, force: true });
  }

  /** Without what follows a ? in a URL, which may be secret. */
  get #called(): string {
    return this.#source.kind === 'archive' ? basename(this.#source.location.replace(/[?#].*$/, '')) : 'Maven';
  }

  get #version(): string | null {
    if (this.#source.kind === 'maven') return CONNECT_RELEASE;
    return /^kafka_[\d.]+-(\d+\.\d+\.\d+)\.tgz$/.exec(this.#called)?.[1] ?? null;
  }

  get #key(): string {
    const source = this.#source;
    const of =
      source.kind === 'archive'
        ? source.sha512
        : connectJars()
            .map(({ sha512 }) => sha512)
            .join();
    return keptName(of);
  }

  get #kept(): string {
    return join(this.#folder, this.#key);
  }

  get #libs(): string {
    return join(this.#kept, LIBS);
  }
}

function reason(error: unknown): string {
  if (error instanceof ReleaseError) return error.message;
  const said = error instanceof Error ? error.message : String(error);
  return isDiskFull(error) ? `the disk is full: ${said}` : said;
}
