import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import { portHolder } from './port-holder.ts';

test.skipIf(process.platform !== 'linux').each(['127.0.0.1', '::1', '0.0.0.0'])(
  'the process that listens on a port of %s is named',
  async (host) => {
    const port = await freePort();
    expect(portHolder(port)).toBe('another process');
    const server = createServer();
    await new Promise<void>((done, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, done);
    });
    try {
      expect(portHolder(port)).toMatch(new RegExp(`^another process \\(.+, ${process.pid}\\)$`));
    } finally {
      await new Promise((done) => server.close(done));
    }
  },
);

test.skipIf(process.platform !== 'linux')('a script of Node is named, not Node alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-holder-'));
  const script = join(folder, 'orders-service.cjs');
  const port = await freePort();
  writeFileSync(
    script,
    `require('node:net').createServer().listen(${port}, '127.0.0.1', () => console.log('listens'));`,
  );
  const child = spawn(process.execPath, ['--no-warnings', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(child.stdout, 'data');
    expect(portHolder(port)).toBe(`another process (node orders-service.cjs, ${child.pid})`);
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});
