import { builtIn } from '../../connectors/catalogue.ts';
import type { ConnectControl } from '../api/connect-operation.ts';
import type { Connector } from '../state/connector.ts';
import { BuiltInConnector, taskTexts } from '../worker/built-in-connector.ts';
import type { ConnectorStatus, PartStatus } from '../worker/connector-port.ts';
import { RestError } from '../worker/worker-http.ts';
import { builtInTopics, resetTopics } from './built-in-topics.ts';
import { configOf } from './config-of.ts';
import { masked } from './masked.ts';
import { noWorker } from './passed.ts';
import { type RestAnswer, type RestRequest, restError } from './rest-answer.ts';

/**
 * What Kafka Connect answers of a connector, for one that is built in: its workers do not speak that
 * protocol.
 */
export async function builtInAnswer(
  control: ConnectControl,
  connector: Connector,
  { method, path, body }: RestRequest,
): Promise<RestAnswer> {
  const [, name = '', ...rest] = path;
  const asked = `${method} ${rest.join('/')}`;
  if (asked === 'GET ') return { status: 200, body: info(connector) };
  if (asked === 'GET tasks') return { status: 200, body: tasks(connector) };
  if (asked === 'GET status') return status(control, connector);
  if (asked === 'GET topics') return builtInTopics(control, connector);
  if (asked === 'PUT topics/reset') return resetTopics(control, connector);
  if (asked === 'PUT stop') return { status: 204, body: null };
  if (rest.join('/') === 'offsets' && (method === 'GET' || method === 'PATCH' || method === 'DELETE'))
    return offsets(control, connector, { method, body });
  const [, task] = /^GET tasks\/(\d+)\/status$/.exec(asked) ?? [];
  if (task !== undefined) return taskStatus(control, connector, Number(task));
  const [, again] = /^POST tasks\/(\d{1,9})\/restart$/.exec(asked) ?? [];
  if (again !== undefined) return restarted(control, connector, Number(again));
  return restError(
    501,
    `${asked} is of Kafka Connect's workers, and ${name} is built in: there is nothing in its place.`,
  );
}

function info(connector: Connector): object {
  return {
    ...{ name: connector.name, config: configOf(connector) },
    tasks: tasks(connector).map(({ id }) => id),
    type: kindOf(connector),
  };
}

/** From what is told of its configuration, so that no task's can tell more. */
function tasks(connector: Connector) {
  const texts = configOf(connector);
  const spec = builtIn(texts['connector.class'] ?? '');
  const all = spec ? taskTexts(spec, texts) : [];
  return all.map((config, task) => ({ id: { connector: connector.name, task }, config }));
}

async function status(control: ConnectControl, connector: Connector): Promise<RestAnswer> {
  const found = await look(control, connector);
  if (!found) return noWorker(connector);
  const told = (one: PartStatus) => part(one, (text) => control.values.without(connector.uuid, text));
  return {
    status: 200,
    body: {
      ...{ name: connector.name, connector: told(found.connector), type: kindOf(connector) },
      tasks: found.tasks.map((task) => ({ id: task.id, ...told(task) })),
    },
  };
}

async function taskStatus(control: ConnectControl, connector: Connector, id: number): Promise<RestAnswer> {
  const found = await look(control, connector);
  if (!found) return noWorker(connector);
  const task = found.tasks.find((one) => one.id === id);
  if (!task) return restError(404, `No status found for task ${connector.name}-${id}`);
  return {
    status: 200,
    body: { id, ...part(task, (text) => control.values.without(connector.uuid, text)) },
  };
}

async function restarted(control: ConnectControl, connector: Connector, id: number): Promise<RestAnswer> {
  const worker = control.worker(connector.arn);
  if (!(worker instanceof BuiltInConnector)) return noWorker(connector);
  try {
    if (await worker.restartTask(id)) return { status: 204, body: null };
    return restError(404, `Unknown task: ${connector.name}-${id}`);
  } catch (error) {
    if (!(error instanceof RestError)) throw error;
    return noWorker(connector);
  }
}

/** Null while no worker of it serves, and before they know of it. */
async function look(control: ConnectControl, { arn, name }: Connector): Promise<ConnectorStatus | null> {
  const worker = control.worker(arn);
  if (!(worker instanceof BuiltInConnector)) return null;
  try {
    return await worker.look(name);
  } catch (error) {
    if (!(error instanceof RestError)) throw error;
    return null;
  }
}

/**
 * In the words of Kafka Connect, where tasks that are stopped are gone, as those are here that are paused.
 */
async function offsets(
  control: ConnectControl,
  connector: Connector,
  { method, body }: { readonly method: 'GET' | 'PATCH' | 'DELETE'; readonly body: unknown },
): Promise<RestAnswer> {
  const { arn, name, state, uuid } = connector;
  if (method !== 'GET' && state !== 'PAUSED')
    return restError(
      400,
      `Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the specified connector by issuing a 'PUT' request to the '/connectors/${name}/stop' endpoint`,
    );
  const worker = control.worker(arn);
  if (!(worker instanceof BuiltInConnector)) return noWorker(connector);
  try {
    const answer = await worker.offsets(method, body);
    const told = masked(answer.body, (text) => control.values.without(uuid, text));
    if (answer.status < 300) return { status: answer.status, body: told };
    return restError(answer.status, messageOf(told));
  } catch (error) {
    if (!(error instanceof RestError)) throw error;
    return noWorker(connector);
  }
}

function messageOf(body: unknown): string {
  return typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : String(body);
}

function part({ state, worker, trace }: PartStatus, without: (text: string) => string): object {
  return {
    // STALLED is a task that has done nothing for too long: Kafka Connect has no word for it.
    state: state === 'STALLED' ? 'UNASSIGNED' : state,
    worker_id: worker,
    ...(trace === null ? {} : { trace: masked(trace, without) }),
  };
}

function kindOf({ configuration }: Connector): 'source' | 'sink' | null {
  return builtIn(configuration['connector.class'] ?? '')?.kind ?? null;
}
