import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Keeps an HTTP server at this many connections. A further one takes the place of the oldest whose client has
 * not sent a whole request: whoever holds connections open, or sends its requests a byte at a time, keeps
 * nobody else out. Where every request is whole, and is being answered, the further one is closed.
 */
export function boundConnections(server: Server, most: number): void {
  /** The oldest first, each with its newest request. */
  const requests = new Map<Socket, IncomingMessage | null>();
  server.on('connection', (socket: Socket) => {
    if (requests.size >= most) {
      const oldest = [...requests].find(([, request]) => request === null || !request.complete)?.[0];
      (oldest ?? socket).destroy();
      if (!oldest) return;
      requests.delete(oldest);
    }
    requests.set(socket, null);
    socket.once('close', () => requests.delete(socket));
  });
  server.on('request', (request, response) => {
    const { socket } = request;
    if (requests.has(socket)) requests.set(socket, request);
    response.once('close', () => {
      if (requests.get(socket) === request) requests.set(socket, null);
    });
  });
}
