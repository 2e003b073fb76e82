import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../../base/log.ts';
import { replaceFile } from '../../platform/replace-file.ts';

/** In the data folder: what happened, a JSON object a line. */
const EVENTS_FILE = 'events.log';
/** So many are remembered; a file with twice as many is written anew with the last of them. */
const MOST_EVENTS = 5_000;

const KINDS = [
  'SERVER_STARTED',
  'SERVER_STOPPED',
  'DISK_LEVEL',
  'CLUSTER_CREATED',
  'CLUSTER_STATE',
  'CLUSTER_DELETED',
  'NODE_LOST',
  'NODE_BACK',
  'FAULT_INJECTED',
  'OPERATION_STARTED',
  'OPERATION_STEP',
  'OPERATION_CANCELLED',
  'OPERATION_ENDED',
] as const;

/** Something that happened to a cluster, or to the control plane itself. */
export interface ClusterEvent {
  /** Counts up from 1, over all lives of the control plane. */
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly kind: (typeof KINDS)[number];
  /** Null of what is no cluster's. It may be deleted by now. */
  readonly cluster: { readonly name: string; readonly arn: string } | null;
  /** A sentence. */
  readonly message: string;
}

/**
 * What happened, for people who look back. It decides nothing, so it is not synced: a crash may take the last
 * lines with it, and a full disk those of its time.
 */
export class EventLog {
  readonly #file: string;
  readonly #log: Logger;
  readonly #events: ClusterEvent[] = [];
  #lines = 0;
  /** The last line is not whole: the next one begins on a line of its own. */
  #isTorn = false;
  #isDropping = false;

  private constructor(folder: string, log: Logger) {
    this.#file = join(folder, EVENTS_FILE);
    this.#log = log;
  }

  /** Reads what is there. A file that cannot be read is as good as none: the log says so. */
  static open(folder: string, log: Logger): EventLog {
    const events = new EventLog(folder, log);
    events.#load();
    return events;
  }

  /** Never throws for want of room on the disk. */
  add({ kind, cluster, message }: Omit<ClusterEvent, 'id' | 'at'>): void {
    const made: ClusterEvent = {
      id: (this.#events.at(-1)?.id ?? 0) + 1,
      at: Date.now(),
      kind,
      cluster: cluster && { name: cluster.name, arn: cluster.arn },
      message,
    };
    this.#events.push(made);
    if (this.#events.length > MOST_EVENTS) this.#events.shift();
    try {
      if (this.#lines >= 2 * MOST_EVENTS) this.#rewrite();
      else this.#append(made);
      this.#isDropping = false;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      this.#isTorn = true;
      if (!this.#isDropping) this.#log.warn('Events cannot be written now', { error });
      this.#isDropping = true;
    }
  }

  /**
   * The last `most` events behind the one `after`, in their order; of a cluster when its name or ARN is
   * given.
   */
  list({ cluster, after = 0, most }: { cluster?: string; after?: number; most: number }): ClusterEvent[] {
    return this.#events
      .filter((event) => event.id > after)
      .filter(
        (event) => cluster === undefined || event.cluster?.name === cluster || event.cluster?.arn === cluster,
      )
      .slice(-most);
  }

  #append(event: ClusterEvent): void {
    appendFileSync(this.#file, `${this.#isTorn ? '\n' : ''}${JSON.stringify(event)}\n`, { mode: 0o600 });
    this.#isTorn = false;
    this.#lines++;
  }

  #rewrite(): void {
    const text = this.#events.map((event) => `${JSON.stringify(event)}\n`).join('');
    replaceFile(this.#file, text);
    this.#isTorn = false;
    this.#lines = this.#events.length;
  }

  #load(): void {
    let text: string;
    try {
      text = readFileSync(this.#file, 'utf8');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      if (error.code !== 'ENOENT') this.#log.warn('The events of earlier lives cannot be read', { error });
      return;
    }
    this.#isTorn = text !== '' && !text.endsWith('\n');
    const lines = text.split('\n');
    this.#lines = lines.length;
    for (const line of lines) {
      const event = parsed(line);
      if (event) this.#events.push(event);
    }
    this.#events.splice(0, this.#events.length - MOST_EVENTS);
  }
}

/** Null of a line that a crash cut. */
function parsed(line: string): ClusterEvent | null {
  if (line === '') return null;
  try {
    const event: unknown = JSON.parse(line);
    return isEvent(event) ? event : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isEvent(value: unknown): value is ClusterEvent {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    typeof value.id === 'number' &&
    'at' in value &&
    typeof value.at === 'number' &&
    'kind' in value &&
    KINDS.some((kind) => kind === value.kind) &&
    'cluster' in value &&
    'message' in value
  );
}
