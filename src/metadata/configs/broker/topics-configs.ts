import { bool, className, int } from '../config-key.ts';
import { atLeast } from '../config-valid.ts';

/** Making and deleting topics. */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const topicsConfigs = [
  className('alter.config.policy.class.name', null, 'A class that may refuse changes of configs.', { importance: 'LOW' }),
  bool('auto.create.topics.enable', true, 'Whether a topic is made when a client asks for one that does not exist.', { importance: 'HIGH' }),
  className('create.topic.policy.class.name', null, 'A class that may refuse new topics.', { importance: 'LOW' }),
  bool('delete.topic.enable', true, 'Whether topics can be deleted.', { importance: 'HIGH' }),
  int('num.partitions', 1, 'Partitions of a topic where the request does not say.', { valid: atLeast(1) }),
];
