import type { TypeOf } from '../../control/api/shape.ts';
import { type ApiError, badRequest, isApiError } from '../../control/aws/api-error.ts';
import { builtInPlugin } from '../plugins/built-in-plugin.ts';
import type { Plugin } from '../state/plugin.ts';
import type { ConnectControl } from './connect-operation.ts';
import type { PLUGINS } from './connector-shapes.ts';

/** The plugin that a request names; where it names none, the one of the connectors that are built in. */
export function chosenPlugin(control: ConnectControl, [given]: TypeOf<typeof PLUGINS>): Plugin | ApiError {
  const wanted = given?.customPlugin;
  const own = builtInPlugin(control.options);
  const plugin =
    wanted === undefined || wanted.customPluginArn === own.arn
      ? own
      : control.store.state.plugins.get(wanted.customPluginArn);
  if (isApiError(plugin)) return plugin;
  if (plugin.state !== 'ACTIVE')
    return badRequest(
      `The custom plugin ${plugin.name} is ${plugin.state}${plugin.stateInfo ? `: ${plugin.stateInfo.message}` : ', and must be ACTIVE'}`,
      'plugins[0].customPlugin.customPluginArn',
    );
  if (wanted !== undefined && wanted.revision !== 1)
    return badRequest(
      `The custom plugin ${plugin.name} has revision 1 alone.`,
      'plugins[0].customPlugin.revision',
    );
  return plugin;
}
