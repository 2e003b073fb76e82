import { CLIENT_LISTENERS, type ListenerKind, listenersOf } from '../../state/listeners.ts';
import { restartBroker } from './restart-broker.ts';
import type { StepRun } from './step-run.ts';

/** Restarts a broker with other listeners for clients. */
export function updateListeners(
  run: StepRun,
  { broker, listeners }: { readonly broker: number; readonly listeners: readonly ListenerKind[] },
): Promise<void> {
  return restartBroker(run, broker, {
    settings: { listeners },
    ofCluster: ({ spec }) => ({ listeners: listenersOf(spec) }),
    describe: (settings) =>
      `the listeners ${settings.listeners.map((kind) => CLIENT_LISTENERS[kind].name).join(', ')}`,
  });
}
