import type { World } from '../../base/world.ts';
import { KafkaClient } from '../../kafka-client/kafka-client.ts';
import { builtIn } from '../catalogue.ts';
import { connectorProblems } from '../connector-problems.ts';
import { behind, consumerOptions, metadataAgeMs, producerOptions } from '../kernel/client-properties.ts';
import { type ConfigOf, type ConfigProperties, readConfig } from '../kernel/config.ts';
import { SINK_PROPERTIES, SOURCE_PROPERTIES } from '../kernel/connector-properties.ts';
import type { SinkSpec, SourceSpec } from '../kernel/connector-spec.ts';
import { compiledRegex } from '../kernel/java-regex.ts';
import { transformChain } from '../transforms/transform-chain.ts';
import type { ActiveTopics } from './active-topics.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { OffsetStore } from './offset-store.ts';
import { RecordErrors } from './record-errors.ts';
import { Retries, type RetryLimits } from './retries.ts';
import { SinkLoop } from './sink-loop.ts';
import { SinkRecords } from './sink-records.ts';
import type { SinkTopics } from './sink-topics.ts';
import { SourceLoop } from './source-loop.ts';
import type { TaskLoop } from './task-loop.ts';
import { converterOf } from './task-texts.ts';
import { clientOptions } from './worker-settings.ts';

type Texts = Readonly<Record<string, string>>;

/** One task's place and configuration; nothing in it is a reference any more. */
export interface TaskPlan {
  readonly name: string;
  readonly id: number;
  readonly texts: Texts;
  /** How many tasks the worker has, which share what it may hold. */
  readonly tasks: number;
  /** Of the worker, as those of Kafka Connect have them. */
  readonly worker: Texts;
  /** Of all tasks of the worker: gets the topics that they write or read. */
  readonly activeTopics: ActiveTopics;
}

const FLUSH_MS = 5_000;
/** Of what a sink's worker holds: what no task has taken yet. */
const FETCHED = 1 / 3;
/** And what is on its way to the dead-letter queue, where there is one. */
const DEAD = 1 / 6;

/**
 * The loop of a task of a built-in connector. Rejects with an Error that says what is wrong with its
 * configuration.
 */
export async function makeLoop(world: World, plan: TaskPlan): Promise<TaskLoop> {
  const spec = builtIn(plan.texts['connector.class'] ?? '');
  if (!spec) throw new Error(`There is no built-in connector ${plan.texts['connector.class']}.`);
  const problems = connectorProblems(spec, plan.texts);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join(' '));
  return spec.kind === 'sink' ? sinkLoop(world, spec, plan) : sourceLoop(world, spec, plan);
}

async function sinkLoop(
  world: World,
  spec: SinkSpec,
  { name, id, tasks, texts, worker, activeTopics }: TaskPlan,
): Promise<TaskLoop> {
  const config = read(SINK_PROPERTIES, texts);
  const memory = config['buffer.memory'] / tasks;
  const consumer = { ...behind('consumer.', worker), ...behind('consumer.override.', texts) };
  const topicsEveryMs = metadataAgeMs(consumer);
  const client = new KafkaClient(world, {
    ...clientOptions(worker, `connector-consumer-${name}-${id}`),
    metadataAgeMs: topicsEveryMs,
  });
  const topic = config['errors.deadletterqueue.topic.name'];
  const queue =
    topic === ''
      ? null
      : new DeadLetterQueue(client, {
          topic,
          replicationFactor: config['errors.deadletterqueue.topic.replication.factor'],
          hasHeaders: config['errors.deadletterqueue.context.headers.enable'],
          ...{ name, taskId: id, bufferBytes: Math.floor(memory * DEAD) },
        });
  const errors = new RecordErrors(world.log, tolerance(config), queue);
  const retries = new Retries(world, retryLimits(config));
  return new SinkLoop(
    {
      ...{ world, client, errors, retries, queue },
      task: await spec.task(texts),
      records: new SinkRecords({
        key: converterOf('key.converter', texts, worker),
        value: converterOf('value.converter', texts, worker),
        transforms: transformChain(texts, world.clock),
        ...{ attempts: retries, errors, activeTopics },
      }),
    },
    {
      ...{ name, taskId: id, topics: topicsOf(config), topicsEveryMs },
      taskClass: spec.className.replace(/Connector$/, 'Task'),
      consumer: { ...consumerOptions(consumer), bufferBytes: Math.floor(memory * FETCHED) },
      commitEveryMs: flushMs(worker),
      bufferBytes: Math.floor(memory * (1 - FETCHED - (queue === null ? 0 : DEAD))),
    },
  );
}

async function sourceLoop(
  world: World,
  spec: SourceSpec,
  { name, id, texts, worker, activeTopics }: TaskPlan,
): Promise<TaskLoop> {
  const config = read(SOURCE_PROPERTIES, texts);
  const partitions = config['topic.creation.default.partitions'];
  const replicationFactor = config['topic.creation.default.replication.factor'];
  return new SourceLoop(
    {
      world,
      client: new KafkaClient(world, clientOptions(worker, `connector-producer-${name}-${id}`)),
      task: await spec.task(texts),
      key: converterOf('key.converter', texts, worker),
      value: converterOf('value.converter', texts, worker),
      transforms: transformChain(texts, world.clock),
      errors: new RecordErrors(world.log, tolerance(config), null),
      retries: new Retries(world, retryLimits(config)),
      offsets: new OffsetStore(worker['offset.storage.topic'] ?? '', name),
      activeTopics,
    },
    {
      ...{ name, taskId: id },
      transactionalId: `${worker['group.id']}-${name}-${id}`,
      producer: producerOptions({
        ...behind('producer.', worker),
        ...behind('producer.override.', texts),
      }),
      collectMs:
        config['transaction.boundary'] === 'poll'
          ? 0
          : (config['transaction.boundary.interval.ms'] ?? flushMs(worker)),
      newTopics: partitions === null || replicationFactor === null ? null : { partitions, replicationFactor },
    },
  );
}

function tolerance(config: {
  readonly 'errors.tolerance': string;
  readonly 'errors.log.enable': boolean;
  readonly 'errors.log.include.messages': boolean;
}) {
  return {
    tolerates: config['errors.tolerance'] === 'all',
    logs: config['errors.log.enable'],
    logsRecords: config['errors.log.include.messages'],
  };
}

function retryLimits(config: {
  readonly 'errors.retry.timeout': number;
  readonly 'errors.retry.delay.max.ms': number;
}): RetryLimits {
  return { timeoutMs: config['errors.retry.timeout'], maxDelayMs: config['errors.retry.delay.max.ms'] };
}

function topicsOf({ topics, 'topics.regex': regex }: ConfigOf<typeof SINK_PROPERTIES>): SinkTopics {
  return regex.trim() === '' ? { names: topics } : { pattern: compiledRegex(regex) };
}

function flushMs(worker: Texts): number {
  return Number(worker['offset.flush.interval.ms'] ?? FLUSH_MS);
}

function read<const Properties extends ConfigProperties>(
  properties: Properties,
  texts: Texts,
): ConfigOf<Properties> {
  const { config, problems } = readConfig(properties, texts);
  if (!config) throw new Error(problems.map(({ message }) => message).join(' '));
  return config;
}
