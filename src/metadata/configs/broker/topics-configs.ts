import { bool, className, int } from '../config-key.ts';
import { atStart, refused } from '../config-obedience.ts';
import { atLeast } from '../config-valid.ts';
import { noJavaClasses } from '../not-built.ts';

/** Making and deleting topics. */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const topicsConfigs = {
  alterConfigPolicyClassName: className('alter.config.policy.class.name', null, 'A class that may refuse changes of configs.', refused(noJavaClasses), { importance: 'LOW' }),
  autoCreateTopicsEnable: bool('auto.create.topics.enable', true, 'Whether a topic is made when a client asks for one that does not exist.', atStart, { importance: 'HIGH' }),
  createTopicPolicyClassName: className('create.topic.policy.class.name', null, 'A class that may refuse new topics.', refused(noJavaClasses), { importance: 'LOW' }),
  deleteTopicEnable: bool('delete.topic.enable', true, 'Whether topics can be deleted.', atStart, { importance: 'HIGH' }),
  numPartitions: int('num.partitions', 1, 'Partitions of a topic where the request does not say.', atStart, { valid: atLeast(1) }),
} as const;
