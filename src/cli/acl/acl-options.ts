import type { Given, Option } from '../command.ts';
import { Failure } from '../failure.ts';

/** The resources of an ACL, in the words of kafka-acls. */
export const RESOURCE_OPTIONS = {
  topic: { value: 'NAME', help: 'A topic; "*" for all.', repeats: true },
  group: { value: 'NAME', help: 'A consumer group; "*" for all.', repeats: true },
  cluster: { help: 'The cluster itself.' },
  'transactional-id': { value: 'ID', help: 'A transactional id; "*" for all.', repeats: true },
  'delegation-token': { value: 'ID', help: 'A delegation token.', repeats: true },
  'user-principal': { value: 'PRINCIPAL', help: 'A user as a resource.', repeats: true },
} as const satisfies Readonly<Record<string, Option>>;

export const OPERATION_OPTION = {
  operation: {
    value: 'NAME',
    help: 'Read, Write, Create, Delete, Alter, Describe, DescribeConfigs, AlterConfigs, ClusterAction, IdempotentWrite or All.',
    repeats: true,
  },
} as const satisfies Readonly<Record<string, Option>>;

/** What producers and consumers need, as one option. */
export const ROLE_OPTIONS = {
  producer: { help: 'What a producer needs: Write, Describe and Create on --topic.' },
  idempotent: { help: 'With --producer: IdempotentWrite on the cluster, too.' },
  consumer: { help: 'What a consumer needs: Read and Describe on --topic, Read on --group.' },
} as const satisfies Readonly<Record<string, Option>>;

export interface Resource {
  readonly resourceType: string;
  readonly resourceName: string;
}

/** An operation on a resource; without an operation, any. */
export interface Need extends Resource {
  readonly operation?: string;
}

const RESOURCE_TYPES = {
  topic: 'TOPIC',
  group: 'GROUP',
  'transactional-id': 'TRANSACTIONAL_ID',
  'delegation-token': 'DELEGATION_TOKEN',
  'user-principal': 'USER',
} as const;

const CLUSTER: Resource = { resourceType: 'CLUSTER', resourceName: 'kafka-cluster' };

/** The resources that the command line names. */
export function resourcesOf(given: Given): Resource[] {
  const named = Object.entries(RESOURCE_TYPES).flatMap(([option, resourceType]) =>
    given.all(option).map((resourceName) => ({ resourceType, resourceName })),
  );
  return given.switched('cluster') ? [...named, CLUSTER] : named;
}

/**
 * What --producer and --consumer stand for; null when neither is given. Throws Failure when they do not go
 * with the other options.
 */
export function needsOfRoles(given: Given): Need[] | null {
  const isProducer = given.switched('producer');
  const isConsumer = given.switched('consumer');
  if (given.switched('idempotent') && !isProducer) throw usage('--idempotent goes with --producer.');
  if (!isProducer && !isConsumer) return null;
  if (given.has('operation'))
    throw usage('--producer and --consumer say the operations: leave --operation out.');
  const topics = given.all('topic');
  const groups = given.all('group');
  if (topics.length === 0) throw usage('With --producer and --consumer, name a --topic.');
  if (isConsumer && groups.length === 0) throw usage('With --consumer, name a --group.');
  const needs: Need[] = [];
  if (isProducer) {
    needs.push(...on('TOPIC', topics, ['WRITE', 'DESCRIBE', 'CREATE']));
    needs.push(...on('TRANSACTIONAL_ID', given.all('transactional-id'), ['WRITE', 'DESCRIBE']));
    if (given.switched('idempotent')) needs.push({ ...CLUSTER, operation: 'IDEMPOTENT_WRITE' });
  }
  if (isConsumer) {
    needs.push(...on('TOPIC', topics, ['READ', 'DESCRIBE']));
    needs.push(...on('GROUP', groups, ['READ']));
  }
  return [...new Map(needs.map((need) => [JSON.stringify(need), need])).values()];
}

/** The operations of the command line in the API's names: `IdempotentWrite` is IDEMPOTENT_WRITE. */
export function operationsOf(given: Given): string[] {
  return given.all('operation').map((name) => name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase());
}

/** `prefixed` is PREFIXED; throws Failure for one that is not among `allowed`. */
export function patternTypeOf(given: Given, allowed: readonly string[]): string {
  const text = given.text('resource-pattern-type');
  if (!allowed.includes(text.toLowerCase()))
    throw usage(`--resource-pattern-type must be one of ${allowed.join(', ')}, not "${text}".`);
  return text.toUpperCase();
}

export function usage(sentence: string): Failure {
  return new Failure(sentence, { exit: 'usage' });
}

function on(resourceType: string, names: readonly string[], operations: readonly string[]): Need[] {
  return names.flatMap((resourceName) =>
    operations.map((operation) => ({ resourceType, resourceName, operation })),
  );
}
