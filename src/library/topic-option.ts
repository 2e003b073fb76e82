import { topicConfigs, validateTopicConfigs } from '../metadata/configs/topic-configs.ts';
import { checkTopicName } from '../metadata/topic-name.ts';
import { configTexts } from './config-option.ts';
import { fields, integer, shown, text, unknown } from './option-values.ts';
import type { TopicOptions } from './options.ts';

const MEMBERS: readonly (keyof TopicOptions)[] = ['config', 'name', 'partitions', 'replicationFactor'];
const MOST_PARTITIONS = 10_000;

/** A topic to make, as its `TopicOptions` say, with what they leave out. */
export interface WantedTopic {
  readonly name: string;
  /** -1 takes the brokers' default. */
  readonly partitions: number;
  /** -1 takes the brokers' default. */
  readonly replicationFactor: number;
  readonly configs: readonly { readonly name: string; readonly value: string }[];
}

/** The topics to make, by name; `what` names the list in errors. */
export function readTopics(given: unknown, brokers: number, what = 'topics'): WantedTopic[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) throw new TypeError(`${what} must be a list, not ${shown(given)}.`);
  const topics = given.map((one: unknown, index) => readTopic(one, `${what}[${index}]`, brokers));
  const names = topics.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new TypeError(`${what} has "${twice}" twice.`);
  return topics;
}

function readTopic(given: unknown, at: string, brokers: number): WantedTopic {
  const options = fields(typeof given === 'string' ? { name: given } : given, at, MEMBERS);
  const name = text(options.name, `${at}.name`);
  if (name === undefined) throw new TypeError(`${at}.name is missing.`);
  const wrongName = checkTopicName(name);
  if (wrongName !== null) throw new TypeError(`${at}: ${wrongName}.`);
  const configs = configTexts(options.config, `${at}.config`);
  for (const key of Object.keys(configs))
    if (!topicConfigs.has(key)) throw unknown(`${at}.config has no ${key}`, key, [...topicConfigs.keys()]);
  const wrong = validateTopicConfigs(new Map(Object.entries(configs)));
  if (wrong) throw new TypeError(`${at}.config: ${wrong.message}`);
  return {
    name,
    partitions: integer(options.partitions, `${at}.partitions`, {
      min: 1,
      max: MOST_PARTITIONS,
      fallback: -1,
    }),
    replicationFactor: integer(options.replicationFactor, `${at}.replicationFactor`, {
      min: 1,
      max: brokers,
      fallback: -1,
    }),
    configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
  };
}
