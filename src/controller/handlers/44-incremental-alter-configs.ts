import { incrementalAlterConfigs } from '../../protocol/messages/44-incremental-alter-configs.ts';
import type { Refusal } from '../../protocol/refusal.ts';
import { handle } from '../../server/handler.ts';
import {
  type ConfigChange,
  configOperations,
  incrementalAlterConfigs as decide,
} from '../configs-control.ts';
import type { ControllerContext } from '../context.ts';
import { alterResources, nullValues } from './config-answers.ts';

/**
 * IncrementalAlterConfigs v0-1 (KIP-339): SET, DELETE, APPEND and SUBTRACT on topics, brokers, all brokers,
 * groups and client metrics. Log levels (resource type 8) are the brokers' own and do not come here.
 */
export const incrementalAlterConfigsHandler = handle(
  incrementalAlterConfigs,
  {
    versions: [0, 1],
    operations: ['TOPIC:ALTER_CONFIGS', 'GROUP:ALTER_CONFIGS', 'CLUSTER:ALTER_CONFIGS'],
    listeners: ['controller'],
  },
  async (context: ControllerContext, request, info) => ({
    throttleTimeMs: 0,
    responses: await alterResources(context, info, request, (state, resource, { configs }) => {
      const changes = changesOf(configs);
      return 'error' in changes ? changes : decide(state, resource, changes);
    }),
  }),
);

function changesOf(
  configs: readonly {
    readonly name: string;
    readonly configOperation: number;
    readonly value: string | null;
  }[],
): ConfigChange[] | Refusal {
  const changes: ConfigChange[] = [];
  const withoutValue: string[] = [];
  for (const { name, configOperation, value } of configs) {
    const operation = configOperations[configOperation];
    if (!operation) return { error: 'INVALID_REQUEST', message: `Unknown operation ${configOperation}.` };
    if (operation !== 'DELETE' && value === null) withoutValue.push(name);
    changes.push({ name, operation, value });
  }
  return nullValues(withoutValue) ?? changes;
}
