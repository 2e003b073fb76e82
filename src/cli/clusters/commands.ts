import type { CommandEntry } from '../program.ts';

/** Commands on clusters. */
export const CLUSTERS_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'clusters create',
    summary: 'Create a cluster.',
    load: async () => (await import('./clusters-create.ts')).clustersCreate,
  },
  {
    name: 'clusters list',
    summary: 'List all clusters.',
    load: async () => (await import('./clusters-list.ts')).clustersList,
  },
  {
    name: 'clusters describe',
    summary: 'Show one cluster.',
    load: async () => (await import('./clusters-describe.ts')).clustersDescribe,
  },
  {
    name: 'clusters delete',
    summary: 'Delete a cluster with all its data.',
    load: async () => (await import('./clusters-delete.ts')).clustersDelete,
  },
  {
    name: 'clusters update',
    summary: 'Change the number, size, volumes, Kafka version or configuration of the brokers.',
    load: async () => (await import('./clusters-update.ts')).clustersUpdate,
  },
  {
    name: 'clusters reboot',
    summary: 'Restart one broker.',
    load: async () => (await import('./clusters-reboot.ts')).clustersReboot,
  },
  {
    name: 'clusters operations',
    summary: 'List the operations on a cluster.',
    load: async () => (await import('./clusters-operations.ts')).clustersOperations,
  },
  {
    name: 'clusters ports',
    summary: 'Move a cluster to other ports.',
    load: async () => (await import('./clusters-ports.ts')).clustersPorts,
  },
  {
    name: 'clusters retry',
    summary: 'Retry a creation that failed.',
    load: async () => (await import('./clusters-retry.ts')).clustersRetry,
  },
  {
    name: 'clusters cancel',
    summary: 'Cancel the running operation.',
    load: async () => (await import('./clusters-cancel.ts')).clustersCancel,
  },
  {
    name: 'clusters client-config',
    summary: 'Print the client configuration for a tool.',
    load: async () => (await import('./clusters-client-config.ts')).clustersClientConfig,
  },
];
