import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { eventually } from '../../support/millrace.ts';
import type { FaultCluster } from '../cluster.ts';
import type { Fault } from '../faults.ts';
import { killControlPlane } from '../kills.ts';

/** Brokers check the files of their listeners every five seconds. */
const EXCHANGED_MS = 30_000;
const HANDSHAKE_MS = 10_000;
const CERTIFICATE_FILE = 'listeners.pem';

/**
 * Every broker gets a new certificate while it runs: a control plane that starts makes one for a broker that
 * has none.
 */
export const exchangeCertificates: Fault = {
  name: 'new certificates of all brokers',
  isHarmless: true,
  async strike(stricken, random) {
    const { cluster } = stricken;
    const before = await Promise.all(cluster.brokers.map((id) => serialOf(cluster, id)));
    for (const id of cluster.brokers) rmSync(join(cluster.folder(`broker-${id}`), CERTIFICATE_FILE));
    await killControlPlane.strike(stricken, random);
    for (const [index, id] of cluster.brokers.entries())
      await eventually(
        `broker ${id} shows another certificate`,
        async () => (await serialOf(cluster, id)) !== before[index],
        EXCHANGED_MS,
      );
    return `of ${cluster.brokers.length} brokers`;
  },
};

/**
 * The serial number of the certificate that a broker shows to clients, which must have its name and come from
 * the CA that they trust.
 */
function serialOf(cluster: FaultCluster, broker: number): Promise<string> {
  const { guard } = cluster;
  if (!guard) throw new Error('only the clusters of --secure have certificates');
  return new Promise((resolve, reject) => {
    const servername = cluster.nameOf(broker);
    const port = cluster.port(broker, 'CLIENT');
    const socket = connect({ host: cluster.hostOf(broker), port, ca: guard.ca, servername }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.setTimeout(HANDSHAKE_MS, () => socket.destroy(new Error(`broker ${broker} shakes no hands`)));
    socket.once('error', reject);
  });
}
