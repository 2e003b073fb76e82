import { below, type Random } from '../../src/base/random.ts';
import { brokerProcess, eventually, type Millrace } from '../support/millrace.ts';

/** Something that goes wrong, and what puts it right again. */
export interface Fault {
  readonly name: string;
  /** Does the harm; resolves, once it is mended, to a word for the report. */
  strike(cluster: Stricken, random: Random): Promise<string>;
}

export interface Stricken {
  readonly millrace: Millrace;
  readonly brokers: number;
}

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** The supervisor starts the broker again; the fault has passed when another process has its place. */
export const killBroker: Fault = {
  name: 'kill -9 of a broker',
  async strike({ millrace, brokers }, random) {
    const id = 1 + below(random, brokers);
    const pid = await running(millrace, id);
    process.kill(pid, 'SIGKILL');
    await restarted(millrace, id, pid);
    return `broker ${id}`;
  },
};

export const killAllBrokers: Fault = {
  name: 'kill -9 of all brokers at once',
  async strike({ millrace, brokers }) {
    const ids = Array.from({ length: brokers }, (_, index) => index + 1);
    const pids = await Promise.all(ids.map((id) => running(millrace, id)));
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await Promise.all(ids.map((id, index) => restarted(millrace, id, pids[index] ?? 0)));
    return `brokers ${ids.join(', ')}`;
  },
};

export const pauseBroker: Fault = {
  name: 'SIGSTOP of a broker',
  async strike({ millrace, brokers }, random) {
    const id = 1 + below(random, brokers);
    const pid = await running(millrace, id);
    process.kill(pid, 'SIGSTOP');
    const ms = 500 + below(random, 4000);
    await pause(ms);
    process.kill(pid, 'SIGCONT');
    return `broker ${id} for ${ms} ms`;
  },
};

async function running(millrace: Millrace, id: number): Promise<number> {
  await eventually(`broker ${id} runs`, () => brokerProcess(millrace.data, id) !== null);
  return brokerProcess(millrace.data, id) ?? 0;
}

async function restarted(millrace: Millrace, id: number, pid: number): Promise<void> {
  await eventually(`broker ${id} was started again`, () => {
    const now = brokerProcess(millrace.data, id);
    return now !== null && now !== pid;
  });
}
