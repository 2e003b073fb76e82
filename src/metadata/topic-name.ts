/**
 * With this length a partition's folder name, and the suffix it gets when it is deleted, fit a file system's
 * 255 bytes.
 */
const TOPIC_NAME_LENGTH_MAX = 249;

/** Why the name cannot be a topic's, in Kafka's words; null when it can. */
export function checkTopicName(name: string): string | null {
  if (name === '') return 'Topic name is invalid: the empty string is not allowed';
  if (name === '.' || name === '..') return `Topic name is invalid: '${name}' is not allowed`;
  if (name.length > TOPIC_NAME_LENGTH_MAX)
    return `Topic name is invalid: the length of '${name}' is longer than the max allowed length ${TOPIC_NAME_LENGTH_MAX}`;
  if (!/^[a-zA-Z0-9._-]+$/.test(name))
    return `Topic name is invalid: '${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`;
  return null;
}

/** Names that are equal after this collide: metrics spell '.' as '_'. */
export function collisionName(name: string): string {
  return name.replaceAll('.', '_');
}

export function hasCollisionCharacters(name: string): boolean {
  return name.includes('.') || name.includes('_');
}
