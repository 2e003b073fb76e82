import { errorCode } from '../../protocol/errors.ts';
import { alterPartition } from '../../protocol/messages/56-alter-partition.ts';
import { handle } from '../../server/handler.ts';
import { type ControllerContext, NOT_CONTROLLER } from '../context.ts';
import { alterPartition as decide } from '../partitions-control.ts';

/** AlterPartition v2-3: leaders change their ISR (KIP-497); v3 names the lives of its members (KIP-903). */
export const alterPartitionHandler = handle(
  alterPartition,
  {
    versions: [2, 3],
    operations: ['CLUSTER:CLUSTER_ACTION'],
    listeners: ['controller'],
    claims: ({ brokerId }) => brokerId,
  },
  async (context: ControllerContext, request, info) => {
    const answer = await context.command((state) => decide(state, request, info.apiVersion));
    if (answer !== NOT_CONTROLLER) return answer;
    return { throttleTimeMs: 0, errorCode: errorCode('NOT_CONTROLLER'), topics: [] };
  },
);
