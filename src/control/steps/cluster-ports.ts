import { RefusedStart } from '../../base/refused.ts';
import { type ApiError, isApiError } from '../aws/api-error.ts';
import { BROKER_ID } from '../broker-host.ts';
import type { ControlOptions, NewBrokerCount, NewCluster } from '../control.ts';
import { updateBrokerCount } from '../state/broker-count-update.ts';
import { giveOtherPorts, movePorts, shiftedPorts, shiftPorts } from '../state/broker-ports.ts';
import type { Cluster } from '../state/cluster.ts';
import type { ClusterOperation } from '../state/operation.ts';
import { lastPortBase, type PassedOver } from '../state/ports.ts';
import type { Store } from '../state/store.ts';
import { portHolder } from './port-holder.ts';
import { busyPort } from './port-probe.ts';
import { PortSearch, type PortsInUse } from './port-search.ts';

/**
 * The ports of all clusters: whatever gives a broker ports first looks for those that no other process of
 * this machine has, and stores them in the turn in which they were found free.
 */
export class ClusterPorts {
  readonly #store: Store;
  readonly #options: ControlOptions;
  readonly #search: PortSearch;

  constructor(store: Store, options: ControlOptions) {
    this.#store = store;
    this.#options = options;
    this.#search = new PortSearch((base) => this.#busyPort(base));
  }

  /** `create`: stores the cluster with the next ports but those passed over. */
  forNewCluster(
    wish: NewCluster,
    create: (passedOver: PassedOver) => Cluster | ApiError,
  ): Promise<Cluster | ApiError> {
    const count = wish.spec.numberOfBrokerNodes;
    return this.#search.find(
      (inUse) => this.#store.clusters.planPorts({ ...wish, count, ...this.#passedOver(inUse) }),
      (inUse) => {
        const [blocked] = inUse.busy.values();
        if (wish.exactPorts && blocked !== undefined) return this.#conflict(blocked, 'firstPortBase');
        return create(this.#passedOver(inUse));
      },
    );
  }

  /** Begins the operation that changes the number of brokers. */
  async forBrokerCount(wish: NewBrokerCount): Promise<ClusterOperation | ApiError> {
    const found = this.#store.clusters.get(wish.clusterArn);
    if (isApiError(found)) return found;
    const count = Math.max(0, wish.target - found.brokers.length);
    const firstPortBase = found.brokers[0]?.portBase;
    return this.#search.find(
      (inUse) => this.#store.clusters.planPorts({ count, firstPortBase, ...this.#passedOver(inUse) }),
      (inUse) =>
        this.#store.execute((clusters) =>
          updateBrokerCount(clusters, { ...wish, ...this.#passedOver(inUse), now: Date.now() }),
        ),
    );
  }

  /** From `first` on or, without it, the next free ones. */
  async move(clusterArn: string, first: number | undefined): Promise<Cluster | ApiError> {
    const cluster = this.#store.clusters.get(clusterArn);
    if (isApiError(cluster)) return cluster;
    const wish = { count: cluster.brokers.length, firstPortBase: first, exactPorts: first !== undefined };
    return this.#search.find(
      (inUse) => this.#store.clusters.planPorts({ ...wish, ...this.#passedOver(inUse) }),
      (inUse) => {
        const [blocked] = inUse.busy.values();
        if (first !== undefined && blocked !== undefined) return this.#conflict(blocked, 'firstPort');
        return this.#store.execute((clusters) =>
          giveOtherPorts(clusters, clusterArn, { first, ...this.#passedOver(inUse) }),
        );
      },
    );
  }

  /**
   * For a cluster that was never started, when another process has come to its ports. Resolves to whether it
   * has others now.
   */
  moveOffTaken(cluster: Cluster): Promise<boolean> {
    const wish = { count: cluster.brokers.length, moving: cluster.arn };
    return this.#search.find(
      (inUse) => this.#store.clusters.planPorts({ ...wish, ...this.#passedOver(inUse) }),
      (inUse) => this.#store.execute((clusters) => movePorts(clusters, cluster.arn, this.#passedOver(inUse))),
    );
  }

  /**
   * Before anything is started: a data folder that was copied runs beside the original, on ports of its own
   * (`options.ports`). Rejects with RefusedStart where these do not fit or another process is there.
   */
  async shiftAll(): Promise<void> {
    const { cluster = '', first = 0 } = this.#options.ports ?? {};
    const by = first - (this.#store.clusters.byName(cluster)?.brokers[0]?.portBase ?? first);
    if (by === 0) return this.#checkRoom();
    const bases = shiftedPorts(this.#store.clusters, by, this.#options.advertised.length);
    if (bases === null)
      throw new RefusedStart(
        'PORT',
        `With ${first} as the first port of ${cluster} the ports of all clusters do not fit between 1024 and 65535: choose another one with --kafka-port.`,
      );
    for (const base of bases.moved) {
      // What a cluster leaves to another one of this folder may still be in use by its own processes, which
      // move with it.
      const port = bases.left.some((one) => Math.abs(one - base) < 10) ? null : await this.#busyPort(base);
      if (port !== null)
        throw new RefusedStart(
          'PORT',
          `Port ${port} on ${this.#options.host} is in use by ${portHolder(port)}: choose another first port for Kafka with --kafka-port.`,
        );
    }
    this.#store.execute((clusters) => shiftPorts(clusters, by));
  }

  /** With further advertised hosts the ports of a broker go higher than when it was given them. */
  #checkRoom(): void {
    const { length } = this.#options.advertised;
    const bases = this.#store.clusters
      .all()
      .flatMap(({ name, brokers }) => brokers.map(({ portBase }) => ({ name, portBase })));
    const high = bases.find(({ portBase }) => portBase > lastPortBase(length));
    if (high)
      throw new RefusedStart(
        'PORT',
        `The ports of ${high.name}, from ${high.portBase} on, have no room for ${length} advertised hosts above them: name fewer with --advertise, or move all clusters with --kafka-port.`,
      );
  }

  #conflict(port: number, invalidParameter: string): ApiError {
    return {
      error: 'ConflictException',
      message: `Port ${port} on ${this.#options.host} is in use by ${portHolder(port)}`,
      invalidParameter,
    };
  }

  /** Where each broker has an address of its own, their ports are looked for where the API listens. */
  #busyPort(base: number): Promise<number | null> {
    const { host, advertised } = this.#options;
    const [{ host: brokerHost }] = advertised;
    return busyPort(brokerHost.includes(BROKER_ID) ? host : brokerHost, advertised, base);
  }

  #passedOver({ busy, reserved }: PortsInUse): PassedOver {
    return { busy: new Set(busy.keys()), reserved, advertisedHosts: this.#options.advertised.length };
  }
}
