import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * Keeps an HTTP server at this many connections. A further one takes the place of the oldest that waits for
 * its client: for the rest of a request, or until it has read its answer. So whoever holds connections open,
 * sends its requests a byte at a time or does not read what it asked for keeps nobody else out. Where every
 * request is whole, and still to be answered, the further one is closed.
 */
export function boundConnections(server: Server, most: number): void {
  /** The oldest first, each with its newest request while that is not answered. */
  const exchanges = new Map<Socket, Exchange | null>();
  server.on('connection', (socket: Socket) => {
    if (exchanges.size >= most) {
      const oldest = [...exchanges].find(([, exchange]) => waitsForClient(exchange))?.[0];
      (oldest ?? socket).destroy();
      if (!oldest) return;
      exchanges.delete(oldest);
    }
    exchanges.set(socket, null);
    socket.once('close', () => exchanges.delete(socket));
  });
  server.on('request', (request, response) => {
    const { socket } = request;
    if (exchanges.has(socket)) exchanges.set(socket, { request, response });
    response.once('close', () => {
      if (exchanges.get(socket)?.request === request) exchanges.set(socket, null);
    });
  });
}

function waitsForClient(exchange: Exchange | null): boolean {
  return exchange === null || !exchange.request.complete || exchange.response.writableEnded;
}
