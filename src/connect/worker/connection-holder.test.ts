import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { holdOf } from './connection-holder.ts';

/** Whether Linux keeps the descriptors of processes to itself. */
let isClosed = false;
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return {
    ...real,
    readdir: async (folder: string) => {
      if (isClosed) throw Object.assign(new Error('permission denied'), { code: 'EACCES' });
      return real.readdir(folder);
    },
  };
});

const user = process.getuid?.() ?? 0;
const self = { pid: process.pid, user };
let ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends) end();
  ends = [];
  isClosed = false;
});

/** A connection to a server of this process, which listens at this address. */
async function connection(
  host: string,
  options: { readonly allowHalfOpen?: boolean } = {},
): Promise<{ from: number; to: number; accepted: Socket }> {
  const server = createServer();
  server.listen(0, host);
  await once(server, 'listening');
  const to = (server.address() as AddressInfo).port;
  const socket = connect({ port: to, host: '127.0.0.1', ...options });
  const [[accepted]] = await Promise.all([once(server, 'connection'), once(socket, 'connect')]);
  ends.push(() => {
    socket.destroy();
    accepted.destroy();
    server.close();
  });
  return { from: socket.localPort ?? 0, to, accepted };
}

/** Another process of the same user, which listens on a port of its own choice and accepts nothing. */
async function another(script: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  ends.push(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  return child;
}

test.each([
  ['127.0.0.1', 'one family'],
  ['::', 'both families, as those of Java are'],
])('a connection to a socket of a process at %s, of %s, is held by it', async (host) => {
  expect(await holdOf(await connection(host), self)).toBe('held');
});

test('a connection to a socket of one process is not held by another of the same user', async () => {
  const other = await another('process.stdin.resume()');
  expect(await holdOf(await connection('127.0.0.1'), { pid: other.pid ?? 0, user })).toBe('another');
});

test('a process that has ended holds nothing', async () => {
  const other = await another('');
  await once(other, 'exit');
  expect(await holdOf(await connection('127.0.0.1'), { pid: other.pid ?? 0, user })).toBe('another');
});

test('nobody holds a connection that was not accepted yet', async () => {
  // The process that listens stands still, so the system alone has answered.
  const other = await another(
    "const s = require('node:net').createServer().listen(0, '127.0.0.1', () => process.stdout.write(String(s.address().port)));",
  );
  const [port] = await once(other.stdout as NodeJS.ReadableStream, 'data');
  process.kill(other.pid ?? 0, 'SIGSTOP');
  const socket = connect({ port: Number(port), host: '127.0.0.1' });
  ends.push(() => socket.destroy());
  await once(socket, 'connect');
  const ports = { from: socket.localPort ?? 0, to: Number(port) };
  expect(await holdOf(ports, { pid: other.pid ?? 0, user })).toBe('nobody');
});

test('nobody holds a connection that was closed at its other end', async () => {
  const { accepted, ...ports } = await connection('127.0.0.1', { allowHalfOpen: true });
  accepted.destroy();
  await once(accepted, 'close');
  expect(await holdOf(ports, self)).toBe('nobody');
});

test('where the descriptors of the process may not be seen, it is asked which user holds the connection', async () => {
  const ports = await connection('127.0.0.1');
  isClosed = true;
  expect(await holdOf(ports, self)).toBe('held');
  expect(await holdOf(ports, { pid: process.pid, user: user + 1 })).toBe('another');
});
