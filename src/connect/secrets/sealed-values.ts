import { randomUUID } from 'node:crypto';
import { type ApiError, badRequest } from '../../control/aws/api-error.ts';
import type { SealedStore } from '../../control/sealed/sealed-store.ts';
import type { ConnectorValues } from '../../control/state/sealed-records.ts';
import { StoreError } from '../../control/state/store-error.ts';
import { isOfConnect, isPassword } from './password-property.ts';
import { HIDDEN, LOGIN, reference, referenced } from './reference.ts';

type Configuration = Readonly<Record<string, string>>;

/** A shorter text is part of so many words that leaving it out would say more than it hides. */
const SHORTEST_SECRET = 3;

/**
 * The sealed values of connectors: passwords, and for as long as a connector has not said which those are,
 * all that may be some.
 */
export class SealedValues {
  readonly #store: Pick<SealedStore, 'execute' | 'connectorValues'>;
  readonly #passwords: (uuid: string) => readonly string[];

  /** `passwords`: those by which the workers of a connector sign in, now and before. */
  constructor(
    store: Pick<SealedStore, 'execute' | 'connectorValues'>,
    passwords: (uuid: string) => readonly string[] = () => [],
  ) {
    this.#store = store;
    this.#passwords = passwords;
  }

  /** Of one connector, by name. */
  of(uuid: string): ConnectorValues {
    return this.#store.connectorValues.get(uuid) ?? {};
  }

  /**
   * The configuration as it may be written down: values that may be passwords are references to what is
   * sealed from now on.
   *
   * `before`: what the connector has now. The mask stands for the value that it hides, and of what is told
   * there another value is told, too. `providers`: names of configuration providers, references to which are
   * no secrets. Throws StoreError.
   */
  seal(
    uuid: string,
    asked: Configuration,
    before: Configuration,
    providers: ReadonlySet<string>,
  ): { readonly configuration: Configuration } | ApiError {
    const values: Record<string, string> = { ...this.of(uuid) };
    const configuration: Record<string, string> = {};
    for (const [property, value] of Object.entries(asked)) {
      const there = before[property];
      const hidden = there === undefined ? null : referenced(there);
      if (value === HIDDEN && hidden === null)
        return badRequest(
          `connectorConfiguration.${property} is ${HIDDEN}, and the connector has no hidden value for it: give the value itself.`,
          'connectorConfiguration',
        );
      const isKnown = isOfConnect(property) || (there !== undefined && hidden === null);
      if (hidden !== null && (value === HIDDEN || values[hidden] === value))
        configuration[property] = reference(hidden);
      else if ((isKnown && mayBeTold(value)) || asksProvider(value, providers))
        configuration[property] = value;
      else {
        const name = randomUUID();
        values[name] = value;
        configuration[property] = reference(name);
      }
    }
    return this.#put(uuid, values) ?? { configuration };
  }

  /**
   * The configuration once the connector's own definition is known: what that says to be no password is told.
   */
  told(uuid: string, configuration: Configuration, types: ReadonlyMap<string, string>): Configuration {
    const values = this.of(uuid);
    return Object.fromEntries(
      Object.entries(configuration).map(([property, value]) => {
        const clear = values[referenced(value) ?? ''];
        const isTold = clear !== undefined && !isPassword(property, types) && mayBeTold(clear);
        return [property, isTold ? clear : value];
      }),
    );
  }

  /**
   * Takes the place of the certificate by which the connector's workers signed in so far. Throws StoreError.
   */
  setLogin(uuid: string, login: ConnectorValues): void {
    const others = Object.entries(this.of(uuid)).filter(([name]) => !name.startsWith(LOGIN));
    this.#put(uuid, { ...Object.fromEntries(others), ...login });
  }

  /** Whether a connector's configuration has no values but these. */
  hasOnly(uuid: string, names: ReadonlySet<string>): boolean {
    return Object.keys(this.of(uuid)).every((name) => names.has(name) || name.startsWith(LOGIN));
  }

  /** Forgets all values of a connector's configuration but these. Throws StoreError. */
  keep(uuid: string, names: ReadonlySet<string>): void {
    const values = Object.entries(this.of(uuid));
    const kept = values.filter(([name]) => names.has(name) || name.startsWith(LOGIN));
    if (kept.length < values.length) this.#put(uuid, Object.fromEntries(kept));
  }

  /** Forgets the values of all connectors but these. Throws StoreError. */
  keepOf(uuids: ReadonlySet<string>): void {
    for (const uuid of [...this.#store.connectorValues.keys()]) if (!uuids.has(uuid)) this.remove(uuid);
  }

  /** Throws StoreError. */
  remove(uuid: string): void {
    this.#put(uuid, {});
  }

  /** What a connector, a worker or a plugin said, without the connector's secrets. */
  without(uuid: string, text: string): string {
    const secrets = [...Object.values(this.of(uuid)), ...this.#passwords(uuid)]
      .filter((value) => value.length >= SHORTEST_SECRET)
      // One may be the beginning of another.
      .sort((a, b) => b.length - a.length);
    return secrets.reduce((left, secret) => left.replaceAll(secret, HIDDEN), text);
  }

  #put(uuid: string, values: ConnectorValues): ApiError | null {
    const names = Object.keys(values);
    if (names.join() === Object.keys(this.of(uuid)).join()) return null;
    const record =
      names.length === 0
        ? ({ type: 'RemoveConnectorValuesRecord', uuid } as const)
        : ({ type: 'ConnectorValuesRecord', uuid, values } as const);
    try {
      return this.#store.execute(() => ({ records: [record], answer: null }));
    } catch (error) {
      if (!(error instanceof StoreError && error.code === 'FULL')) throw error;
      return badRequest(error.message, 'connectorConfiguration');
    }
  }
}

/** Told, a value that looks like our mask or one of our references would mean something else. */
function mayBeTold(value: string): boolean {
  return value !== HIDDEN && referenced(value) === null;
}

/**
 * Whether a configuration provider of the worker finds a part of the value, which is a reference then, in
 * Kafka's syntax.
 */
function asksProvider(value: string, providers: ReadonlySet<string>): boolean {
  return [...value.matchAll(/\$\{([^}]*?):(?:[^}]*?:)?[^}]*?\}/g)].some(([, provider = '']) =>
    providers.has(provider),
  );
}
