import { sleep } from '../../src/base/clock.ts';
import { below, type Random } from '../../src/base/random.ts';
import { chance, shuffled } from '../chance.ts';
import { AcknowledgedCommandsSurvive } from '../checkers/acknowledged-commands-survive.ts';
import { AcknowledgedRecordsSurvive } from '../checkers/acknowledged-records-survive.ts';
import { CommittedOffsetsNeverFall } from '../checkers/committed-offsets-never-fall.ts';
import { Violations } from '../checkers/violations.ts';
import { Administrator } from '../cluster/administrator.ts';
import { clusterConfig, configOfLife } from '../cluster/broker-configs.ts';
import { breakRule, type ClusterCanary } from '../cluster/canaries.ts';
import { ClusterClient } from '../cluster/cluster-client.ts';
import { ClusterStrikes, type ExtraKind } from '../cluster/cluster-strikes.ts';
import { ClusterWatch } from '../cluster/cluster-watch.ts';
import { electPreferredLeaders } from '../cluster/elections.ts';
import type { Feature, FeatureContext } from '../cluster/feature.ts';
import { ShareGroupFeature } from '../cluster/features/share-group.ts';
import { ShareResets } from '../cluster/features/share-resets.ts';
import { FEATURES, type FeatureName, makeFeature, thatGoTogether } from '../cluster/features.ts';
import { changeMinimum } from '../cluster/minimum-changes.ts';
import { movePartitions } from '../cluster/moves.ts';
import { throttleReplication } from '../cluster/replication-throttles.ts';
import { nameOf, SimCluster } from '../cluster/sim-cluster.ts';
import { Starts } from '../cluster/starts.ts';
import { changeTopicConfigs } from '../cluster/topic-config-changes.ts';
import { TRAITS, type Trait } from '../cluster/traits.ts';
import { LARGE_VOLUME_BYTES, setVolume } from '../cluster/volumes.ts';
import { Simulation } from '../simulation.ts';

const BROKERS = [1, 2, 3] as const;
const ADDED_BROKER = 4;
const FEATURES_MAX = 3;
/** Milliseconds after healing in which everything must serve again, on simulated disks and networks. */
const HEALED_MS = 60_000;
/** The traits that are kinds of strikes. */
const EXTRA_KINDS: readonly ExtraKind[] = [
  'quiet',
  'days',
  'failed renames',
  'refused logs',
  'full volumes',
  'unregistered brokers',
  'failing disks',
  'harmed controller',
  'rolling restarts',
];
/** Features that exist for compaction: with them the cleaner runs often. */
const COMPACTING: ReadonlySet<FeatureName> = new Set<FeatureName>([
  'compacted topic',
  'idle groups',
  'transactions',
  'share group',
  'share resets',
  'pending offsets',
]);

export interface ClusterCounts {
  readonly acknowledged: number;
  readonly commits: number;
  /** The number of records that a share group accepted or rejected. */
  readonly settled: number;
  readonly strikes: number;
  readonly traceHash: string;
}

export interface ClusterOptions {
  readonly canary?: ClusterCanary | undefined;
  readonly strikes?: number | undefined;
  /** The features to use instead of those that the seed picks. */
  readonly features?: readonly FeatureName[] | undefined;
  readonly traits?: readonly Trait[] | undefined;
}

/**
 * A controller and three brokers in three zones, later perhaps a fourth broker, with clients of several
 * kinds. The seed picks the clients (`FEATURES`) and the conditions (`TRAITS`). Machines, disks, networks and
 * clocks fail in every way; then all is healed, everything must serve again, and every promise must hold.
 */
export async function cluster(seed: number, options: ClusterOptions = {}): Promise<ClusterCounts> {
  const simulation = new Simulation(seed);
  const scenario = new Scenario(simulation, options);
  const mend = breakRule(options.canary, scenario.cluster);
  try {
    return await simulation.run(() => scenario.run());
  } finally {
    mend();
  }
}

