import type { Validate } from './config-key.ts';
import { noEmptyValues } from './config-valid.ts';

/** By what a subscription to client metrics chooses clients (KIP-714). */
const SELECTORS: ReadonlySet<string> = new Set([
  'client_id',
  'client_instance_id',
  'client_software_name',
  'client_software_version',
  'client_source_address',
  'client_source_port',
]);

/** A list of selector=pattern. */
export const clientMatches: Validate = (value, name) => {
  if (typeof value !== 'object') return null;
  const wrong = value.find((match) => match !== '' && !isMatch(match));
  return (
    noEmptyValues(value, name) ?? (wrong === undefined ? null : `Illegal client matching pattern: ${wrong}`)
  );
};

function isMatch(match: string): boolean {
  const [selector = '', pattern = '', ...more] = match.split('=').map((part) => part.trim());
  return SELECTORS.has(selector) && pattern !== '' && more.length === 0 && isPattern(pattern);
}

/** Whether Java takes it for a regular expression, as far as JavaScript can tell: `x{` is none to Java. */
function isPattern(pattern: string): boolean {
  try {
    new RegExp(JAVA_ONLY.reduce((text, [syntax, same]) => text.replace(syntax, same), pattern));
    return true;
  } catch {
    // Nothing matches against it here: that it is none is all there is to know.
    return false;
  }
}

/** What Java's expressions have and JavaScript's do not, and what may stand in its place. */
const JAVA_ONLY: readonly (readonly [syntax: RegExp, same: string])[] = [
  [/\\Q.*?(\\E|$)/g, 'q'],
  [/\(\?[idmsuxU]*(-[idmsuxU]+)?\)/g, ''],
  [/\(\?([idmsuxU]*(-[idmsuxU]+)?:|>)/g, '(?:'],
  [/([*+?}])\+/g, '$1'],
];
