import { type Finding, ok } from '../finding.ts';

/** `addresses`: what the name localhost is here, in the order in which programs try them. */
export function localhostFinding(addresses: readonly string[]): Finding {
  const check = 'localhost';
  const [first] = addresses;
  if (!addresses.includes('127.0.0.1'))
    return {
      check,
      level: 'warning',
      found: `The name localhost is ${first === undefined ? 'not known' : addresses.join(', ')} here, and Millrace listens on 127.0.0.1.`,
      advice: 'Add "127.0.0.1 localhost" to /etc/hosts, or give clients 127.0.0.1.',
    };
  if (first !== '127.0.0.1')
    return {
      check,
      level: 'note',
      found: `The name localhost is ${addresses.join(', ')} here: programs try ${first} first, where Millrace does not listen.`,
      advice: 'Give clients 127.0.0.1, which "millrace up" prints, and not localhost.',
    };
  return ok(check, 'The name localhost is 127.0.0.1.');
}
