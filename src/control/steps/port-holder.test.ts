import { createServer } from 'node:net';
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
