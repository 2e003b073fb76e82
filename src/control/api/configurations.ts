import { randomUUID } from 'node:crypto';
import { type ApiError, badRequest, isApiError } from '../aws/api-error.ts';
import { configurationArn } from '../aws/arn.ts';
import { KAFKA_VERSIONS, unsupportedKafkaVersion } from '../aws/kafka-versions.ts';
import { page } from '../aws/paging.ts';
import { readServerProperties } from '../configuration/server-properties.ts';
import { type Configuration, type ConfigurationRevision, latestRevision } from '../state/configuration.ts';
import { ARN, operation, PAGE } from './operation.ts';
import { blob, integerText, list, optional, string, structure } from './shape.ts';

/**
 * Every property that there is, with a paragraph on each, is far below; all revisions of all configurations
 * are kept in memory.
 */
const MOST_BYTES = 64 * 1024;

const serverProperties = blob({ max: MOST_BYTES });
const description = optional(string({ max: 1024 }));
const name = string({
  min: 1,
  max: 255,
  // The model's own pattern.
  pattern: /^[0-9A-Za-z][0-9A-Za-z-]*$/,
  says: 'may have letters, digits and hyphens, and begins with a letter or digit',
});

export const createConfiguration = operation({
  name: 'CreateConfiguration',
  input: structure({
    name,
    description,
    kafkaVersions: optional(list(string({ min: 1, max: 128 }), { max: 100 })),
    serverProperties,
  }),
  handle: ({ store, options }, { name, description = null, kafkaVersions = [], serverProperties: bytes }) => {
    const unknown = kafkaVersions.find((version) => !KAFKA_VERSIONS.includes(version));
    if (unknown !== undefined) return badRequest(unsupportedKafkaVersion(unknown), 'kafkaVersions');
    const content = contentOf(bytes);
    if (isApiError(content)) return content;
    const arn = configurationArn(options, name, randomUUID());
    const made = store.execute(({ configurations }) =>
      configurations.create({ arn, name, description, kafkaVersions, ...content, now: Date.now() }),
    );
    if (isApiError(made)) return made;
    const { description: _, kafkaVersions: __, ...told } = described(made);
    return told;
  },
});

export const describeConfiguration = operation({
  name: 'DescribeConfiguration',
  input: structure({ Arn: ARN }),
  handle: ({ store }, { Arn }) => {
    const found = store.clusters.configurations.get(Arn);
    return isApiError(found) ? found : described(found);
  },
});

export const describeConfigurationRevision = operation({
  name: 'DescribeConfigurationRevision',
  input: structure({ Arn: ARN, Revision: integerText({ min: 1, max: Number.MAX_SAFE_INTEGER }) }),
  handle: ({ store }, { Arn, Revision }) => {
    const found = store.clusters.configurations.revision(Arn, Revision);
    return isApiError(found)
      ? found
      : { arn: Arn, ...revisionInfo(found), serverProperties: found.serverProperties };
  },
});

export const listConfigurations = operation({
  name: 'ListConfigurations',
  input: structure(PAGE),
  handle: ({ store }, input) => {
    const paged = page(store.clusters.configurations.all(), {
      ...input,
      key: ({ createdAt, arn }) => `${String(createdAt).padStart(16, '0')}/${arn}`,
      scope: 'configurations',
    });
    if (isApiError(paged)) return paged;
    return { configurations: paged.items.map(described), nextToken: paged.nextToken };
  },
});

export const listConfigurationRevisions = operation({
  name: 'ListConfigurationRevisions',
  input: structure({ Arn: ARN, ...PAGE }),
  handle: ({ store }, { Arn, ...input }) => {
    const found = store.clusters.configurations.get(Arn);
    if (isApiError(found)) return found;
    const paged = page(found.revisions, {
      ...input,
      key: ({ revision }) => String(revision).padStart(16, '0'),
      scope: `configurations/${Arn}`,
    });
    if (isApiError(paged)) return paged;
    return { revisions: paged.items.map(revisionInfo), nextToken: paged.nextToken };
  },
});

export const updateConfiguration = operation({
  name: 'UpdateConfiguration',
  input: structure({ Arn: ARN, description, serverProperties }),
  handle: ({ store }, { Arn, description = null, serverProperties: bytes }) => {
    const content = contentOf(bytes);
    if (isApiError(content)) return content;
    const made = store.execute(({ configurations }) =>
      configurations.update(Arn, { description, ...content }, Date.now()),
    );
    return isApiError(made) ? made : { arn: made.arn, latestRevision: latestInfo(made) };
  },
});

/** Gone at once, as is its last state: DELETING is only the word of the answer. */
export const deleteConfiguration = operation({
  name: 'DeleteConfiguration',
  input: structure({ Arn: ARN }),
  handle: ({ store }, { Arn }) => {
    const gone = store.execute((clusters) => clusters.configurations.delete(Arn, clusters.usersOf(Arn)));
    return isApiError(gone) ? gone : { arn: gone.arn, state: 'DELETING' };
  },
});

function contentOf(bytes: Buffer): Pick<ConfigurationRevision, 'serverProperties' | 'properties'> | ApiError {
  const properties = readServerProperties(bytes.toString());
  if (isApiError(properties)) return properties;
  return { serverProperties: bytes.toString('base64'), properties };
}

function described(configuration: Configuration) {
  return {
    arn: configuration.arn,
    creationTime: new Date(configuration.createdAt).toISOString(),
    description: configuration.description ?? '',
    kafkaVersions: configuration.kafkaVersions,
    latestRevision: latestInfo(configuration),
    name: configuration.name,
    state: 'ACTIVE',
  };
}

function latestInfo(configuration: Configuration): object {
  const latest = latestRevision(configuration);
  return latest ? revisionInfo(latest) : {};
}

function revisionInfo({ revision, createdAt, description }: ConfigurationRevision): object {
  return {
    revision,
    creationTime: new Date(createdAt).toISOString(),
    ...(description === null ? {} : { description }),
  };
}
