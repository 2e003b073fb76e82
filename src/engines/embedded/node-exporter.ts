import { readFileSync, statfsSync } from 'node:fs';
import { cpus, freemem, loadavg, totalmem, uptime } from 'node:os';
import { MetricsText } from '../../broker/metrics/metrics-text.ts';

const TICKS_PER_SECOND = 100;
const SECTOR_BYTES = 512;
const CPU_MODES = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'];

/**
 * What this machine does, under the names of the node exporter: as far as the system tells it (Linux tells it
 * all). The file system is the one that holds `folder`.
 */
export function nodeMetrics(folder: string): string {
  const text = new MetricsText();
  text.add('node_time_seconds', {}, Date.now() / 1000);
  text.add('node_boot_time_seconds', {}, Date.now() / 1000 - uptime());
  const [one = 0, five = 0, fifteen = 0] = loadavg();
  text.add('node_load1', {}, one);
  text.add('node_load5', {}, five);
  text.add('node_load15', {}, fifteen);
  addProcessors(text);
  addMemory(text);
  addFileSystem(text, folder);
  addDisks(text);
  addNetwork(text);
  return String(text);
}

function addProcessors(text: MetricsText): void {
  const stat = read('/proc/stat');
  if (stat === null) {
    for (const [cpu, { times }] of cpus().entries())
      for (const [mode, ms] of Object.entries(times))
        text.add('node_cpu_seconds_total', { cpu, mode: mode === 'sys' ? 'system' : mode }, ms / 1000);
    return;
  }
  for (const line of stat.split('\n')) {
    const [name = '', ...ticks] = line.split(/\s+/);
    const cpu = /^cpu(\d+)$/.exec(name)?.[1];
    if (cpu === undefined) continue;
    for (const [i, mode] of CPU_MODES.entries())
      text.add('node_cpu_seconds_total', { cpu, mode }, Number(ticks[i] ?? 0) / TICKS_PER_SECOND);
  }
}

/** `MemTotal: 123 kB` is `node_memory_MemTotal_bytes`. */
function addMemory(text: MetricsText): void {
  const found = read('/proc/meminfo');
  if (found === null) {
    text.add('node_memory_MemTotal_bytes', {}, totalmem());
    text.add('node_memory_MemFree_bytes', {}, freemem());
    return;
  }
  for (const [, name, size, unit] of found.matchAll(/^(\S+):\s+(\d+)( kB)?$/gm)) {
    const known = String(name).replaceAll(/[()]/g, '_').replace(/_$/, '');
    text.add(`node_memory_${known}${unit ? '_bytes' : ''}`, {}, Number(size) * (unit ? 1024 : 1));
  }
}

function addFileSystem(text: MetricsText, mountpoint: string): void {
  const { bsize, blocks, bfree, bavail, files, ffree } = statfsSync(mountpoint);
  const labels = { mountpoint };
  text.add('node_filesystem_size_bytes', labels, blocks * bsize);
  text.add('node_filesystem_free_bytes', labels, bfree * bsize);
  text.add('node_filesystem_avail_bytes', labels, bavail * bsize);
  text.add('node_filesystem_files', labels, files);
  text.add('node_filesystem_files_free', labels, ffree);
}

function addDisks(text: MetricsText): void {
  for (const line of (read('/proc/diskstats') ?? '').split('\n')) {
    const [, , device, reads, , sectorsRead, , writes, , sectorsWritten, , , ioMs] = line.trim().split(/\s+/);
    if (device === undefined || /^(loop|ram)/.test(device)) continue;
    text.add('node_disk_reads_completed_total', { device }, Number(reads));
    text.add('node_disk_read_bytes_total', { device }, Number(sectorsRead) * SECTOR_BYTES);
    text.add('node_disk_writes_completed_total', { device }, Number(writes));
    text.add('node_disk_written_bytes_total', { device }, Number(sectorsWritten) * SECTOR_BYTES);
    text.add('node_disk_io_time_seconds_total', { device }, Number(ioMs) / 1000);
  }
}

function addNetwork(text: MetricsText): void {
  for (const [, device = '', numbers = ''] of (read('/proc/net/dev') ?? '').matchAll(/^\s*(\S+):(.*)$/gm)) {
    const all = numbers.trim().split(/\s+/).map(Number);
    for (const [at, direction] of [
      [0, 'receive'],
      [8, 'transmit'],
    ] as const)
      for (const [i, what] of ['bytes', 'packets', 'errs', 'drop'].entries())
        text.add(`node_network_${direction}_${what}_total`, { device }, all[at + i] ?? 0);
  }
}

/** Null where the system has no such file. */
function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EACCES'))
      return null;
    throw error;
  }
}
