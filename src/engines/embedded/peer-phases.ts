import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FolderLock } from '../../control/folder-lock.ts';
import { replaceFile } from '../../platform/replace-file.ts';
import type { PeerAccess } from '../../security/peers/peer-secret.ts';
import { PEER_ACCESS_FILE, PROCESS_FILES } from './layout.ts';
import { type NodeConfig, NodeConfigError, readNodeConfig } from './node-config.ts';

/** A node as it is to be. */
interface WantedNode {
  readonly config: NodeConfig;
  readonly folder: string;
}

/**
 * How a cluster of a release whose nodes let everybody in comes to let in nodes alone: first every node
 * accepts both, then every node presents the secret and requires it. Nodes of two neighbouring phases
 * understand each other, so that they change one after the other while clients work. The phase is a file of
 * the cluster's folder, and how far a node is stands in the configuration that it was started with.
 */
export class PeerPhases {
  readonly #file: string;

  constructor(clusterFolder: string) {
    this.#file = join(clusterFolder, PEER_ACCESS_FILE);
  }

  /** Null before the first start by a release that has this file. */
  get current(): PeerAccess | null {
    const text = existsSync(this.#file) ? readFileSync(this.#file, 'utf8').trim() : '';
    return text === 'nodes' || text === 'everybody' ? text : null;
  }

  become(access: PeerAccess): void {
    replaceFile(this.#file, `${access}\n`);
  }

  /**
   * Chooses the first phase, once. Without a process that runs, and understands nothing newer, there is none
   * to consider.
   */
  begin(nodes: readonly WantedNode[]): void {
    if (this.current !== null) return;
    this.become(nodes.some((node) => keepsRunning(node)) ? 'everybody' : 'nodes');
  }

  /** Whether this node is to run on as it was started, until its turn comes. */
  mayWait(node: WantedNode): boolean {
    return accessOf(node) !== 'nodes' && keepsRunning(node);
  }

  /** The next node to restart; undefined when there is none in this phase. */
  next<Node extends WantedNode>(nodes: readonly Node[]): Node | undefined {
    const phase = this.current;
    return nodes.find((node) => {
      const access = accessOf(node);
      return access !== 'nodes' && access !== phase;
    });
  }
}

/** Undefined for a node that was not started, or by a release without phases. */
function accessOf({ folder }: WantedNode): PeerAccess | undefined {
  return started(folder)?.options.peerAccess;
}

/**
 * Whether a process works in the folder which is one of the same cluster: encryption between nodes is not
 * begun one by one.
 */
function keepsRunning({ config, folder }: WantedNode): boolean {
  const there = started(folder);
  if (!there) return false;
  const encrypts = (one: NodeConfig): boolean => one.options.peerTls !== undefined;
  return encrypts(there) === encrypts(config) && !FolderLock.isFree(folder);
}

/** Null also for a file that is damaged: the start writes another. */
function started(folder: string): NodeConfig | null {
  const file = join(folder, PROCESS_FILES.config);
  if (!existsSync(file)) return null;
  try {
    return readNodeConfig(file).config;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof NodeConfigError) return null;
    throw error;
  }
}
