import { describeConfigs } from '../../protocol/messages/32-describe-configs.ts';
import { incrementalAlterConfigs } from '../../protocol/messages/44-incremental-alter-configs.ts';
import type { ClusterBrokers } from '../connections/cluster-brokers.ts';
import { answerError, checkAnswer } from '../kafka-client-error.ts';

/** Operations of IncrementalAlterConfigs. */
const SET = 0;
const DELETE = 1;

const RESOURCE_TYPES = { topic: 2, broker: 4 } as const;
/** By the number in the answer. */
const SOURCES = ['', 'topic', 'broker', 'all brokers', 'file', 'default', '', '', 'group'];

export interface ConfigResource {
  readonly type: keyof typeof RESOURCE_TYPES;
  /** A topic, or a broker's id; empty for what is set for all brokers. */
  readonly name: string;
}

export interface ConfigEntry {
  readonly name: string;
  /** Null where it is secret, or has none. */
  readonly value: string | null;
  /** Where the value comes from. */
  readonly source: string;
  /** The resource itself has it, and it can be unset. */
  readonly isOwn: boolean;
  readonly isReadOnly: boolean;
}

/** Configs of topics and brokers. */
export class ConfigsAdmin {
  readonly #cluster: ClusterBrokers;

  constructor(cluster: ClusterBrokers) {
    this.#cluster = cluster;
  }

  /** Every config with the value in force, by name. */
  async describe(resource: ConfigResource): Promise<readonly ConfigEntry[]> {
    const { type, name } = resource;
    const request = {
      resources: [{ resourceType: RESOURCE_TYPES[type], resourceName: name, configurationKeys: null }],
      includeSynonyms: false,
    };
    const what = `DescribeConfigs of ${type} ${name}`;
    const answer = await this.#cluster.retried(async () => {
      const given = await this.#cluster.ask(await this.#broker(resource), describeConfigs, request);
      for (const { errorCode, errorMessage } of given.results) checkAnswer(what, errorCode, errorMessage);
      return given;
    });
    const own = type === 'topic' ? 'topic' : name === '' ? 'all brokers' : 'broker';
    return answer.results
      .flatMap(({ configs }) => configs)
      .map((config) => {
        const source = SOURCES[config.configSource] ?? '';
        return {
          name: config.name,
          value: config.value,
          source,
          isOwn: source === own,
          isReadOnly: config.readOnly,
        };
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** A null takes the value away, so that the default is in force again. All or nothing. */
  async alter(resource: ConfigResource, changes: ReadonlyMap<string, string | null>): Promise<void> {
    const { type, name } = resource;
    const request = {
      resources: [
        {
          resourceType: RESOURCE_TYPES[type],
          resourceName: name,
          configs: [...changes].map(([key, value]) => ({
            name: key,
            configOperation: value === null ? DELETE : SET,
            value,
          })),
        },
      ],
      validateOnly: false,
    };
    await this.#cluster.retried(async () => {
      const answer = await this.#cluster.ask(await this.#broker(resource), incrementalAlterConfigs, request);
      for (const { errorCode, errorMessage } of answer.responses)
        checkAnswer(`IncrementalAlterConfigs of ${type} ${name}`, errorCode, errorMessage);
    });
  }

  /** A broker's own configs are its own to tell and to take. */
  async #broker({ type, name }: ConfigResource) {
    await this.#cluster.view.refresh();
    const { brokers } = this.#cluster.view;
    const broker =
      type === 'broker' && name !== '' ? brokers.find(({ id }) => String(id) === name) : brokers[0];
    if (broker) return broker;
    const ids = brokers.map(({ id }) => id).sort((a, b) => a - b);
    throw answerError(
      `broker ${name}`,
      'BROKER_NOT_AVAILABLE',
      `It is not alive; there are ${ids.join(', ')}.`,
    );
  }
}
