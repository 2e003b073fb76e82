import { sleep } from '../../base/clock.ts';
import type { ConnectControl } from '../api/connect-operation.ts';
import type { Connector } from '../state/connector.ts';
import { ANSWER_MS } from './rest-answer.ts';

const LOOK_MS = 200;

/**
 * The connector of this name once it has said whether its configuration is valid, and what of it are
 * passwords; as it is at `until` where it has not said so by then. Null where it is gone.
 */
export function validated(
  control: ConnectControl,
  name: string,
  until = control.clock.monotonic() + ANSWER_MS,
): Promise<Connector | null> {
  return once(control, name, until, (connector) => !isUnsettled(connector));
}

/**
 * The connector of this name once it is CREATING no more and no operation changes it, or it `isSo`; as it is
 * at `until` otherwise. Null where it is gone.
 */
export function settledBy(
  control: ConnectControl,
  name: string,
  until: number,
  isSo: (connector: Connector) => boolean = () => false,
): Promise<Connector | null> {
  return once(control, name, until, (connector) => isSo(connector) || !isUnderWay(connector));
}

/** `until`: by the monotonic clock. */
async function once(
  control: ConnectControl,
  name: string,
  until: number,
  isSo: (connector: Connector) => boolean,
): Promise<Connector | null> {
  for (;;) {
    const connector = control.store.state.connectors.all().find((one) => one.name === name);
    if (!connector || connector.state === 'DELETING') return null;
    if (isSo(connector) || control.clock.monotonic() > until) return connector;
    await sleep(control.clock, LOOK_MS);
  }
}

/** It becomes what was asked for before. */
export function isUnderWay({ state, operationArn }: Connector): boolean {
  return state === 'CREATING' || operationArn !== null;
}

/** All of its own properties are hidden, since nobody knows yet which of them are passwords. */
export function isUnsettled({ knowsPasswords, state }: Connector): boolean {
  return knowsPasswords !== true && state === 'CREATING';
}
