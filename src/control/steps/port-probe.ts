import { createServer } from 'node:net';
import type { AdvertisedHosts } from '../endpoints/endpoint.ts';
import { INTERNAL_HOST } from '../endpoints/node-endpoints.ts';
import { PORT_OFFSET, portOf } from '../state/ports.ts';

/** What clients connect to, under each advertised host. */
const FOR_CLIENTS = [PORT_OFFSET.plaintext, PORT_OFFSET.tls, PORT_OFFSET.scram];
const EXPORTERS = [PORT_OFFSET.jmxExporter, PORT_OFFSET.nodeExporter];
const INTERNAL = [PORT_OFFSET.replication, PORT_OFFSET.controller];

/**
 * The first port of this ten that another process has; null when all that a listener may open can be bound.
 * `host`: where brokers listen; where each has an address of its own, one for all.
 */
export async function busyPort(
  host: string,
  advertised: Pick<AdvertisedHosts, 'length'>,
  base: number,
): Promise<number | null> {
  const wanted = [
    ...Array.from({ length: advertised.length }, (_, nth) =>
      FOR_CLIENTS.map((offset) => ({ host, port: portOf(base, offset, nth) })),
    ).flat(),
    ...EXPORTERS.map((offset) => ({ host, port: portOf(base, offset) })),
    ...INTERNAL.map((offset) => ({ host: INTERNAL_HOST, port: portOf(base, offset) })),
  ];
  for (const address of wanted) if (!(await canListen(address))) return address.port;
  return null;
}

/** Whether nobody listens there, and this user may. */
export async function canListen({ host, port }: { host: string; port: number }): Promise<boolean> {
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
