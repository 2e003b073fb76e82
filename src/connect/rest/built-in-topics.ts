import type { ConnectControl } from '../api/connect-operation.ts';
import { ConnectorEntry } from '../connectors/connector-entry.ts';
import type { Connector } from '../state/connector.ts';
import { BuiltInConnector } from '../worker/built-in-connector.ts';
import { RestError } from '../worker/worker-http.ts';
import { noWorker } from './passed.ts';
import { type RestAnswer, restError } from './rest-answer.ts';

/**
 * The topics that the tasks of a built-in connector have written or read (KIP-558): those that are stored,
 * and those that its workers tell of now, where they serve.
 */
export async function builtInTopics(control: ConnectControl, connector: Connector): Promise<RestAnswer> {
  const { arn, name } = connector;
  const names = new Set([
    ...(new ConnectorEntry(control.store, arn).read()?.activeTopics ?? []),
    ...(await toldNow(control, connector)),
  ]);
  return { status: 200, body: { [name]: { topics: [...names].sort() } } };
}

/** Forgets them: they are told of again when records are written to them or read from them. */
export async function resetTopics(control: ConnectControl, connector: Connector): Promise<RestAnswer> {
  const worker = control.worker(connector.arn);
  if (!(worker instanceof BuiltInConnector)) return noWorker(connector);
  try {
    await worker.forgetTopics();
  } catch (error) {
    if (!(error instanceof RestError)) throw error;
    return restError(
      503,
      `The topics of the connector ${connector.name} are not reset, because a worker did not forget them: ${error.message}. Ask again.`,
    );
  }
  new ConnectorEntry(control.store, connector.arn).forgetTopics();
  return { status: 202, body: null };
}

async function toldNow(control: ConnectControl, { arn, name }: Connector): Promise<Iterable<string>> {
  const worker = control.worker(arn);
  if (!(worker instanceof BuiltInConnector)) return [];
  try {
    await worker.look(name);
  } catch (error) {
    // What it told before is told all the same.
    if (!(error instanceof RestError)) throw error;
  }
  return worker.activeTopics;
}
