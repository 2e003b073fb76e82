import { sleep } from '../base/clock.ts';
import type { World } from '../base/world.ts';
import { watchLog } from './log-watch.ts';
import type { LifeEnd, LifeReport, ProcessPort } from './process-port.ts';

/**
 * How a process that does not report by itself shows that it lives: asked over HTTP, by a request of Kafka's,
 * or not at all where its end is all that is known of it (`ask` says `ready` then). One that reports has a
 * socket: `engines/embedded/own-process.ts`.
 */
export interface Liveness {
  /** `refused`: it answers, and cannot do its work now. `silent`: there was no answer. Never rejects. */
  ask(): Promise<'ready' | 'refused' | 'silent'>;
  /** Why it ended; null while it runs. */
  ended(): string | null;
  /** Aborted when it has ended, where that is told: nothing is waited for then. */
  readonly end?: AbortSignal;
}

export interface LifeLimits {
  /** Between questions, before it was ready and from then on. */
  readonly startingPollMs: number;
  readonly servingPollMs: number;
  /** One that was not ready by then hangs. */
  readonly readyMs: number;
  /** One that was ready, and answers nothing for so long, hangs. A refusal is an answer. */
  readonly hungMs: number;
}

/** Follows the life of a process by asking it: kills one that hangs. Resolves as `ProcessPort.live` does. */
export async function askedLife(
  world: Pick<World, 'clock' | 'log'>,
  process: Pick<ProcessPort, 'name' | 'log' | 'kill'> & { readonly pid: number; readonly liveness: Liveness },
  limits: LifeLimits,
  heard: (report: LifeReport) => void,
  signal: AbortSignal,
): Promise<LifeEnd> {
  const { clock } = world;
  const { pid, liveness } = process;
  const began = clock.monotonic();
  let answered: number | null = null;
  heard({ pid, isReady: false });
  const signals = liveness.end ? [signal, liveness.end] : [signal];
  const logWatch = watchLog(world, process);
  try {
    for (;;) {
      const answer = await unless(signals, liveness.ask());
      if (signal.aborted) return { why: 'it is not wanted any more' };
      const why = liveness.ended();
      if (why !== null) return { why };
      const now = clock.monotonic();
      if (answer === 'ready' || (answer === 'refused' && answered !== null)) answered = now;
      if (answer === 'ready') heard({ pid, isReady: true });
      else if (now - (answered ?? began) > (answered === null ? limits.readyMs : limits.hungMs)) {
        await process.kill();
        return { why: answered === null ? 'it did not serve in time' : 'it did not answer any more' };
      }
      const pauseMs = answered === null ? limits.startingPollMs : limits.servingPollMs;
      await unless(signals, sleep(clock, pauseMs));
    }
  } finally {
    logWatch.cancel();
  }
}

/**
 * What `work` resolves with, or null once one of the signals is aborted. Nothing of a call is kept after it:
 * a promise that all calls raced against would keep each of them, and a life has a call every second.
 */
function unless<T>(signals: readonly AbortSignal[], work: Promise<T>): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const stop = () => settle(() => resolve(null));
    const settle = (how: () => void) => {
      for (const signal of signals) signal.removeEventListener('abort', stop);
      how();
    };
    for (const signal of signals) signal.addEventListener('abort', stop);
    work.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
    if (signals.some(({ aborted }) => aborted)) stop();
  });
}
