import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';

const STATUS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Answers what is no request of HTTP, in the envelope of every other error; the connection ends. */
export function clientErrorHandler(error: NodeJS.ErrnoException, socket: Socket): void {
  // The other side has hung up: there is nobody to answer.
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify({ message: `This is no request of HTTP that can be read: ${error.message}` });
  socket.end(
    [
      `HTTP/1.1 ${STATUS[error.code ?? ''] ?? '400 Bad Request'}`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
      'x-amzn-ErrorType: BadRequestException',
      `x-amzn-RequestId: ${randomUUID()}`,
      '',
      body,
    ].join('\r\n'),
  );
}
