import { join } from 'node:path';
import { RefusedStart } from './base/refused.ts';
import { ConnectService } from './connect/connect-service.ts';
import { archiveProblem } from './connect/release/kept-folder.ts';
import { connectByKafka } from './control/access/cluster-access.ts';
import type { ControlOptions } from './control/control.ts';
import { ControlPlane } from './control/control-plane.ts';
import { SERVER_LOG } from './control/server-log.ts';
import { brokerLogs } from './engines/embedded/broker-logs.ts';
import { EmbeddedEngine } from './engines/embedded/embedded-engine.ts';
import { orphanedClusters } from './engines/embedded/orphaned-clusters.ts';
import { LogDelivery } from './log-delivery/log-delivery.ts';
import { nodeLog } from './platform/node-log.ts';
import { nodeWorld } from './platform/node-world.ts';
import { closeToOthers } from './platform/private-folder.ts';
import { limitLog } from './processes/log-limit.ts';

/** Node's options for the controller's and the brokers' processes. */
const NODE_OPTIONS = [
  '--disable-warning=ExperimentalWarning',
  // V8 lets young objects grow to 32 MB before it looks at them again; none of ours gets old, so a tenth of
  // that costs no time, and saves 5 MB of an idle broker's memory and 100 MB of a busy one's.
  '--max-semi-space-size=2',
];

/** Node and its options for a worker of built-in connectors. */
const WORKER = [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  // Without it the young objects of a busy worker take 128 MB; what waits for the answer of a sink is older
  // than those of 2 MB get.
  '--max-semi-space-size=4',
] as const;

/**
 * Puts together what `millrace up` runs: the control plane over the embedded engine, with MSK Connect and the
 * delivery of logs beside its API. `main`: the path of the file that starts this program's processes. Rejects
 * with what `ControlPlane.start` rejects with, and with RefusedStart when the folder has data of clusters and
 * no store that knows them, or the archive of Kafka is needed and is not there.
 */
export async function startServer(main: string, options: ControlOptions): Promise<ControlPlane> {
  closeToOthers(options.dataDirectory);
  const orphans = orphanedClusters(options.dataDirectory);
  if (orphans !== null) throw new RefusedStart('DATA_FOLDER', orphans);
  const archive = archiveProblem(options);
  if (archive !== null) throw new RefusedStart('KAFKA_ARCHIVE', archive);
  const file = join(options.dataDirectory, SERVER_LOG);
  limitLog(file);
  const world = nodeWorld(nodeLog({ level: options.logLevel ?? 'info', file }));
  const engine = new EmbeddedEngine(world, {
    ...options,
    program: [process.execPath, ...NODE_OPTIONS, main],
  });
  return ControlPlane.start(
    world,
    options,
    engine,
    connectByKafka(world, options.advertised[0].host, (cluster) => engine.peers(cluster)),
    (control) => [
      new ConnectService({
        world,
        options,
        control,
        builtInWorker: [...WORKER, main, 'connect-worker'],
      }),
      new LogDelivery(world, options, () => brokerLogs(control)),
    ],
  );
}
