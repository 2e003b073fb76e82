import { below } from '../../../src/base/random.ts';
import { OffsetsNeverChangeTheirRecord } from '../../checkers/offsets-never-change-their-record.ts';
import { UNCLEAN_PREFIX } from '../cluster-watch.ts';
import type { Feature, FeatureContext } from '../feature.ts';
import { producePlainly } from '../producers.ts';

const TOPIC = `${UNCLEAN_PREFIX}-elections`;
const PARTITIONS = 1;

/**
 * A topic with unclean elections: records may be lost, but in the end all replicas hold the same, whole and
 * readable, and nothing that nobody sent.
 */
export class UncleanTopic implements Feature {
  readonly #context: FeatureContext;
  readonly #sent: OffsetsNeverChangeTheirRecord;

  constructor(context: FeatureContext) {
    this.#context = context;
    this.#sent = new OffsetsNeverChangeTheirRecord(context.violations);
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
    await producePlainly(client('unclean'), {
      topic: TOPIC,
      partitions: PARTITIONS,
      offsets: this.#sent,
      isOver: isDraining,
    });
  }

  isDrained(): boolean {
    return true;
  }

  check(): void {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const name = `${TOPIC}-${partition}`;
      const replicas = this.#context.watch.replicasOf(TOPIC, partition);
      const [leader] = replicas;
      for (const { broker, records } of replicas) {
        for (const { offset, value } of records) this.#sent.told(name, offset, String(value));
        if (records.length === leader?.records.length) continue;
        this.#context.violations.add(
          'ReplicasAgreeInTheEnd',
          `${name} has ${records.length} records on broker ${broker} and ${leader?.records.length} on its leader`,
        );
      }
    }
  }
}
