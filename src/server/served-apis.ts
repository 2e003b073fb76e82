import { assert } from '../base/assert.ts';
import type { ApiRange } from './api-versions.ts';
import { carriesBytes } from './definition.ts';
import type { Handler, ListenerPurpose } from './handler.ts';
import type { AllRequestTimes, RequestTimes } from './request-times.ts';

type Versions = readonly [first: number, last: number];

/** An API with the handler that serves it. */
export interface ServedApi<Context> {
  readonly handler: Handler<Context>;
  /**
   * The versions that clients may use, and those that ApiVersions tells them; null when the API is not for
   * clients.
   */
  readonly clientVersions: Versions | null;
  readonly clientAdvertised: Versions | null;
  /** Where the times of requests of clients, and of others, are kept; null when they are not measured. */
  readonly clientTimes: RequestTimes | null;
  readonly peerTimes: RequestTimes | null;
  /** Whether a decoded request may outlive the frame and refer to its bytes. */
  readonly copies: boolean;
}

/** The APIs that a server serves, by their keys. */
export class ServedApis<Context> {
  readonly #byKey = new Map<number, ServedApi<Context>>();
  readonly #clientVersions: ReadonlyMap<number, number> | null;
  readonly #requestTimes: AllRequestTimes | null;
  /** What ApiVersions tells, by listener, from the first time that it was asked for. */
  readonly #advertised = new Map<ListenerPurpose, readonly ApiRange[]>();

  /**
   * `clientVersions`: by the key of an API, the newest version that clients may use, and no API that is not
   * in it; null for all that there is. `requestTimes`: null when times are not measured.
   */
  constructor(clientVersions: ReadonlyMap<number, number> | null, requestTimes: AllRequestTimes | null) {
    this.#clientVersions = clientVersions;
    this.#requestTimes = requestTimes;
  }

  add(handler: Handler<Context>): void {
    const { api, versions } = handler;
    assert(versions[0] >= api.versions[0] && versions[1] <= api.versions[1], `versions of ${api.name}`);
    assert(!this.#byKey.has(api.key), `two handlers for ${api.name}`);
    assert(this.#advertised.size === 0, `${api.name} is added after the APIs were told`);
    this.#byKey.set(api.key, {
      handler,
      clientTimes: this.#requestTimes?.of(api.name, 'client') ?? null,
      peerTimes: this.#requestTimes?.of(api.name, 'replication') ?? null,
      clientVersions: this.#forClients(api.key, versions),
      clientAdvertised: this.#forClients(api.key, handler.advertised ?? versions),
      copies: handler.frame !== 'borrowed' && carriesBytes(api.definition.request.fields),
    });
  }

  get(apiKey: number): ServedApi<Context> | undefined {
    return this.#byKey.get(apiKey);
  }

  /** What ApiVersions tells on such a listener, in the order of the keys. */
  advertised(listener: ListenerPurpose): readonly ApiRange[] {
    const known = this.#advertised.get(listener);
    if (known) return known;
    const ranges = [...this.#byKey.values()]
      .filter(({ handler }) => isServedOn(handler, listener))
      .flatMap(({ handler, clientAdvertised }) => {
        const range = listener === 'client' ? clientAdvertised : (handler.advertised ?? handler.versions);
        if (range === null) return [];
        return [{ apiKey: handler.api.key, minVersion: range[0], maxVersion: range[1] }];
      })
      .sort((a, b) => a.apiKey - b.apiKey);
    this.#advertised.set(listener, ranges);
    return ranges;
  }

  #forClients(apiKey: number, [first, last]: Versions): Versions | null {
    if (!this.#clientVersions) return [first, last];
    const limit = Math.min(last, this.#clientVersions.get(apiKey) ?? -1);
    return limit < first ? null : [first, limit];
  }
}

/** The versions of an API that such a listener serves; null when it serves none. */
export function versionsOn(
  { handler, clientVersions }: ServedApi<never>,
  listener: ListenerPurpose,
): Versions | null {
  if (!isServedOn(handler, listener)) return null;
  return listener === 'client' ? clientVersions : handler.versions;
}

function isServedOn(handler: Handler<never>, listener: ListenerPurpose): boolean {
  return handler.listeners ? handler.listeners.includes(listener) : listener !== 'controller';
}
