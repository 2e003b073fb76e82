import { assert } from '../../base/assert.ts';
import { type Decision, refuse } from '../../base/decision.ts';
import { type ApiError, badRequest, isApiError } from '../aws/api-error.ts';
import type { Configuration, ConfigurationRevision } from './configuration.ts';
import type { ConfigurationInfo } from './provisioned-spec.ts';
import type { ControlRecord } from './records.ts';

/** MSK's quotas. */
const MOST_CONFIGURATIONS = 100;
const MOST_REVISIONS = 50;

type ConfigurationDecision = Decision<ControlRecord, Configuration | ApiError>;

export interface CreateConfiguration
  extends Pick<Configuration, 'arn' | 'name' | 'description' | 'kafkaVersions'> {
  readonly now: number;
  readonly serverProperties: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** The life of configurations: commands decide, records change. */
export class Configurations {
  readonly #byArn = new Map<string, Configuration>();

  /** In the order of their creation. */
  all(): Configuration[] {
    return [...this.#byArn.values()].sort((a, b) => a.createdAt - b.createdAt || (a.arn < b.arn ? -1 : 1));
  }

  /** In AWS's words: a client that waits for the end of a configuration looks for this sentence in a 400. */
  get(arn: string): Configuration | ApiError {
    return this.#byArn.get(arn) ?? badRequest('Configuration ARN does not exist.', 'arn');
  }

  revision(arn: string, number: number): ConfigurationRevision | ApiError {
    const configuration = this.get(arn);
    if (isApiError(configuration)) return configuration;
    return (
      configuration.revisions[number - 1] ??
      badRequest(
        `Configuration revision does not exist. ${configuration.name} has the revisions 1 to ${configuration.revisions.length}.`,
        'revision',
      )
    );
  }

  /** The revision, when a cluster of this version may have it. */
  revisionFor(
    { arn, revision: number }: ConfigurationInfo,
    kafkaVersion: string,
  ): ConfigurationRevision | ApiError {
    const configuration = this.get(arn);
    const revision = this.revision(arn, number);
    if (isApiError(configuration)) return inConfigurationInfo(configuration);
    if (isApiError(revision)) return inConfigurationInfo(revision);
    const { kafkaVersions, name } = configuration;
    return kafkaVersions.length === 0 || kafkaVersions.includes(kafkaVersion)
      ? revision
      : badRequest(
          `The configuration ${name} is for KafkaVersions [${kafkaVersions.join(', ')}], not for ${kafkaVersion}.`,
          'configurationInfo.arn',
        );
  }

  create(command: CreateConfiguration): ConfigurationDecision {
    const { now, serverProperties, properties, ...own } = command;
    if (this.all().some(({ name }) => name === own.name))
      return refuse({ error: 'ConflictException', message: 'A resource with this name already exists.' });
    if (this.#byArn.size >= MOST_CONFIGURATIONS)
      return refuse(
        badRequest(`There are already ${MOST_CONFIGURATIONS} configurations, the most there can be.`),
      );
    const { description } = own;
    const first = { revision: 1, createdAt: now, description, serverProperties, properties };
    const configuration: Configuration = { ...own, createdAt: now, revisions: [first] };
    return { records: [{ type: 'ConfigurationRecord', configuration }], answer: configuration };
  }

  /** Another revision; clusters keep the one that they have. */
  update(
    arn: string,
    change: Pick<ConfigurationRevision, 'description' | 'serverProperties' | 'properties'>,
    now: number,
  ): ConfigurationDecision {
    const configuration = this.get(arn);
    if (isApiError(configuration)) return refuse(configuration);
    const { revisions, name } = configuration;
    if (revisions.length >= MOST_REVISIONS)
      return refuse(
        badRequest(`The configuration ${name} has ${MOST_REVISIONS} revisions, the most there can be.`),
      );
    const revision: ConfigurationRevision = { revision: revisions.length + 1, createdAt: now, ...change };
    return {
      records: [{ type: 'ConfigurationRevisionRecord', configuration: arn, revision }],
      answer: { ...configuration, revisions: [...revisions, revision] },
    };
  }

  /**
   * With all revisions; its name is free from then on. `users`: the names of clusters that have it or are
   * about to.
   */
  delete(arn: string, users: readonly string[]): ConfigurationDecision {
    const configuration = this.get(arn);
    if (isApiError(configuration)) return refuse(configuration);
    if (users.length > 0)
      return refuse(
        badRequest(
          `Configuration is in use by one or more clusters. Dissociate the configuration from the clusters: ${users.join(', ')}.`,
          'arn',
        ),
      );
    return { records: [{ type: 'RemoveConfigurationRecord', configuration: arn }], answer: configuration };
  }

  replay(record: ControlRecord): void {
    switch (record.type) {
      case 'ConfigurationRecord':
        this.#byArn.set(record.configuration.arn, record.configuration);
        return;
      case 'ConfigurationRevisionRecord': {
        const before = this.#byArn.get(record.configuration);
        assert(before, `a revision of ${record.configuration}, which no record made`);
        const revisions = [...before.revisions, record.revision];
        this.#byArn.set(before.arn, { ...before, revisions });
        return;
      }
      case 'RemoveConfigurationRecord':
        this.#byArn.delete(record.configuration);
        return;
    }
  }

  records(): ControlRecord[] {
    return this.all().map((configuration) => ({ type: 'ConfigurationRecord', configuration }));
  }
}

/** The field as a request about a cluster has it. */
function inConfigurationInfo(error: ApiError): ApiError {
  return { ...error, invalidParameter: `configurationInfo.${error.invalidParameter}` };
}
