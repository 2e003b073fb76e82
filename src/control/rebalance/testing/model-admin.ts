import { type Clock, sleep } from '../../../base/clock.ts';
import type { Random } from '../../../base/random.ts';
import { AdminError, type ClusterAdmin } from '../cluster-admin.ts';
import type { ModelCluster } from './model-cluster.ts';

/**
 * A process's way to the model: every request takes time of that process, and a share of them fails before or
 * after it was carried out, or answers a passing error.
 */
export function modelAdmin(
  cluster: ModelCluster,
  process: { readonly clock: Clock; readonly random: Random; readonly failures: number },
): ClusterAdmin {
  const { clock, random, failures } = process;
  const fails = () => random.uint32() / 2 ** 32 < failures / 2;
  const request = async <T>(carryOut: () => T): Promise<T> => {
    await sleep(clock, 1 + (random.uint32() % 4));
    if (fails()) throw new AdminError('the request was lost', { retriable: true });
    const answer = carryOut();
    await sleep(clock, 1 + (random.uint32() % 4));
    if (fails()) throw new AdminError('the answer was lost', { retriable: true });
    return answer;
  };
  return {
    describePartitions: (topics) =>
      request(() => cluster.published().filter(({ topic }) => topics === null || topics.includes(topic))),
    listReassignments: () => request(() => cluster.ongoing()),
    logSizes: (brokers, partitions) =>
      request(() => ({
        sizes: brokers.flatMap((broker) =>
          (partitions ?? cluster.partitions()).flatMap(({ topic, partition }) => {
            const sizeInBytes = cluster.isAlive(broker) ? cluster.sizeOn(broker, { topic, partition }) : null;
            return sizeInBytes === null ? [] : [{ broker, topic, partition, sizeInBytes }];
          }),
        ),
        volumes: [],
        unreachable: brokers.filter((broker) => !cluster.isAlive(broker)),
      })),
    alterReassignments: (targets) =>
      request(() =>
        targets.flatMap(({ topic, partition, replicas }) => {
          if (fails())
            return [{ topic, partition, error: 'NOT_CONTROLLER' as const, message: 'an election' }];
          const refusal = cluster.alter({ topic, partition }, replicas);
          return refusal ? [refusal] : [];
        }),
      ),
    setThrottles: (throttles) => request(() => ({ unreachable: cluster.throttle(throttles) })),
    electPreferred: (partitions) =>
      request(() =>
        partitions.flatMap(({ topic, partition }) => {
          const refusal = cluster.elect({ topic, partition });
          return refusal ? [refusal] : [];
        }),
      ),
  };
}
