import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kcat, run } from '../support/kafka-tools.ts';
import { eventually, Millrace, processesOf } from '../support/millrace.ts';
import { type Login, NO_LOGIN } from './login.ts';
import { Guard } from './secure/guard.ts';
import { NAMED_BROKERS } from './secure/own-names.ts';
import { SmallDisk } from './small-disk.ts';

/**
 * Every broker has its own loopback address, so that connections between two processes can be identified and
 * cut.
 */
export const BROKER_HOST = '127.0.0.1{id}';
export const CONTROLLER_HOST = '127.0.0.1';
/** The source address of clients: the kernel uses it for every address of the loopback device. */
export const CLIENT_HOST = '127.0.0.1';
const POLL_MS = 100;
const CLUSTER = 'faults';
const MOST_ZONES = 3;
const PROGRAM = join(import.meta.dirname, '../../bin/millrace.mjs');

/** One cluster under test, with the processes that faults may harm. */
export class FaultCluster {
  readonly brokers: readonly number[];
  readonly #args: readonly string[];
  #millrace: Millrace;
  #disk: SmallDisk | null = null;
  #guard: Guard | null = null;

  private constructor(millrace: Millrace, args: readonly string[], brokers: number) {
    this.#millrace = millrace;
    this.#args = args;
    this.brokers = Array.from({ length: brokers }, (_, index) => index + 1);
  }

  /**
   * With `smallDisk`, the last broker's folder is a separate file system of that many MB, which needs root.
   * With `secure`, clients sign in over TLS and have exactly the rights that they need. `args`: more options
   * of `millrace up`.
   */
  static async up(
    brokers: number,
    options: { smallDisk?: number; secure?: boolean; args?: readonly string[] } = {},
  ): Promise<FaultCluster> {
    const { secure = false } = options;
    const made = secure
      ? ['--no-cluster', '--advertise', NAMED_BROKERS]
      : ['--cluster', CLUSTER, '--brokers', String(brokers)];
    const args = [...made, '--broker-host', BROKER_HOST, ...(options.args ?? [])];
    const cluster = new FaultCluster(await Millrace.up(args), args, brokers);
    if (secure) {
      const { api } = cluster.#millrace.ready;
      cluster.#guard = await Guard.create(api, { name: CLUSTER, brokers });
    }
    if (options.smallDisk !== undefined) {
      await cluster.stop();
      cluster.#disk = SmallDisk.under(cluster.folder(`broker-${brokers}`), options.smallDisk);
      await cluster.continue();
    }
    return cluster;
  }

  get data(): string {
    return this.#millrace.data;
  }

  get api(): string {
    return this.#millrace.ready.api;
  }

  get bootstrap(): string {
    return this.#guard?.bootstrap ?? this.#millrace.ready.clusters[0]?.bootstrap ?? '';
  }

  /** Set for a secure cluster only. */
  get guard(): Guard | null {
    return this.#guard;
  }

  /** The login of this user; empty if nobody signs in. */
  login(user: string): Login {
    return this.#guard?.login(user) ?? NO_LOGIN;
  }

  get controlPlane(): ChildProcess {
    return this.#millrace.child;
  }

  /** Starts another control plane after the first has ended in any way; it takes over the running nodes. */
  async continue(): Promise<void> {
    const { data, port } = this.#millrace;
    this.#millrace = await Millrace.up(this.#args, { data, port });
  }

  hostOf(broker: number): string {
    return BROKER_HOST.replace('{id}', String(broker));
  }

  /** The name by which clients of a secure cluster reach the broker. */
  nameOf(broker: number): string {
    return NAMED_BROKERS.replace('{id}', String(broker));
  }

  port(broker: number, listener: 'CLIENT' | 'REPLICATION'): number {
    const { listeners = [] } = this.#optionsOf(`broker-${broker}`);
    const wanted = listener === 'CLIENT' && this.#guard ? 'CLIENT_SASL_SCRAM' : listener;
    return listeners.find(({ name }) => name === wanted)?.port ?? 0;
  }

  controllerPort(): number {
    return this.#optionsOf('controller').port ?? 0;
  }

  get zones(): number {
    return Math.min(this.brokers.length, MOST_ZONES);
  }

  /** Uses the same command as a user who tests an application without that zone. */
  async zone(zone: number, action: 'down' | 'up'): Promise<void> {
    const args = ['fault', '--cluster', CLUSTER, '--api', this.#millrace.ready.api];
    const result = await run(process.execPath, [PROGRAM, ...args, 'zone', String(zone), action]);
    if (result.status !== 0) throw new Error(`millrace fault: ${result.stderr}`);
  }

  /** The options that a process was started with. */
  #optionsOf(node: string): {
    port?: number;
    listeners?: { name: string; port: number }[];
  } {
    return JSON.parse(readFileSync(join(this.folder(node), 'process.json'), 'utf8')).options;
  }

  folder(node: string): string {
    const clusters = join(this.#millrace.data, 'clusters');
    return join(clusters, readdirSync(clusters)[0] ?? '', node);
  }

  pid(node: string): number | null {
    const file = join(this.folder(node), 'process.json');
    return processesOf(this.#millrace.data).find(({ command }) => command.includes(file))?.pid ?? null;
  }

  async running(node: string): Promise<number> {
    await eventually(`${node} runs`, () => this.pid(node) !== null);
    return this.pid(node) ?? 0;
  }

  async restarted(node: string, pid: number): Promise<void> {
    await eventually(`${node} was started again`, () => {
      const now = this.pid(node);
      return now !== null && now !== pid;
    });
  }

  /** Resolves when every partition of the topic has `replicas` in-sync replicas. */
  async inSync(topic: string, replicas: number, timeoutMs = 180_000): Promise<void> {
    const until = performance.now() + timeoutMs;
    for (;;) {
      const behind = await this.#behind(topic, replicas);
      if (behind === null) return;
      if (performance.now() > until) throw new Error(`not all in sync within ${timeoutMs} ms: ${behind}`);
      await new Promise((done) => setTimeout(done, POLL_MS));
    }
  }

  async #behind(topic: string, replicas: number): Promise<string | null> {
    const partitions = await this.#partitions(topic);
    const behind = partitions.filter(({ leader, isrs }) => leader < 0 || isrs.length < replicas);
    if (partitions.length > 0 && behind.length === 0) return null;
    return JSON.stringify(behind.slice(0, 5));
  }

  /** The leader of each partition; -1 for none. */
  async leaders(topic: string): Promise<number[]> {
    return (await this.#partitions(topic)).map(({ leader }) => leader);
  }

  /** Empty if no broker answers. */
  async #partitions(topic: string): Promise<{ leader: number; isrs: { id: number }[] }[]> {
    const args = [...this.login('owner').kcat, '-b', this.bootstrap, '-L', '-J', '-t', topic, '-m', '15'];
    const result = await kcat(args, { timeoutMs: 20_000 });
    if (result.status !== 0) return [];
    const { topics } = JSON.parse(result.stdout) as {
      topics: { topic: string; partitions: { leader: number; isrs: { id: number }[] }[] }[];
    };
    return topics.find((one) => one.topic === topic)?.partitions ?? [];
  }

  /** The file system of the last broker, if it has its own. */
  get disk(): SmallDisk | null {
    return this.#disk;
  }

  /** Ctrl-C; nothing is removed. */
  async stop(): Promise<void> {
    await this.#millrace.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.#guard?.close();
    this.#disk?.remove();
    await this.#millrace[Symbol.asyncDispose]();
  }
}
