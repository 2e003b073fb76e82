import { alterConfigs } from '../../protocol/messages/33-alter-configs.ts';
import { handle } from '../../server/handler.ts';
import { replaceConfigs } from '../configs-control.ts';
import type { ControllerContext } from '../context.ts';
import { alterResources, nullValues } from './config-answers.ts';

/**
 * AlterConfigs v0-2: all that is set on a resource is replaced. Deprecated by Kafka, still sent by old tools.
 */
export const alterConfigsHandler = handle(
  alterConfigs,
  {
    versions: [0, 2],
    operations: ['TOPIC:ALTER_CONFIGS', 'GROUP:ALTER_CONFIGS', 'CLUSTER:ALTER_CONFIGS'],
    listeners: ['controller'],
  },
  async (context: ControllerContext, request, info) => ({
    throttleTimeMs: 0,
    responses: await alterResources(context, info, request, (state, resource, { configs }) => {
      const withoutValue = configs.filter(({ value }) => value === null).map(({ name }) => name);
      return (
        nullValues(withoutValue) ??
        replaceConfigs(state, resource, new Map(configs.map(({ name, value }) => [name, value ?? ''])))
      );
    }),
  }),
);
