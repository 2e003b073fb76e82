import { readFileSync } from 'node:fs';
import type { Login } from '../../kafka-client/connections/client-options.ts';
import { Failure } from '../failure.ts';
import { unreadable } from '../unreadable.ts';

/** What a file of client settings says. */
export interface ClientFile {
  readonly bootstrap?: string;
  readonly isEncrypted?: boolean;
  /** A file. */
  readonly ca?: string;
  readonly login?: Login;
}

const KEYS = [
  'bootstrap.servers',
  'security.protocol',
  'ssl.ca.location',
  'sasl.mechanism',
  'sasl.mechanisms',
  'sasl.username',
  'sasl.password',
];
const MECHANISMS = ['SCRAM-SHA-512', 'SCRAM-SHA-256'] as const;
const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'];

/**
 * Lines `key=value` with kcat's names, as "clusters client-config --tool kcat" prints them. Other keys are
 * refused by name.
 */
export function readClientFile(path: string): ClientFile {
  const settings = readSettings(path);
  const wrong = (sentence: string): Failure => new Failure(`${path}: ${sentence}.`, { exit: 'usage' });
  const protocol = settings.get('security.protocol')?.toUpperCase();
  if (protocol !== undefined && !PROTOCOLS.includes(protocol))
    throw wrong(`security.protocol must be one of ${PROTOCOLS.join(', ')}`);
  const user = settings.get('sasl.username');
  const password = settings.get('sasl.password');
  if ((user === undefined) !== (password === undefined))
    throw wrong('sasl.username and sasl.password belong together');
  if (protocol?.startsWith('SASL_') && user === undefined)
    throw wrong(`security.protocol=${protocol} needs sasl.username and sasl.password`);
  const named = settings.get('sasl.mechanism') ?? settings.get('sasl.mechanisms') ?? MECHANISMS[0];
  const mechanism = MECHANISMS.find((one) => one === named);
  if (!mechanism) throw wrong(`sasl.mechanism must be one of ${MECHANISMS.join(', ')}`);
  const bootstrap = settings.get('bootstrap.servers');
  const ca = settings.get('ssl.ca.location');
  return {
    ...(bootstrap === undefined ? {} : { bootstrap }),
    ...(ca === undefined ? {} : { ca }),
    isEncrypted: protocol === undefined ? ca !== undefined : protocol.endsWith('SSL'),
    ...(user !== undefined && password !== undefined ? { login: { mechanism, user, password } } : {}),
  };
}

function readSettings(path: string): Map<string, string> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable(`The file ${path} of --config, with settings to sign in,`, error, {
      exit: 'usage',
      advice: path.includes('=') ? 'Configs are words without an option before them: KEY=VALUE.' : '',
    });
  }
  const settings = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, key = '', value = ''] = /^\s*([^=]+?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (!KEYS.includes(key))
      throw new Failure(`${path}, line ${index + 1}: "${key || line}" is none of ${KEYS.join(', ')}.`, {
        exit: 'usage',
      });
    settings.set(key, value);
  }
  return settings;
}
