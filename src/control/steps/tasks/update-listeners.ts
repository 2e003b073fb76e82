import { CLIENT_LISTENERS, clientCasOf, type ListenerKind, listenersOf } from '../../state/listeners.ts';
import { restartBroker } from './restart-broker.ts';
import type { StepRun } from './step-run.ts';

/** Restarts a broker with other listeners for clients, or with other CAs that it believes them from. */
export function updateListeners(
  run: StepRun,
  {
    broker,
    listeners,
    clientCas = [],
  }: {
    readonly broker: number;
    readonly listeners: readonly ListenerKind[];
    readonly clientCas?: readonly string[];
  },
): Promise<void> {
  return restartBroker(run, broker, {
    settings: { listeners, clientCas },
    ofCluster: ({ spec }) => ({ listeners: listenersOf(spec), clientCas: clientCasOf(spec) }),
    describe: (settings) =>
      `the listeners ${settings.listeners.map((kind) => CLIENT_LISTENERS[kind].name).join(', ')}`,
  });
}
