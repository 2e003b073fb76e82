import type { Clusters } from '../state/clusters.ts';
import type { DiskUsage } from './disk-watch.ts';

/** What the control plane knows of its clusters, as Prometheus's text. */
export function clusterMetrics(clusters: Clusters, disk: DiskUsage | null): string {
  const lines = ['# TYPE millrace_cluster_state gauge'];
  // Names have letters, digits and hyphens alone, and states are words.
  for (const { name, state } of clusters.all())
    lines.push(`millrace_cluster_state{cluster="${name}",state="${state}"} 1`);
  lines.push('# TYPE millrace_cluster_brokers gauge');
  for (const { name, brokers } of clusters.all())
    lines.push(`millrace_cluster_brokers{cluster="${name}"} ${brokers.length}`);
  lines.push('# TYPE millrace_cluster_has_problem gauge');
  for (const { name, stateInfo } of clusters.all())
    lines.push(`millrace_cluster_has_problem{cluster="${name}"} ${stateInfo ? 1 : 0}`);
  lines.push('# TYPE millrace_operations_under_way gauge');
  const underWay = clusters.operations.all().filter(({ endedAt }) => endedAt === null);
  lines.push(`millrace_operations_under_way ${underWay.length}`);
  if (disk) {
    lines.push('# TYPE millrace_disk_free_bytes gauge', `millrace_disk_free_bytes ${disk.freeBytes}`);
    lines.push('# TYPE millrace_disk_size_bytes gauge', `millrace_disk_size_bytes ${disk.totalBytes}`);
  }
  const { rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  lines.push('# TYPE process_resident_memory_bytes gauge', `process_resident_memory_bytes ${rss}`);
  lines.push(
    '# TYPE process_cpu_seconds_total counter',
    `process_cpu_seconds_total ${(user + system) / 1e6}`,
  );
  return `${lines.join('\n')}\n`;
}
