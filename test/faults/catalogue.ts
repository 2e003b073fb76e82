import { cutBrokers, cutClients, cutController, isolateBroker } from './cuts.ts';
import type { Fault } from './faults.ts';
import { fillDisk } from './full-disk.ts';
import {
  killAllBrokers,
  killBroker,
  killController,
  killControlPlane,
  killEverything,
  loseTwoZones,
  loseZone,
} from './kills.ts';
import { pauseBroker, pauseController } from './pauses.ts';
import { exchangeCertificates } from './secure/certificate-exchange.ts';
import { updateSecurity } from './secure/security-updates.ts';
import { rollingRestart, stopBroker } from './stops.ts';

/** Every fault by the name that `--only` takes. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  kill: killBroker,
  'kill-all': killAllBrokers,
  'kill-everything': killEverything,
  'kill-controller': killController,
  'kill-control-plane': killControlPlane,
  pause: pauseBroker,
  'pause-controller': pauseController,
  stop: stopBroker,
  rolling: rollingRestart,
  zone: loseZone,
  'two-zones': loseTwoZones,
  'cut-brokers': cutBrokers,
  'cut-controller': cutController,
  isolate: isolateBroker,
  'cut-clients': cutClients,
  'full-disk': fillDisk,
};

/** More faults for a secure cluster. */
export const DONE_TO_SECURE: Readonly<Record<string, Fault>> = {
  'update-security': updateSecurity,
  'exchange-certificates': exchangeCertificates,
};

/** The faults that this machine allows; `say` is told why the others are not possible. */
export function possible(faults: readonly Fault[], say: (line: string) => void): Fault[] {
  return faults.filter((fault) => {
    const reason = fault.unavailable?.();
    if (reason !== undefined) say(`left out: ${fault.name}, because ${reason}`);
    return reason === undefined;
  });
}
