import { randomUUID } from 'node:crypto';
import { ARN, PAGE } from '../../control/api/operation.ts';
import { blob, optional, string, structure } from '../../control/api/shape.ts';
import { isApiError } from '../../control/aws/api-error.ts';
import { connectArn } from '../../control/aws/arn.ts';
import { page } from '../../control/aws/paging.ts';
import type { WorkerConfiguration } from '../state/worker-configuration.ts';
import { DESCRIPTION, NAME, TAGS } from './common-shapes.ts';
import { connectOperation, timestamp } from './connect-operation.ts';
import { readWorkerProperties } from './worker-configuration-rules.ts';

/** Far more than any worker's properties have. */
const MOST_BYTES = 65_536;

export const createWorkerConfiguration = connectOperation({
  name: 'CreateWorkerConfiguration',
  input: structure({
    name: NAME,
    description: DESCRIPTION,
    propertiesFileContent: blob({ max: MOST_BYTES }),
    tags: optional(TAGS),
  }),
  handle: (control, { name, description, propertiesFileContent, tags }) => {
    const properties = readWorkerProperties(propertiesFileContent.toString('utf8'));
    if (isApiError(properties)) return properties;
    const made = control.store.execute((state) =>
      state.createWorkerConfiguration({
        arn: connectArn(control.options, 'worker-configuration', name, randomUUID()),
        name,
        description: description ?? null,
        createdAt: control.now(),
        tags: tags ?? {},
        propertiesFileContent: propertiesFileContent.toString('base64'),
        properties,
      }),
    );
    if (isApiError(made)) return made;
    const { arn, createdAt } = made;
    return {
      creationTime: timestamp(createdAt),
      latestRevision: revision(made),
      name,
      workerConfigurationArn: arn,
      workerConfigurationState: 'ACTIVE',
    };
  },
});

export const describeWorkerConfiguration = connectOperation({
  name: 'DescribeWorkerConfiguration',
  input: structure({ workerConfigurationArn: ARN }),
  handle: (control, { workerConfigurationArn }) => {
    const found = control.store.state.workerConfigurations.get(workerConfigurationArn);
    if (isApiError(found)) return found;
    const { propertiesFileContent } = found;
    return { ...summary(found), latestRevision: { ...revision(found), propertiesFileContent } };
  },
});

export const listWorkerConfigurations = connectOperation({
  name: 'ListWorkerConfigurations',
  input: structure({ namePrefix: optional(string({ max: 128 })), ...PAGE }),
  handle: (control, input) => {
    const prefix = input.namePrefix ?? '';
    const paged = page(
      control.store.state.workerConfigurations.all().filter(({ name }) => name.startsWith(prefix)),
      { ...input, key: ({ name }) => name, scope: `worker-configurations/${prefix}` },
    );
    if (isApiError(paged)) return paged;
    return { workerConfigurations: paged.items.map(summary), nextToken: paged.nextToken };
  },
});

export const deleteWorkerConfiguration = connectOperation({
  name: 'DeleteWorkerConfiguration',
  input: structure({ workerConfigurationArn: ARN }),
  handle: (control, { workerConfigurationArn }) => {
    const gone = control.store.execute((state) => state.deleteWorkerConfiguration(workerConfigurationArn));
    return isApiError(gone) ? gone : { workerConfigurationArn, workerConfigurationState: 'DELETING' };
  },
});

function summary(configuration: WorkerConfiguration): object {
  return {
    ...described(configuration),
    latestRevision: revision(configuration),
    name: configuration.name,
    workerConfigurationArn: configuration.arn,
    workerConfigurationState: 'ACTIVE',
  };
}

function revision(configuration: WorkerConfiguration): object {
  return { ...described(configuration), revision: 1 };
}

function described({ description, createdAt }: WorkerConfiguration): object {
  return { ...(description === null ? {} : { description }), creationTime: timestamp(createdAt) };
}
