import type { Clock } from '../../base/clock.ts';
import { isApiError } from '../../control/aws/api-error.ts';
import { namesIn } from '../secrets/reference.ts';
import type { SealedValues } from '../secrets/sealed-values.ts';
import type { ConnectStore } from '../state/connect-store.ts';
import type { Connector } from '../state/connector.ts';

/** A target of logs that took nothing is asked again after that; each try may wait for seconds. */
const UNDELIVERED_MS = 60_000;

/** Sealed values of one connector that its configuration does not name any more. */
export class OldValues {
  readonly #clock: Clock;
  readonly #store: ConnectStore;
  readonly #values: SealedValues;
  readonly #deliverLogs: (connector: Connector) => Promise<boolean>;
  #nextAt = 0;

  /** `deliverLogs` resolves to whether all that the workers have said is where their logs go. */
  constructor(
    clock: Clock,
    of: {
      readonly store: ConnectStore;
      readonly values: SealedValues;
      deliverLogs(connector: Connector): Promise<boolean>;
    },
  ) {
    this.#clock = clock;
    this.#store = of.store;
    this.#values = of.values;
    this.#deliverLogs = (connector) => of.deliverLogs(connector);
  }

  /**
   * Forgets them. What workers have said is delivered before, since nothing hides those values afterwards:
   * for as long as it cannot be, they are known.
   */
  async forget(connector: Connector): Promise<void> {
    const names = new Set(namesIn(connector.configuration));
    if (this.#values.hasOnly(connector.uuid, names) || this.#clock.monotonic() < this.#nextAt) return;
    if (!(await this.#deliverLogs(connector))) {
      this.#nextAt = this.#clock.monotonic() + UNDELIVERED_MS;
      return;
    }
    const now = this.#store.state.connectors.get(connector.arn);
    // An update that began since the record was read needs the values that it has sealed.
    if (isApiError(now) || now.revision !== connector.revision) return;
    this.#values.keep(connector.uuid, names);
  }
}
