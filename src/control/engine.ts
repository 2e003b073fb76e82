import { Refused } from '../base/refused.ts';
import type { Certificates } from './access/server-certificates.ts';
import type { StateInfo } from './aws/state-info.ts';
import type { Cluster } from './state/cluster.ts';

/**
 * What runs clusters; the control plane owns this port and knows nothing behind it. Every method may be
 * called again after a crash of the control plane at any point, and finds out itself what is left to do.
 */
export interface Engine {
  /**
   * Called once, before anything else: where brokers that encrypt get their certificates, and those of the
   * CAs that they believe clients from.
   */
  useCertificates(certificates: Certificates, clientRoots: ClientRoots): void;
  /**
   * PEM of the certificates of the CA that vouches for the nodes of this cluster; null where there is none.
   */
  nodeCa(cluster: Cluster): string | null;
  /**
   * Exchanges the certificates of the cluster's nodes that end soon while the nodes run, and goes on with the
   * replacement of the CA of the nodes: in so many milliseconds it can go on again, null when that is not
   * under way. Rejects when a file cannot be written.
   */
  renewCertificates(cluster: Cluster): Promise<number | null>;
  /**
   * Begins to replace the CA of the nodes. False when that is under way, or there is none. Throws when a file
   * cannot be written.
   */
  renewNodeCa(cluster: Cluster): boolean;
  /**
   * Called once, before anything else: what brokers where clients sign in by IAM are to know of users, roles
   * and policies.
   */
  useDirectories(directoryOf: DirectoryOf): void;
  /**
   * Gives the brokers of a cluster where clients sign in by IAM what the directory says now. They see it
   * within a second. Throws when a file cannot be written, and has written those of all other brokers then.
   */
  applyDirectory(cluster: Cluster): void;
  /** Makes the folders and files that the cluster's processes start from. */
  prepare(cluster: Cluster): Promise<void>;
  /**
   * Every process of the cluster runs and serves when this resolves: running ones are adopted, others
   * started, those of zones that are down are not. From then on the engine keeps them so, and brokers that
   * came since are started by the next call. The brokers `asTheyRun` keep the configuration they were last
   * started with, until `restartBroker`. Rejects with `EngineError` when that cannot be reached, or with the
   * signal's reason.
   */
  start(cluster: Cluster, signal: AbortSignal, asTheyRun?: readonly number[]): Promise<void>;
  /**
   * The broker runs with the configuration that the cluster gives it, and serves. `anew`: in a new process,
   * even when the one that runs has it already. Rejects as `start` does.
   */
  restartBroker(
    cluster: Cluster,
    brokerId: number,
    options: { readonly anew: boolean },
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Why the listeners, volumes and exporters of this cluster stay as they are: it was made by somebody else
   * than the control plane. Null when they can be changed.
   */
  fixed(cluster: Cluster): string | null;
  /**
   * Gives the brokers what changes while they run: volumes of the cluster's `volumeSize`, and the exporters
   * of its `openMonitoring`. They see it within a second. Rejects when a file cannot be written.
   */
  applySettings(cluster: Cluster): Promise<void>;
  /**
   * The controller runs with the configuration that the cluster gives it, and serves. Rejects as `start`
   * does.
   */
  restartController(cluster: Cluster, signal: AbortSignal): Promise<void>;
  /**
   * The node to restart next so that the nodes of this cluster, which was made by a release whose nodes let
   * everybody in, come to let in each other alone: a broker by its id. Null when they do. Each may be
   * restarted when the one before serves again.
   */
  nextToSecure(cluster: Cluster): number | 'controller' | null;
  /** The broker hands over what it leads and does not run when this resolves. */
  stopBroker(cluster: Cluster, brokerId: number): Promise<void>;
  /** Removes all data of a stopped broker, and forgets it. */
  removeBroker(cluster: Cluster, brokerId: number): Promise<void>;
  /**
   * Does to a broker's process what a fault would do; a sentence about what was done. Rejects with
   * `EngineError`.
   */
  strike(cluster: Cluster, brokerId: number, blow: Blow): Promise<string>;
  /**
   * Brings the processes of every zone to what `cluster.zonesDown` says: killed and kept down, or started.
   */
  applyZones(cluster: Cluster): Promise<void>;
  /** What a started cluster's processes lack now. */
  problem(cluster: Cluster): StateInfo | null;
  /** No process of the cluster runs when this resolves, whoever started it. */
  stop(cluster: Cluster): Promise<void>;
  /** Removes all data of a stopped cluster. */
  remove(cluster: Cluster): Promise<void>;
  /** Stops processes in the data folder that belong to none of these clusters. */
  stopOrphans(known: readonly Cluster[]): Promise<void>;
  /** Told when a started cluster's processes do not hold (what and why), and with null when they do again. */
  onHealth(listener: (arn: string, problem: StateInfo | null) => void): void;
  /**
   * Told when a process of a started cluster died without having been asked to, and when one serves again
   * after that.
   */
  onNodeNews(listener: (arn: string, news: NodeNews) => void): void;
}

export interface NodeNews {
  readonly isLost: boolean;
  /** A sentence for people: `Broker 1 died: it was ended by SIGKILL.` */
  readonly message: string;
}

/** PEM of the certificates of the CAs with these ARNs. Throws EngineError when one is not known. */
export type ClientRoots = (arns: readonly string[]) => string;

/** The text of the file `iam.json` of the cluster's brokers. It holds secrets. Throws StoreError. */
export type DirectoryOf = (cluster: Cluster) => string;

/** What `millrace fault` can do to one broker. */
export type Blow = 'kill' | 'pause' | 'resume';

/** Why a cluster cannot be started, for its `stateInfo`. */
export class EngineError extends Refused {}
