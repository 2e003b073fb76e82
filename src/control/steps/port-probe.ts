import { createServer } from 'node:net';
import { PORT_OFFSET } from '../state/ports.ts';

/** The ports of a broker's ten that a listener may open. */
const USED = [
  PORT_OFFSET.plaintext,
  PORT_OFFSET.replication,
  PORT_OFFSET.tls,
  PORT_OFFSET.scram,
  PORT_OFFSET.controller,
  PORT_OFFSET.jmxExporter,
  PORT_OFFSET.nodeExporter,
];

/** The first port of this ten that another process has; null when all can be bound. */
export async function busyPort(host: string, base: number): Promise<number | null> {
  for (const offset of USED) if (!(await canListen(host, base + offset))) return base + offset;
  return null;
}

async function canListen(host: string, port: number): Promise<boolean> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, exclusive: true }, resolve);
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES'))
      return false;
    throw error;
  }
  await new Promise((done) => server.close(done));
  return true;
}
