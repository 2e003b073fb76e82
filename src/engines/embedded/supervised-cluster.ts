import type { StateInfo } from '../../control/aws/state-info.ts';
import { zoneId } from '../../control/aws/zone-id.ts';
import { EngineError } from '../../control/engine.ts';
import type { Cluster } from '../../control/state/cluster.ts';
import type { Supervisor } from '../../processes/supervisor.ts';

export interface StartedNode {
  readonly supervisor: Supervisor;
  /** Of the configuration that its process runs with. */
  readonly digest: string;
}

/** The supervised processes of one cluster. */
export class SupervisedCluster {
  /** By folder. */
  readonly nodes = new Map<string, StartedNode>();
  /** It was ready once; from then on its health is reported. */
  serving = false;
  /** By index. What a caller knows of the cluster may be older. */
  zonesDown: readonly number[];
  /** Ends with the cluster: what is done for its dead brokers. */
  readonly stopped = new AbortController();
  readonly #region: string;
  readonly #name: string;
  readonly #waiting = new Set<() => void>();

  constructor(cluster: Cluster) {
    this.zonesDown = cluster.zonesDown;
    this.#region = cluster.region;
    this.#name = cluster.name;
  }

  /** What stands between the cluster and all of it serving, as far as waiting does not mend it. */
  get problem(): StateInfo | null {
    for (const { problem } of this.#supervisors())
      if (problem) return { code: problem.code, message: problem.message };
    const zones = this.zonesDown.map((zone) => `${zone + 1} (${zoneId(this.#region, zone)})`).join(', ');
    const ends = this.zonesDown.map((zone) => `"millrace fault zone ${zone + 1} up --cluster ${this.#name}"`);
    if (zones === '') return null;
    return { code: 'ZONE_DOWN', message: `Zone ${zones} was taken down: ${ends.join(' and ')} ends that` };
  }

  /** A supervisor says so. */
  changed(): void {
    for (const waiter of this.#waiting) waiter();
  }

  /**
   * Resolves when these processes are ready or held; rejects when one of them has a problem that waiting does
   * not mend.
   */
  ready(folders: Iterable<string>, signal: AbortSignal): Promise<void> {
    const wanted = [...folders];
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const own = wanted.flatMap((folder) => this.nodes.get(folder)?.supervisor ?? []);
        const problem = own.find((one) => one.problem)?.problem;
        if (signal.aborted) reject(signal.reason);
        else if (problem) reject(new EngineError(problem.code, problem.message));
        else if (own.every((one) => one.ready || one.held)) resolve();
        else return;
        this.#waiting.delete(check);
        signal.removeEventListener('abort', check);
      };
      this.#waiting.add(check);
      signal.addEventListener('abort', check);
      check();
    });
  }

  #supervisors(): Supervisor[] {
    return [...this.nodes.values()].map(({ supervisor }) => supervisor);
  }
}
