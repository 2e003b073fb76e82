import { plainJsonText } from '../../base/plain-json.ts';
import { HIDDEN, PROVIDER } from '../secrets/reference.ts';

const BEGIN = `\${${PROVIDER}:`;
/** References to sealed values, which say where they are and not what. */
const REFERENCE = new RegExp(`\\$\\{${PROVIDER}:[^}]*\\}`, 'g');

/** Whether a request names a sealed value: a worker would put it in its place, and may say it then. */
export function namesSealed(body: unknown): boolean {
  return body !== undefined && plainJsonText(body).includes(BEGIN);
}

/**
 * Whether a request refers to any configuration provider: what that finds may be said by a worker that puts
 * it in its place.
 */
export function namesProvider(body: unknown): boolean {
  return body !== undefined && /\$\{[^}]*?:/.test(plainJsonText(body));
}

/**
 * An answer of a worker without the connector's secrets, wherever in it they are. `without` takes them out of
 * one text.
 */
export function masked(value: unknown, without: (text: string) => string): unknown {
  if (typeof value === 'string') return without(value.replaceAll(REFERENCE, HIDDEN));
  if (Array.isArray(value)) return value.map((one) => masked(one, without));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, masked(one, without)]));
  return value;
}
