import type { ConnectClass, Plugin } from '../state/plugin.ts';
import type { PluginCheck } from './plugin-check.ts';

/** What a plugin is once Kafka Connect has loaded it. */
export type PluginVerdict = Pick<Plugin, 'state' | 'stateInfo' | 'classes'>;

/**
 * Plugins bring jars of Kafka along, Debezium's for one, which workers have anyway: their classes are not the
 * plugin's.
 */
const KAFKAS_OWN = 'org.apache.kafka.';
/** The API's answers have room for so much; the first causes say most. */
const MOST_MESSAGE_CHARS = 16_384;

/**
 * A plugin is for its connectors: where none of them can be loaded (or nothing else, in one without
 * connectors), it has failed. Classes beside them that cannot be loaded, for which people often leave out a
 * jar on purpose, are left out and told.
 */
export function verdictOf(
  { classes }: Pick<Plugin, 'classes'>,
  { found, failed }: PluginCheck,
  release: string,
): PluginVerdict {
  const known = new Map(classes.map((one) => [one.class, one]));
  const loaded = found
    .filter((one) => known.has(one.class) || !one.class.startsWith(KAFKAS_OWN))
    .map(
      ({ named: _, ...one }): ConnectClass => ({
        ...one,
        version: one.version ?? known.get(one.class)?.version ?? null,
      }),
    );
  const message = failed
    .map((one) => `Kafka Connect ${release} cannot load ${one.class}:\n${one.trace}`)
    .join('\n')
    .slice(0, MOST_MESSAGE_CHARS);
  const isUseful = classes.some(isConnector) ? loaded.some(isConnector) : loaded.length > 0;
  if (!isUseful)
    return {
      state: 'CREATE_FAILED',
      stateInfo: {
        code: 'LOAD_FAILED',
        message: message === '' ? `Kafka Connect ${release} finds nothing in it.` : message,
      },
      classes,
    };
  return {
    state: 'ACTIVE',
    stateInfo: failed.length === 0 ? null : { code: 'CLASSES_LEFT_OUT', message },
    classes: loaded,
  };
}

function isConnector({ type }: ConnectClass): boolean {
  return type === 'source' || type === 'sink';
}
