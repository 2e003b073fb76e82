import { brokerConfig, brokerConfigs, validateBrokerProperties } from '../metadata/configs/broker-configs.ts';
import { configConflict } from '../metadata/configs/config-conflicts.ts';
import { object, shown, unknown } from './option-values.ts';

/**
 * What a node is told by whoever starts it, as Kafka's server.properties have it: not for a user of the
 * library to say.
 */
const OF_NODE: ReadonlyMap<string, string> = new Map([
  ['advertised.listeners', 'the options advertise and listeners say what clients are told'],
  ['broker.id', 'brokers are numbered from 1'],
  ['broker.rack', 'broker n is in zone n'],
  ['controller.listener.names', 'the cluster has a controller of its own'],
  ['controller.quorum.bootstrap.servers', 'the cluster has a controller of its own'],
  ['controller.quorum.voters', 'the cluster has a controller of its own'],
  ['inter.broker.listener.name', 'brokers reach each other by a listener of their own'],
  ['listener.security.protocol.map', 'every listener is PLAINTEXT'],
  ['listeners', 'the options host, port and listeners say where brokers listen'],
  ['log.dir', 'the option dataDirectory says where the data is'],
  ['log.dirs', 'the option dataDirectory says where the data is'],
  ['metadata.log.dir', 'the option dataDirectory says where the data is'],
  ['node.id', 'brokers are numbered from 1'],
  ['process.roles', 'the cluster has a controller of its own'],
  ['security.inter.broker.protocol', 'every listener is PLAINTEXT'],
]);

export function isOfNode(name: string): boolean {
  return OF_NODE.has(name);
}

export function readBrokerConfig(given: unknown): Record<string, string> {
  const texts = configTexts(given, 'config');
  for (const name of Object.keys(texts)) {
    const why = OF_NODE.get(name);
    if (why !== undefined) throw new TypeError(`config: ${name} cannot be chosen: ${why}.`);
    if (!brokerConfig(name)) throw unknown(`config has no ${name}`, name, [...brokerConfigs.keys()]);
  }
  const wrong = validateBrokerProperties(texts);
  if (wrong !== null) throw new TypeError(`config: ${wrong}${whichOf(texts, wrong)}`);
  return texts;
}

/**
 * What was given that does not go together: the sentence may be about another config, whose value follows
 * from it. A folder that an earlier release filled is as good without.
 */
function whichOf(texts: Readonly<Record<string, string>>, wrong: string): string {
  const conflict = (configs: Readonly<Record<string, string>>) =>
    configConflict((name) => configs[name] ?? null)?.message;
  if (conflict(texts) !== wrong) return '';
  const guilty = Object.entries(texts).filter(([name, value]) => {
    const { [name]: _, ...others } = texts;
    return conflict(others) !== wrong || conflict({ [name]: value }) === wrong;
  });
  const given = guilty.map(([name, value]) => `${name}=${value}`).join(', ');
  return ` (given: ${given}). Change or leave out what was given: dataDirectory does not store it.`;
}

/** Kafka's texts of configs; numbers, bigints and booleans are written as Kafka writes them. */
export function configTexts(given: unknown, at: string): Record<string, string> {
  if (given === undefined) return {};
  return Object.fromEntries(
    Object.entries(object(given, at)).flatMap(([name, value]): [string, string][] => {
      if (value === undefined) return [];
      if (!['string', 'number', 'bigint', 'boolean'].includes(typeof value))
        throw new TypeError(`${at}: ${name} must be a string, a number or a boolean, not ${shown(value)}.`);
      return [[name, String(value)]];
    }),
  );
}
