import { brokerConfig } from '../../metadata/configs/broker-configs.ts';

type Properties = Readonly<Record<string, string>>;

/** What is in force in a cluster, and what is to be. */
export interface ConfigurationStep {
  /** Beneath every configuration of the cluster. */
  readonly base: Properties;
  readonly before: Properties;
  readonly after: Properties;
  /** What each kind of its nodes was started with: a change that needs no restart leaves that as it is. */
  readonly started: readonly Properties[];
}

/** What another revision means for a cluster, by the names of properties. */
export interface ConfigurationChange {
  /** In force at once, in all brokers. */
  readonly live: readonly string[];
  /** Read when a node starts: every node is restarted, one after another. */
  readonly rolling: readonly string[];
  /** Taken, and obeyed by nobody. */
  readonly withoutEffect: readonly string[];
}

export function configurationChange(step: ConfigurationStep): ConfigurationChange {
  const { base, before, after, started } = step;
  const names = [
    ...new Set([before, after, ...started].flatMap((properties) => Object.keys(properties))),
  ].sort();
  const wanted = (name: string) => after[name] ?? base[name];
  const isChanged = (name: string) => (before[name] ?? base[name]) !== wanted(name);
  const isStartedOtherwise = (name: string) =>
    started.some((properties) => (properties[name] ?? base[name]) !== wanted(name));
  return {
    live: names.filter((name) => kindOf(name) === 'live' && isChanged(name)),
    rolling: names.filter(
      (name) =>
        (kindOf(name) === 'rolling' && isStartedOtherwise(name)) ||
        // It can be unset only where it was set.
        (kindOf(name) === 'live' && liveValue(step, name) === null && isStartedOtherwise(name)),
    ),
    withoutEffect: names.filter((name) => kindOf(name) === 'withoutEffect' && isChanged(name)),
  };
}

/** The values of the live ones, as the default of all brokers; null takes the default away. */
export function liveValues(step: ConfigurationStep): Readonly<Record<string, string | null>> {
  return Object.fromEntries(configurationChange(step).live.map((name) => [name, liveValue(step, name)]));
}

/** Null where it is unset in Kafka as well. */
function liveValue({ base, after }: ConfigurationStep, name: string): string | null {
  return after[name] ?? base[name] ?? brokerConfig(name)?.fallback ?? null;
}

function kindOf(name: string): keyof ConfigurationChange {
  const key = brokerConfig(name);
  if (!key || key.obedience.when === 'never') return 'withoutEffect';
  return key.obedience.when === 'live' ? 'live' : 'rolling';
}
