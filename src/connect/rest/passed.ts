import { sleep } from '../../base/clock.ts';
import type { ConnectControl } from '../api/connect-operation.ts';
import type { Connector } from '../state/connector.ts';
import { ConnectRest } from '../worker/connect-rest.ts';
import { RestError } from '../worker/worker-http.ts';
import { masked } from './masked.ts';
import { type RestAnswer, type RestRequest, restError } from './rest-answer.ts';

/** While workers rebalance they refuse with 409; it is over after seconds. */
const CONFLICT_MS = 15_000;
const AGAIN_MS = 300;

/**
 * The REST interface of a worker of Kafka Connect that runs this connector; null while none serves, and for a
 * connector that is built in.
 */
export function kafkaConnect(control: ConnectControl, { arn }: Connector): ConnectRest | null {
  const worker = control.worker(arn);
  return worker instanceof ConnectRest ? worker : null;
}

/** What a worker of the connector answers to this, without the connector's secrets. */
export async function passed(
  control: ConnectControl,
  connector: Connector,
  { method, path, query, body }: RestRequest,
): Promise<RestAnswer> {
  const target = `/${path.map(encodeURIComponent).join('/')}${query === '' ? '' : `?${query}`}`;
  const until = control.clock.monotonic() + CONFLICT_MS;
  for (;;) {
    const answer = await once();
    if (answer.status !== 409 || control.clock.monotonic() > until) return answer;
    await sleep(control.clock, AGAIN_MS);
  }

  async function once(): Promise<RestAnswer> {
    const worker = kafkaConnect(control, connector);
    if (!worker) return noWorker(connector);
    try {
      const answer = await worker.pass(method, target, body);
      const told = masked(answer.body, (text) => control.values.without(connector.uuid, text));
      return typeof told === 'string'
        ? restError(answer.status, told)
        : { status: answer.status, body: told };
    } catch (error) {
      if (!(error instanceof RestError)) throw error;
      return noWorker(connector);
    }
  }
}

export function noWorker({ name, state, stateInfo }: Connector): RestAnswer {
  const why = stateInfo ? `: ${stateInfo.message}` : '.';
  return restError(503, `No worker of the connector ${name} serves now; it is ${state}${why}`);
}
