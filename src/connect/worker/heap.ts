import { totalmem } from 'node:os';

const MEGABYTE = 1024 ** 2;
/**
 * A unit of MSK Connect has 4 GiB: half for Java's objects, the rest for buffers outside of them and for the
 * system.
 */
const MEGABYTES_PER_MCU = 2048;
/** All workers share this machine. */
const LARGEST_SHARE = 1 / 4;

/** The most that a worker's objects may take, in megabytes. */
export function heapMegabytes(mcuCount: number, machineBytes: number = totalmem()): number {
  return Math.floor(Math.min(mcuCount * MEGABYTES_PER_MCU, (machineBytes / MEGABYTE) * LARGEST_SHARE));
}
