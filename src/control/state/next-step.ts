import type { Cluster } from './cluster.ts';

/** One restartable thing to do for a cluster. */
export type NextStep = 'PREPARE' | 'START' | 'OPERATE' | 'STOP' | 'REMOVE';

/**
 * What a cluster needs now; null while there is nothing to do. `running` = the engine has it started in this
 * process' life.
 */
export function nextStep(cluster: Cluster, running: boolean): NextStep | null {
  switch (cluster.state) {
    case 'CREATING':
      return cluster.step === 'NONE' ? 'PREPARE' : 'START';
    case 'ACTIVE':
    case 'HEALING':
      return running ? null : 'START';
    case 'UPDATING':
    case 'REBOOTING_BROKER':
      return running ? 'OPERATE' : 'START';
    case 'DELETING':
      return cluster.step === 'NONE' ? 'STOP' : 'REMOVE';
    case 'FAILED':
      // What of it may still run is stopped; the data stays for whoever wants to know why.
      return running || cluster.step === 'PREPARED' ? 'STOP' : null;
  }
}
