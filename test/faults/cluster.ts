import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../support/kafka-tools.ts';
import { eventually, Millrace, processesOf } from '../support/millrace.ts';
import { type Login, NO_LOGIN } from './login.ts';
import { Guard } from './secure/guard.ts';
import { NAMED_BROKERS } from './secure/own-names.ts';
import { SmallDisk } from './small-disk.ts';

/**
 * Every broker has a loopback address of its own, so that the connections of two processes can be told apart
 * and cut.
 */
export const BROKER_HOST = '127.0.0.1{id}';
export const CONTROLLER_HOST = '127.0.0.1';
/** Where clients come from: the system takes it for every address of the loopback device. */
export const CLIENT_HOST = '127.0.0.1';
const POLL_MS = 100;
const CLUSTER = 'faults';
const MOST_ZONES = 3;
const PROGRAM = join(import.meta.dirname, '../../bin/millrace.mjs');

/** One cluster under test, with the processes that can be hurt. */
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
   * With `smallDisk`, the last broker's folder is a file system of its own, of so many MB: for root alone.
   * With `secure`, clients sign in over TLS and may do what they need, and no more. `args`: more options of
   * `millrace up`.
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

  /** Of a secure cluster. */
  get guard(): Guard | null {
    return this.#guard;
  }

  /** How this user comes in; everybody does where nobody signs in. */
  login(user: string): Login {
    return this.#guard?.login(user) ?? NO_LOGIN;
  }

  get controlPlane(): ChildProcess {
    return this.#millrace.child;
  }

  /** After the control plane ended, however: another one takes over what runs. */
  async continue(): Promise<void> {
    const { data, port } = this.#millrace;
    this.#millrace = await Millrace.up(this.#args, { data, port });
  }

  hostOf(broker: number): string {
    return BROKER_HOST.replace('{id}', String(broker));
  }

  /** By which clients of a secure cluster reach it. */
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

  /** As a person does it who wants to see what an application does without that zone. */
  async zone(zone: number, action: 'down' | 'up'): Promise<void> {
    const args = ['fault', '--cluster', CLUSTER, '--api', this.#millrace.ready.api];
    const result = await run(process.execPath, [PROGRAM, ...args, 'zone', String(zone), action]);
    if (result.status !== 0) throw new Error(`millrace fault: ${result.stderr}`);
  }

  /** What a process was started with. */
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

  /** Resolves when every partition of the topic has so many in-sync replicas. */
  async inSync(topic: string, replicas: number, timeoutMs = 60_000): Promise<void> {
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

  /** Who leads each partition; -1 for nobody. */
  async leaders(topic: string): Promise<number[]> {
    return (await this.#partitions(topic)).map(({ leader }) => leader);
  }

  /** None when nobody answers. */
  async #partitions(topic: string): Promise<{ leader: number; isrs: { id: number }[] }[]> {
    const args = [...this.login('owner').kcat, '-b', this.bootstrap, '-L', '-J', '-t', topic, '-m', '2'];
    const result = await run('kcat', args, { timeoutMs: 5000 });
    if (result.status !== 0) return [];
    const { topics } = JSON.parse(result.stdout) as {
      topics: { topic: string; partitions: { leader: number; isrs: { id: number }[] }[] }[];
    };
    return topics.find((one) => one.topic === topic)?.partitions ?? [];
  }

  /** The file system of the last broker, when it has one of its own. */
  get disk(): SmallDisk | null {
    return this.#disk;
  }

  /** Ctrl-C, without removing anything. */
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
