import type { ConnectControl } from '../api/connect-operation.ts';
import { isBuiltIn } from '../plugins/built-in-plugin.ts';
import type { Connector } from '../state/connector.ts';
import { builtInAnswer } from './built-in-answers.ts';
import { passed } from './passed.ts';
import type { RestAnswer, RestRequest } from './rest-answer.ts';

/** What is answered of a connector by whoever runs it, without its secrets. */
export function workerAnswer(
  control: ConnectControl,
  connector: Connector,
  request: RestRequest,
): Promise<RestAnswer> {
  return isBuiltIn(connector)
    ? builtInAnswer(control, connector, request)
    : passed(control, connector, request);
}
