import { chance } from '../chance.ts';
import type { Administrator } from './administrator.ts';
import type { SimCluster } from './sim-cluster.ts';

const NAME = 'share.isolation.level';
const CHANGE_MS = 4000;

export interface IsolationLevelOptions {
  readonly group: string;
  readonly administrator: Administrator;
  readonly cluster: SimCluster;
  /** How the group begins. */
  readonly isReadCommitted: boolean;
}

/** Whether a share group is given records of open and aborted transactions, in some histories by turns. */
export class IsolationLevel {
  readonly #options: IsolationLevelOptions;
  readonly #changes: boolean;
  #isReadCommitted: boolean;
  /** Counts the changes that were asked for. */
  #asked = 0;
  /** While a change is on its way, some broker may go by either level. */
  #isChanging = false;

  constructor(options: IsolationLevelOptions) {
    this.#options = options;
    this.#isReadCommitted = options.isReadCommitted;
    this.#changes = chance(options.administrator.client.random, 0.4);
  }

  /** The config with which the group begins. */
  get config(): Readonly<Record<string, string>> {
    return { [NAME]: this.#level };
  }

  /** Whether the group may pass over records of aborted transactions, at some time or always. */
  get mayLeaveOut(): boolean {
    return this.#isReadCommitted || this.#changes;
  }

  /**
   * To be called before records are asked for. Call the result when they have come: whether every broker gave
   * committed records only, all the time.
   */
  reads(): () => boolean {
    const asked = this.#asked;
    const isCommitted = this.#isReadCommitted && !this.#isChanging;
    return () => isCommitted && asked === this.#asked;
  }

  /** Changes the level now and then. */
  async run(isDraining: () => boolean): Promise<void> {
    const { administrator, cluster, group } = this.#options;
    const { client } = administrator;
    while (this.#changes && !isDraining()) {
      await client.pause(CHANGE_MS);
      if (isDraining()) return;
      this.#asked++;
      this.#isChanging = true;
      this.#isReadCommitted = !this.#isReadCommitted;
      await administrator.alterGroup(group, this.config);
      while (!isDraining() && !this.#isEverywhere(cluster)) await client.pause();
      this.#isChanging = !this.#isEverywhere(cluster);
    }
  }

  get #level(): string {
    return this.#isReadCommitted ? 'read_committed' : 'read_uncommitted';
  }

  #isEverywhere({ brokers }: SimCluster): boolean {
    const { group } = this.#options;
    const level = this.#level;
    return [...brokers.values()].every(({ image }) => image.configs.get('group', group).get(NAME) === level);
  }
}
