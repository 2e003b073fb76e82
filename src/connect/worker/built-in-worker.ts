import type { WorkerHttp } from './worker-http.ts';

/** A worker process of a built-in connector that serves. */
export interface BuiltInWorker {
  /** From 1. */
  readonly number: number;
  /** `host:port`. */
  readonly address: string;
  readonly http: WorkerHttp;
}