class Scenario {
  readonly cluster: SimCluster;
  readonly #simulation: Simulation;
  readonly #random: Random;
  readonly #strikes: number;
  readonly #isFlushed: boolean;
  readonly #traits: ReadonlySet<Trait>;
  readonly #violations = new Violations();
  readonly #watch: ClusterWatch;
  readonly #survive = new AcknowledgedRecordsSurvive(this.#violations);
  readonly #committed = new CommittedOffsetsNeverFall(this.#violations);
  readonly #commands = new AcknowledgedCommandsSurvive(this.#violations);
  readonly #pace = { factor: 1 };
  readonly #features: readonly Feature[];
  #phase: 'running' | 'draining' | 'over' = 'running';

  constructor(simulation: Simulation, options: ClusterOptions) {
    this.#simulation = simulation;
    this.#random = simulation.fork('cluster scenario');
    this.#isFlushed = chance(this.#random, 0.4);
    this.#strikes = options.strikes ?? 1 + below(this.#random, 8);
    const choice = simulation.fork('features');
    const names = options.features ?? pickFeatures(choice);
    this.#traits = new Set(options.traits ?? pickTraits(choice));
    simulation.note(`flushed: ${this.#isFlushed}; ${[...names, ...this.#traits].join(', ')}`);
    const configs = simulation.fork('configs');
    const starts = new Starts(simulation, {
      losesCheckpoints: this.#traits.has('lost checkpoints'),
      refusesLogs: this.#traits.has('refused logs'),
    });
    this.cluster = new SimCluster(simulation, {
      config: clusterConfig(configs, {
        isFlushed: this.#isFlushed,
        expiresProducers: names.includes('expiring producers'),
        isCompacting: names.some((name) => COMPACTING.has(name)),
        traits: this.#traits,
      }),
      beforeLife: (host) => {
        if (this.#phase === 'running') starts.before(host);
      },
      afterLife: (id, broker) => this.#watch.died(id, broker),
      configOfLife: () => (this.#traits.has('changing configs') ? configOfLife(configs) : {}),
    });
    this.#watch = new ClusterWatch(this.cluster, this.#violations);
    const context = this.#context();
    const featureOptions = {
      survive: this.#survive,
      committed: this.#committed,
      traits: this.#traits,
    };
    this.#features = names.map((name) => makeFeature(name, context, featureOptions));
  }

  async run(): Promise<ClusterCounts> {
    const isOver = () => this.#isOver;
    this.cluster.start();
    for (const id of BROKERS) this.#addBroker(id);
    await this.#within(30_000, 'a cluster that starts', () => this.cluster.isWhole());
    for (const feature of this.#features) await feature.prepare();
    const actors = [
      this.#watch.run(this.#simulation, isOver),
      ...this.#features.map((feature) => feature.run()),
      ...this.#administrators(),
    ];
    let failed: unknown;
    const all = Promise.all(actors).catch((error: unknown) => {
      failed ??= error;
    });
    const registrar = this.#administrator('registrar');
    const strikes = new ClusterStrikes(this.#simulation, {
      cluster: this.cluster,
      isFlushed: this.#isFlushed,
      isOver: () => isOver() || failed !== undefined,
      extra: EXTRA_KINDS.filter((kind) => this.#traits.has(kind)),
      unregister: (id) => this.#unregister(registrar, id),
      emptied: (host) => this.#watch.emptied(host),
      isLate: this.#traits.has('late requests'),
      pace: this.#pace,
    });
    const addsAt = chance(this.#random, 0.4) ? below(this.#random, this.#strikes) : -1;
    for (let n = 0; n < this.#strikes && !isOver() && failed === undefined; n++) {
      await sleep(this.#simulation.clock, below(this.#random, 2000));
      if (n === addsAt) this.#addBroker(ADDED_BROKER);
      await strikes.strike();
    }
    this.#phase = 'draining';
    strikes.heal();
    await this.#within(HEALED_MS, 'a healed cluster that serves everything again', () => {
      return failed !== undefined || this.#features.every((feature) => feature.isDrained());
    });
    this.#phase = 'over';
    await all;
    if (failed !== undefined) throw failed;
    await this.#within(HEALED_MS, 'replicas that are all in sync', () => this.cluster.isWhole());
    this.#checkAll();
    await this.cluster.end();
    if (this.#violations.first) throw this.#violations.first;
    return {
      acknowledged: this.#survive.count,
      commits: this.#committed.count,
      settled: this.#features.reduce(
        (sum, one) =>
          sum + (one instanceof ShareGroupFeature || one instanceof ShareResets ? one.settled : 0),
        0,
      ),
      strikes: this.#strikes,
      traceHash: this.#simulation.trace.hash(),
    };
  }

  /** A broker has a volume for all of its life or for none of it. */
  #addBroker(id: number): void {
    if (this.#traits.has('full volumes')) setVolume(this.cluster.host(id), LARGE_VOLUME_BYTES);
    this.cluster.addBroker(id);
  }

  /** Administrators that change what features work with, whatever the features are. */
  #administrators(): Promise<void>[] {
    const { cluster } = this;
    const isOver = () => this.#isOver;
    const isDraining = () => this.#phase !== 'running' || isOver();
    return [
      ...(this.#traits.has('moves')
        ? [movePartitions(this.#administrator('mover'), { cluster, isDraining })]
        : []),
      ...(this.#traits.has('elections')
        ? [electPreferredLeaders(this.#administrator('elector'), isDraining)]
        : []),
      ...(this.#traits.has('changing minimum')
        ? [changeMinimum(this.#administrator('minimum changer'), { cluster, isDraining })]
        : []),
      ...(this.#traits.has('throttled replicas')
        ? [throttleReplication(this.#administrator('throttler'), { cluster, isDraining })]
        : []),
      ...(this.#traits.has('changing configs')
        ? [
            changeTopicConfigs(this.#administrator('config changer'), {
              simulation: this.#simulation,
              cluster,
              isDraining,
              isOver,
            }),
          ]
        : []),
    ];
  }

  #administrator(name: string): Administrator {
    return new Administrator(this.#client(name), { isOver: () => this.#isOver, created: () => {} });
  }

  async #unregister(administrator: Administrator, id: number): Promise<void> {
    await administrator.client.tried(() => administrator.unregister(id));
  }

  #client(name: string): ClusterClient {
    return new ClusterClient(this.#simulation, name, BROKERS.map(nameOf), this.#pace);
  }

  get #isOver(): boolean {
    return this.#phase === 'over' || this.#violations.first !== undefined;
  }

  #context(): FeatureContext {
    const isOver = () => this.#isOver;
    const client = (name: string) => this.#client(name);
    return {
      simulation: this.#simulation,
      cluster: this.cluster,
      violations: this.#violations,
      watch: this.#watch,
      administrator: new Administrator(client('admin'), {
        isOver,
        created: (topic) => this.#commands.created(topic),
      }),
      client,
      isOver,
      isDraining: () => this.#phase !== 'running' || isOver(),
    };
  }

  #checkAll(): void {
    this.#watch.look();
    for (const feature of this.#features) feature.check();
    const image = this.cluster.image;
    if (image) this.#commands.check((topic) => image.topics.byName(topic) !== undefined);
  }

  #undrained(): string[] {
    return this.#features
      .filter((feature) => !feature.isDrained())
      .map((feature) => feature.constructor.name);
  }

  /** Waits until it holds. A violation ends every wait, and the run fails with it. */
  async #within(ms: number, what: string, holds: () => boolean): Promise<void> {
    try {
      await this.#simulation.until(() => this.#violations.first !== undefined || holds(), ms, what);
    } catch (error) {
      throw new Error(
        [
          `EverythingServesAgain: ${error instanceof Error ? error.message : ''}`,
          `features that have not ended their work: ${this.#undrained().join(', ') || 'none'}`,
          this.cluster.describe(),
        ].join('\n'),
      );
    }
    if (this.#violations.first) throw this.#violations.first;
  }
}

/** Every third history has only the features that most clients use. */
function pickFeatures(random: Random): FeatureName[] {
  if (chance(random, 0.33)) return ['ordinary'];
  const count = 1 + below(random, FEATURES_MAX);
  const picked = shuffled(random, FEATURES);
  return thatGoTogether(picked.slice(0, count));
}

function pickTraits(random: Random): Trait[] {
  return TRAITS.filter(() => chance(random, 0.3));
}
