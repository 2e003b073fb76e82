/**
 * Properties that every connector has because Kafka Connect itself reads them: none is a password, so they
 * are told before the connector has said anything. Of prefixes, what follows is a name that its user chose.
 */
const OF_CONNECT = new Set(
  'name connector.class connector.plugin.version tasks.max tasks.max.enforce key.converter value.converter header.converter transforms predicates config.action.reload topics topics.regex exactly.once.support transaction.boundary transaction.boundary.interval.ms offsets.storage.topic topic.creation.groups'.split(
    ' ',
  ),
);
const PREFIXES_OF_CONNECT = ['errors.', 'topic.creation.'];

/**
 * Properties that no definition knows, such as those a connector hands on to a client of its own: as clients
 * call their passwords.
 */
const SOUNDS_SECRET =
  /(passw|passphrase|secret|token|credential|api[._-]?key|access[._-]?key|private[._-]?key|ssl\.(keystore|key)|user\.info|jaas)/i;

/** Whether Kafka Connect itself reads the property, and it is no password. */
export function isOfConnect(property: string): boolean {
  return OF_CONNECT.has(property) || PREFIXES_OF_CONNECT.some((prefix) => property.startsWith(prefix));
}

/** `types`: of the properties that the connector's own definition has, in Kafka's words. */
export function isPassword(property: string, types: ReadonlyMap<string, string>): boolean {
  const type = types.get(property);
  return type === undefined ? SOUNDS_SECRET.test(property) : type === 'PASSWORD';
}
