import type { FastifyInstance } from 'fastify';
import type { Control } from '../control.ts';
import { clusterMetrics } from '../health/cluster-metrics.ts';

/**
 * For those who watch this process and not the API: `/health/live` (it answers), `/health/ready` (every
 * cluster has been started; 503 with the names of those that have not), and `/metrics` for Prometheus.
 */
export function addProbes(server: FastifyInstance, control: Control): void {
  server.get('/health/live', async (_request, reply) => reply.send({ status: 'live' }));
  server.get('/health/ready', async (_request, reply) => {
    const starting = control.store.clusters
      .all()
      .filter(({ state }) => state === 'CREATING')
      .map(({ name }) => name);
    return starting.length === 0
      ? reply.send({ status: 'ready' })
      : reply.code(503).send({ status: 'starting', clusters: starting });
  });
  server.get('/metrics', async (_request, reply) => {
    const clusters = clusterMetrics(control.store.clusters, control.disk.usage);
    return reply.type('text/plain; version=0.0.4').send(clusters + (await control.serviceMetrics()));
  });
}
