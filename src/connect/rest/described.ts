import type { ConnectControl } from '../api/connect-operation.ts';
import type { Connector } from '../state/connector.ts';
import { configOf } from './config-of.ts';
import type { RestAnswer, RestRequest } from './rest-answer.ts';
import { workerAnswer } from './worker-answer.ts';

/**
 * What is answered of a connector by whoever runs it: by default `GET /connectors/NAME`. One whose workers do
 * not serve, or do not know it yet, is there all the same.
 */
export async function described(
  control: ConnectControl,
  connector: Connector,
  request: RestRequest = { method: 'GET', path: ['connectors', connector.name], query: '', body: undefined },
): Promise<RestAnswer> {
  const answer = await workerAnswer(control, connector, request);
  const asked = request.path.slice(2).join('/');
  const { name, state, stateInfo, hasRun } = connector;
  if (request.method !== 'GET') return answer;
  // The same in all answers: what MSK Connect knows of it.
  if (asked === '' && answer.status === 200)
    return { ...answer, body: { ...fields(answer.body), config: configOf(connector) } };
  if (answer.status !== 503 && answer.status !== 404) return answer;
  if (asked === '') return { status: 200, body: { name, config: configOf(connector), tasks: [] } };
  // It never had a task, and so none that wrote or read a topic.
  if (asked === 'tasks' && !hasRun) return { status: 200, body: [] };
  if (asked === 'topics' && !hasRun) return { status: 200, body: { [name]: { topics: [] } } };
  if (asked !== 'status') return answer;
  const isFailed = state === 'FAILED';
  return {
    status: 200,
    body: {
      name,
      connector: {
        state: isFailed ? 'FAILED' : 'UNASSIGNED',
        worker_id: '',
        ...(isFailed && stateInfo ? { trace: stateInfo.message } : {}),
      },
      tasks: [],
    },
  };
}

function fields(body: unknown): object {
  return typeof body === 'object' && body !== null ? body : {};
}
