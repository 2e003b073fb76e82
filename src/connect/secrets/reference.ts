/** What stands for a password that is not told, as in Kafka's own answers. */
export const HIDDEN = '[hidden]';
/**
 * The configuration provider of every worker that finds sealed values; a worker configuration can have no
 * other one of this name.
 */
export const PROVIDER = 'millrace';
/** The descriptor by which a worker's process gets the values: they are in no file that has a name. */
export const VALUES_DESCRIPTOR = 3;
/** That descriptor as a file, as the worker itself sees it. */
export const VALUES_FILE = `/proc/self/fd/${VALUES_DESCRIPTOR}`;

/**
 * With what the names of values begin by which workers sign in to their cluster; others are values of a
 * configuration.
 */
export const LOGIN = 'sign-in.';

const BEGIN = `\${${PROVIDER}:${VALUES_FILE}:`;

/**
 * How a configuration names the sealed value of this name; Kafka Connect keeps that, and asks its provider
 * when a task starts.
 */
export function reference(name: string): string {
  return `${BEGIN}${name}}`;
}

/** The name of the sealed value that is meant; null where a value is none of our references. */
export function referenced(value: string): string | null {
  return value.startsWith(BEGIN) && value.endsWith('}') ? value.slice(BEGIN.length, -1) : null;
}

/** The names of all sealed values in a configuration. */
export function namesIn(configuration: Readonly<Record<string, string>>): string[] {
  return Object.values(configuration).flatMap((value) => referenced(value) ?? []);
}

/** A configuration as it is told: passwords, and what may be some, are not. */
export function withoutSecrets(configuration: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(configuration).map(([property, value]) => [
      property,
      referenced(value) === null ? value : HIDDEN,
    ]),
  );
}
