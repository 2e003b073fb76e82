import { withVolume } from '../../state/provisioned-spec.ts';
import type { StepRun } from './step-run.ts';

/** The brokers see their new volumes within a second; nothing is restarted. */
export function resizeVolumes(run: StepRun, { gib }: { readonly gib: number }): Promise<void> {
  run.say(`gives every broker a volume of ${gib} GiB`);
  return run.engine.applySettings({ ...run.cluster, spec: withVolume(run.cluster.spec, gib) });
}
