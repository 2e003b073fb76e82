import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { boundConnections } from './http-connections.ts';

const MOST = 5;
const ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** `answer`: what becomes of a request; by default it is answered at once. */
async function listening(answer = (response: ServerResponse): void => void response.end('hello')) {
  const server = createServer((_request, response) => answer(response));
  boundConnections(server, MOST);
  ends.push(() => server.closeAllConnections());
  ends.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Connections that sent this, the oldest first. */
async function connected(server: Server, count: number, sent: string): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let i = 0; i < count; i++) {
    const arrived = new Promise((resolve) => server.once(sent === '' ? 'connection' : 'request', resolve));
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => {});
    ends.push(() => socket.destroy());
    sockets.push(socket);
    if (sent !== '') socket.write(sent);
    await arrived;
  }
  return sockets;
}

function ask(server: Server): Promise<string> {
  const { port } = server.address() as AddressInfo;
  return fetch(`http://127.0.0.1:${port}/`).then((answer) => answer.text());
}

test.each([
  ['that send nothing', ''],
  ['whose bodies do not come', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nx'],
])('connections %s keep nobody out', async (_what, sent) => {
  const server = await listening(sent === '' ? undefined : (response) => answered(response));
  const sockets = await connected(server, MOST, sent);
  const closed = new Promise((resolve) => sockets[0]?.once('close', resolve));
  expect(await ask(server)).toBe('hello');
  await closed;
  expect(sockets.slice(1).map(({ destroyed }) => destroyed)).toEqual(new Array(MOST - 1).fill(false));
});

/** As a server does that reads the whole request before it answers. */
function answered(response: ServerResponse): void {
  response.req.resume().once('end', () => response.end('hello'));
}

test('requests that are being answered are not given up for a further connection', async () => {
  const responses: ServerResponse[] = [];
  const server = await listening((response) => void responses.push(response));
  const whole = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
  const sockets = await connected(server, MOST, whole);
  await expect(ask(server)).rejects.toThrow();
  const answers = sockets.map((socket) => new Promise((resolve) => socket.once('data', resolve)));
  for (const response of responses) response.end('hello');
  for (const answer of answers) expect(String(await answer)).toMatch(/^HTTP\/1.1 200/);
});

test('clients that do not read their answers keep nobody out', async () => {
  const large = Buffer.alloc(16 * 1024 * 1024, 'x');
  let asked = 0;
  const server = await listening((response) => {
    asked++;
    response.end(asked <= MOST ? large : 'hello');
  });
  const sockets = await connected(server, MOST, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  const closed = new Promise((resolve) => sockets[0]?.once('close', resolve));
  expect(await ask(server)).toBe('hello');
  sockets[0]?.resume();
  await closed;
});
