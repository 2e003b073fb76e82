import { isActiveTopicsReport } from '../../connectors/worker/active-topics.ts';
import type { WorkerReport } from '../../connectors/worker/worker-assignment.ts';
import type { BuiltInWorker } from './built-in-worker.ts';
import { RestError } from './worker-http.ts';

/**
 * The topics that the workers of a built-in connector have told of. A worker is asked for their names when
 * its report says that they are others than before.
 */
export class GatheredTopics {
  readonly #names = new Set<string>();
  /** Of what each worker told last, by its number. */
  readonly #digests = new Map<number, string>();
  /** Counts how often they were forgotten: what a worker was asked before is not added after it. */
  #forgotten = 0;

  /** Since this process began or they were forgotten. */
  get names(): ReadonlySet<string> {
    return this.#names;
  }

  /** Rejects with RestError. */
  async gather(
    found: readonly { readonly worker: BuiltInWorker; readonly report: WorkerReport }[],
  ): Promise<void> {
    const forgotten = this.#forgotten;
    await Promise.all(
      found.map(async ({ worker, report }) => {
        // A worker of an older release does not tell.
        const { topicsDigest = '' } = report;
        if (topicsDigest === (this.#digests.get(worker.number) ?? '')) return;
        const told = await worker.http.send('GET', '/topics');
        if (!isActiveTopicsReport(told)) throw new RestError('a worker did not tell its topics', null);
        if (forgotten !== this.#forgotten) return;
        for (const topic of told.topics) this.#names.add(topic);
        this.#digests.set(worker.number, told.digest);
      }),
    );
  }

  /** What the workers have told, and have themselves. Rejects with RestError; some may have forgotten it. */
  async forget(found: readonly { readonly worker: BuiltInWorker; readonly report: WorkerReport }[]) {
    await Promise.all(
      found.map(async ({ worker, report }) => {
        if (report.topicsDigest !== undefined) await worker.http.send('DELETE', '/topics');
      }),
    );
    this.#forgotten++;
    this.#names.clear();
    this.#digests.clear();
  }
}
