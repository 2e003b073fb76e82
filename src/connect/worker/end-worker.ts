import { type Clock, sleep } from '../../base/clock.ts';
import { signalTo } from '../../processes/signal-to.ts';
import { workerIn } from './running-workers.ts';

const POLL_MS = 50;
/**
 * So long a worker that is asked to stop has to do so. Connect gives its tasks 5 s to end and commits their
 * offsets then, and its producers and consumers take half a minute to close where brokers are slow to answer.
 */
const STOP_MS = 40_000;

/** No worker works in the folder when this resolves: it is asked for so long, and killed then. */
export async function endWorker(clock: Clock, folder: string, patienceMs = STOP_MS): Promise<void> {
  const until = clock.monotonic() + patienceMs;
  let asked: number | null = null;
  for (let pid = workerIn(folder); pid !== null; pid = workerIn(folder)) {
    if (clock.monotonic() >= until) signalTo(pid, 'SIGKILL');
    else if (asked !== pid) {
      signalTo(pid, 'SIGTERM');
      // One that is paused would not act on it before.
      signalTo(pid, 'SIGCONT');
    }
    asked = pid;
    await sleep(clock, POLL_MS);
  }
}
