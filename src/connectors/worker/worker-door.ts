import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { plainJsonText, readPlainJson } from '../../base/plain-json.ts';
import { type ConnectorOffsets, offsetsIn, WrongOffsets } from './connector-offsets.ts';
import type { Worker } from './worker.ts';
import { isAssignment, type WorkerAssignment } from './worker-assignment.ts';

/** Of a request: an assignment has the configuration of every task. */
const MOST_BYTES = 64 * 1024 ** 2;

/**
 * How a worker is told what to do and asked how it fares: HTTP on the loopback address, for whoever has the
 * password. `GET /connectors` answers as a worker of Kafka Connect does, once it serves.
 */
export class WorkerDoor {
  readonly #server: Server;

  /** `authorization`: the header that requests must have. */
  constructor(worker: Worker, offsets: ConnectorOffsets, authorization: string) {
    this.#server = createServer((request, response) => {
      if (!isSame(request.headers.authorization ?? '', authorization))
        return send(response, 401, { message: 'Unauthorized' });
      answer(worker, offsets, request).then(
        (body) => send(response, 200, body),
        (error: unknown) =>
          send(response, error instanceof BadRequest || error instanceof WrongOffsets ? 400 : 500, {
            message: error instanceof Error ? error.message : String(error),
          }),
      );
    });
  }

  /** Rejects where the port is taken. */
  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => resolve());
    });
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

class BadRequest extends Error {}

async function answer(worker: Worker, offsets: ConnectorOffsets, request: IncomingMessage): Promise<object> {
  const [, task] = /^\/tasks\/(\d{1,9})\/restart$/.exec(request.url ?? '') ?? [];
  if (request.method === 'POST' && task !== undefined) {
    if (!(await worker.restartTask(Number(task)))) throw new BadRequest(`there is no task ${task} here`);
    return worker.report;
  }
  switch (`${request.method} ${request.url}`) {
    case 'GET /connectors': {
      const { assignment } = worker.report;
      return assignment ? [assignment.name] : [];
    }
    case 'GET /tasks':
      return worker.report;
    case 'PUT /tasks': {
      const assignment = await body(request);
      if (!isAssignment(assignment)) throw new BadRequest('that is no assignment');
      await worker.assign(assignment);
      return worker.report;
    }
    case 'DELETE /tasks':
      await worker.stop();
      return worker.report;
    case 'POST /tasks/restart?onlyFailed=true':
      await worker.restart(true);
      return worker.report;
    case 'POST /tasks/restart?onlyFailed=false':
      await worker.restart(false);
      return worker.report;
    case 'GET /topics':
      return worker.activeTopics.report;
    case 'DELETE /topics':
      worker.activeTopics.clear();
      return worker.activeTopics.report;
    case 'GET /offsets':
      return { offsets: await offsets.read(given(worker)) };
    case 'PATCH /offsets': {
      const wanted = offsetsIn(await body(request));
      if (wanted === null)
        throw new BadRequest('The body must have offsets: a list of objects with a partition and an offset.');
      await offsets.change(paused(worker), wanted);
      return { message: 'The offsets for this connector have been altered successfully' };
    }
    case 'DELETE /offsets':
      await offsets.reset(paused(worker));
      return { message: 'The offsets for this connector have been reset successfully' };
    default:
      throw new BadRequest(`there is no ${request.method} ${request.url}`);
  }
}

function given({ assignment }: Worker): WorkerAssignment {
  if (!assignment) throw new BadRequest('the worker has no connector yet');
  return assignment;
}

function paused(worker: Worker): WorkerAssignment {
  const assignment = given(worker);
  if (!assignment.isPaused) throw new BadRequest('tasks of the connector run');
  return assignment;
}

async function body(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    if (!(part instanceof Buffer)) throw new BadRequest('the body is no bytes');
    bytes += part.length;
    if (bytes > MOST_BYTES) throw new BadRequest(`the body has more than ${MOST_BYTES} bytes`);
    parts.push(part);
  }
  return readPlainJson(Buffer.concat(parts).toString('utf8'));
}

function send(response: ServerResponse, status: number, answer: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(plainJsonText(answer));
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
