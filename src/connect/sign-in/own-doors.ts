import type { World } from '../../base/world.ts';
import type { Control } from '../../control/control.ts';
import type { Cluster } from '../../control/state/cluster.ts';
import type { Acl } from '../../security/acl/acl.ts';
import type { Connector } from '../state/connector.ts';

/**
 * Closes the topics, the group and the transactional ids that workers have for themselves to everybody else.
 */
export class OwnDoors {
  readonly #world: Pick<World, 'log'>;
  readonly #control: Pick<Control, 'connect'>;
  /**
   * What of each connector, by its ARN, is closed, or is being closed now, since this process began: as JSON
   * of the ACLs.
   */
  readonly #known = new Map<string, Set<string>>();

  constructor(world: Pick<World, 'log'>, control: Pick<Control, 'connect'>) {
    this.#world = world;
    this.#control = control;
  }

  /**
   * A new connector has no workers before this resolves; for one that ran, the doors are closed already,
   * unless an older release made it, and nothing waits for a cluster that is just starting. Rejects with an
   * Error that says why they cannot be closed now.
   */
  async close({ arn, name, hasRun }: Connector, cluster: Cluster, acls: readonly Acl[]): Promise<void> {
    const key = JSON.stringify([cluster.arn, acls]);
    const known = this.#known.get(arn) ?? new Set();
    if (known.has(key)) return;
    this.#known.set(arn, known.add(key));
    const closing = this.#create(cluster, acls).catch((error: unknown) => {
      known.delete(key);
      throw new Error(
        `The topics of its workers cannot be closed to others now: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    });
    if (!hasRun) return closing;
    closing.catch((error: unknown) => {
      this.#world.log.warn(`The connector ${name} is looked after, but not closed to others`, { error });
    });
  }

  /** The connector is there no more. */
  forget(connectorArn: string): void {
    this.#known.delete(connectorArn);
  }

  async #create(cluster: Cluster, acls: readonly Acl[]): Promise<void> {
    const access = this.#control.connect(cluster);
    try {
      // A cluster without an authorizer keeps no ACLs.
      if ((await access.acls.all()) === null) return;
      await access.acls.create(acls);
      await access.acls.awaitChange({ come: acls, gone: [] });
    } finally {
      await access.close();
    }
  }
}
