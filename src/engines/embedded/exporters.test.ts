import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test, vi } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import { silent } from '../../base/log.ts';
import { Exporters } from './exporters.ts';
import { PROCESS_FILES } from './layout.ts';

test('an exporter answers to its names alone, and says why it refuses others', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-exporters-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const port = await freePort();
  const config = {
    ...{ level: 'DEFAULT', jmx: { host: '127.0.0.1', port }, node: null, names: ['kafka.test'] },
  };
  writeFileSync(join(folder, PROCESS_FILES.exporters), JSON.stringify(config));
  const exporters = new Exporters(silent, folder, { broker: async () => 'metrics\n', node: () => '' });
  exporters.start();
  onTestFinished(() => exporters.stop());
  const ask = async (request: string, target = '/metrics'): Promise<string> => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.write(`GET ${target} ${request}\r\n\r\n`);
    return text(socket);
  };
  const close = 'Connection: close';
  await vi.waitFor(
    async () => expect(await ask(`HTTP/1.1\r\nHost: kafka.test\r\n${close}`)).toMatch(/ 200 /),
    60_000,
  );
  expect(await ask(`HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${close}`)).toMatch(/\r\n\r\n.*metrics\n/s);
  expect(await ask(`HTTP/1.1\r\nHost: evil.test\r\n${close}`)).toMatch(/ 403 .*names evil\.test/s);
  // HTTP/1.0 has none.
  expect(await ask('HTTP/1.0')).toMatch(/ 400 .*The Host header is missing or not a host/s);
  const hosts = `Host: kafka.test\r\nHost: evil.test\r\n${close}`;
  expect(await ask(`HTTP/1.1\r\n${hosts}`)).toMatch(/ 400 .*or there are several\./s);
  const ours = `HTTP/1.1\r\nHost: kafka.test\r\n${close}`;
  expect(await ask(ours, 'http://evil.test/metrics')).toMatch(/ 403 .*names evil\.test/s);
  expect(await ask(ours, 'http://kafka.test/metrics')).toMatch(/ 200 /);
});
