import { existsSync, readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import type { Logger } from '../../base/log.ts';
import { CalledNames, calledHost, NO_HOST, targetPath } from '../../control/called-names.ts';
import { boundConnections } from '../../platform/http-connections.ts';
import { type ExporterEndpoint, type ExportersConfig, isExportersConfig } from './exporters-config.ts';
import { PROCESS_FILES } from './layout.ts';

/** How often the file is looked at: exporters open and close while the broker runs. */
const LOOK_MS = 1_000;
/** A scrape that does not arrive in this time gives its socket back. */
const REQUEST_TIMEOUT_MS = 10_000;
const MOST_CONNECTIONS = 32;

export interface Exported {
  /** What the broker counts at this level. */
  broker(level: ExportersConfig['level']): Promise<string>;
  /** What the machine does. */
  node(): string;
}

/**
 * Prometheus's endpoints of one broker: MSK's 11001 (what the broker counts, as the JMX exporter names it)
 * and 11002 (what the machine does, as the node exporter names it), on the ports that the file in the
 * broker's folder says.
 */
export class Exporters {
  readonly #log: Logger;
  readonly #file: string;
  readonly #exported: Exported;
  #text = '';
  readonly #servers: Server[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(log: Logger, folder: string, exported: Exported) {
    this.#log = log;
    this.#file = join(folder, PROCESS_FILES.exporters);
    this.#exported = exported;
  }

  start(): void {
    this.#look();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#close();
  }

  #look(): void {
    const text = existsSync(this.#file) ? readFileSync(this.#file, 'utf8') : '';
    if (text === this.#text) return;
    this.#text = text;
    this.#close();
    if (text === '') return;
    const config = parsed(text);
    if (!isExportersConfig(config)) {
      this.#log.error(`${this.#file} does not say which exporters there are: none is open`);
      return;
    }
    const { level } = config;
    const names = new CalledNames(config.names ?? []);
    if (config.jmx) this.#open(config.jmx, names, () => this.#exported.broker(level));
    if (config.node) this.#open(config.node, names, async () => this.#exported.node());
  }

  #open({ host, port }: ExporterEndpoint, names: CalledNames, text: () => Promise<string>): void {
    const { createServer } = httpModule();
    const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
      const called = calledHost(request)?.hostname;
      if (called === undefined) {
        response.writeHead(400, { 'content-type': 'text/plain' }).end(`${NO_HOST}\n`);
        return;
      }
      if (!names.include(called, request.socket.localAddress)) {
        const why = `The Host header names ${called}, which this exporter is not called: "millrace up --api-name ${called}" allows it.\n`;
        response.writeHead(403, { 'content-type': 'text/plain' }).end(why);
        return;
      }
      if (request.method !== 'GET' || targetPath(request.url ?? '').split('?')[0] !== '/metrics') {
        response.writeHead(404, { 'content-type': 'text/plain' }).end('The metrics are at GET /metrics.\n');
        return;
      }
      text().then(
        (body) => response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(body),
        (error: unknown) => {
          this.#log.error('metrics could not be told', { error });
          response.writeHead(500).end();
        },
      );
    });
    boundConnections(server, MOST_CONNECTIONS);
    server.unref();
    server.on('error', (error) => {
      this.#log.error(`the metrics cannot be served on port ${port}`, { error });
      // Tried again with the next look.
      this.#text = '';
    });
    server.listen({ host, port });
    this.#servers.push(server);
  }

  #close(): void {
    for (const server of this.#servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  }
}

/**
 * Node's HTTP, loaded when the first exporter opens. Not by `import`, which evaluates all that it exports,
 * WebSocket with the rest: together 90 ms of a start and 17 MB, of every broker.
 */
function httpModule(): typeof import('node:http') {
  return process.getBuiltinModule('node:http');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
