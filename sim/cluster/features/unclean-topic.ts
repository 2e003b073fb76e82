import { below } from '../../../src/base/random.ts';
import { OffsetsNeverChangeTheirRecord } from '../../checkers/offsets-never-change-their-record.ts';
import { UNCLEAN_PREFIX } from '../cluster-watch.ts';
import { DeletedRecords } from '../deleted-records.ts';
import type { Feature, FeatureContext } from '../feature.ts';
import { producePlainly } from '../producers.ts';

const TOPIC = `${UNCLEAN_PREFIX}-elections`;
const PARTITIONS = 1;

/**
 * A topic with unclean elections whose oldest records are deleted. Records may be lost, but in the end all
 * replicas hold the same, complete and readable, and nothing that no producer sent.
 */
export class UncleanTopic implements Feature {
  readonly #context: FeatureContext;
  readonly #sent: OffsetsNeverChangeTheirRecord;
  readonly #deleted: DeletedRecords;

  constructor(context: FeatureContext) {
    this.#context = context;
    const { administrator, violations } = context;
    this.#sent = new OffsetsNeverChangeTheirRecord(violations);
    this.#deleted = new DeletedRecords({
      topic: TOPIC,
      partitions: PARTITIONS,
      cluster: context.cluster,
      administrator,
      violations,
      end: (partition) => this.#highWatermark(partition),
    });
  }

  async prepare(): Promise<void> {
    const { administrator } = this.#context;
    await administrator.create({
      name: TOPIC,
      partitions: PARTITIONS,
      replicationFactor: 3,
      configs: {
        'unclean.leader.election.enable': 'true',
        'min.insync.replicas': '1',
        'segment.ms': String(100 + below(administrator.client.random, 1000)),
        'retention.ms': '-1',
      },
    });
  }

  async run(): Promise<void> {
    const { client, isDraining } = this.#context;
    await Promise.all([
      producePlainly(client('unclean'), {
        topic: TOPIC,
        partitions: PARTITIONS,
        offsets: this.#sent,
        isOver: isDraining,
      }),
      this.#deleted.run(isDraining),
      this.#elect(),
    ]);
  }

  /** An administrator does not wait for those in sync. */
  async #elect(): Promise<void> {
    const { administrator, isDraining } = this.#context;
    const { client } = administrator;
    while (!isDraining()) {
      await client.pause(3000);
      const partition = below(client.random, PARTITIONS);
      if (!isDraining()) await client.tried(() => administrator.electUncleanLeader(TOPIC, partition));
    }
  }

  isDrained(): boolean {
    return true;
  }

  check(): void {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const name = `${TOPIC}-${partition}`;
      const replicas = this.#context.watch.replicasOf(TOPIC, partition);
      // A leader that has not heard of a deletion yet still has the records that another leader deleted.
      const from = this.#deleted.upTo(partition);
      const keeps = ({ offset }: { readonly offset: number }) => offset >= from;
      const [leader] = replicas;
      const kept = leader?.records.filter(keeps).length;
      for (const { broker, log, records } of replicas) {
        this.#deleted.check(partition, { on: broker, log });
        for (const { offset, value } of records) this.#sent.told(name, offset, String(value));
        const count = records.filter(keeps).length;
        if (count === kept) continue;
        this.#context.violations.add(
          'ReplicasAgreeInTheEnd',
          `${name} has ${count} records from ${from} on on broker ${broker} and ${kept} on its leader`,
        );
      }
    }
  }

  #highWatermark(partition: number): number {
    const running = [...this.#context.cluster.running()];
    const known = running.map(([, { replicas }]) => replicas.find(TOPIC, partition)?.log.highWatermark ?? 0);
    return Math.max(0, ...known);
  }
}
