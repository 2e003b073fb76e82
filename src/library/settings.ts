import { resolve } from 'node:path';
import { type Logger, silent } from '../base/log.ts';
import { usesTls } from '../security/protocol.ts';
import { readBrokerConfig } from './config-option.ts';
import { type ClientListener, readListeners, readPort } from './listener-option.ts';
import { fields, integer, object, shown, text } from './option-values.ts';
import type { ApiOptions, LogLevel, StartClusterOptions } from './options.ts';
import { readTopics, type WantedTopic } from './topic-option.ts';

/** MSK's quota for one cluster. */
const MOST_BROKERS = 60;
const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
const MEMBERS: readonly (keyof StartClusterOptions)[] = [
  'advertise',
  'api',
  'brokers',
  'config',
  'dataDirectory',
  'host',
  'listeners',
  'log',
  'port',
  'signIn',
  'tls',
  'topics',
  'users',
];
const API_MEMBERS: readonly (keyof ApiOptions)[] = ['clusterName', 'port'];

/** The options, complete and checked. */
export interface Settings {
  readonly brokers: number;
  readonly config: Readonly<Record<string, string>>;
  readonly topics: readonly WantedTopic[];
  /** Absolute; null for a temporary one. */
  readonly dataDirectory: string | null;
  /** The first is the one that `bootstrap` names. */
  readonly listeners: readonly ClientListener[];
  /** Passwords by user name. */
  readonly users: ReadonlyMap<string, string>;
  readonly api: { readonly port: number; readonly clusterName: string } | null;
  readonly log: Logger | LogLevel;
}

/**
 * Throws a TypeError for the first thing that is wrong; types are checked again, since JavaScript has
 * none.
 */
export function readOptions(given: unknown): Settings {
  const options = fields(given, 'startCluster', MEMBERS);
  const brokers = integer(options.brokers, 'brokers', { min: 1, max: MOST_BROKERS, fallback: 1 });
  const dataDirectory = text(options.dataDirectory, 'dataDirectory');
  const listeners = readListeners(options, brokers);
  const api = readApi(options.api);
  if (api !== null && listeners[0] && usesTls(listeners[0].security))
    throw new TypeError(
      'api cannot be combined with tls: the API tells of addresses without TLS only. Put tls on one of the listeners instead.',
    );
  return {
    brokers,
    config: readBrokerConfig(options.config),
    topics: readTopics(options.topics, brokers),
    dataDirectory: dataDirectory === undefined ? null : resolve(dataDirectory),
    listeners,
    users: readUsers(options.users),
    api,
    log: readLog(options.log),
  };
}

function readApi(given: unknown): Settings['api'] {
  if (given === undefined || given === false) return null;
  const options = given === true ? {} : fields(given, 'api', API_MEMBERS);
  const clusterName = text(options.clusterName, 'api.clusterName') ?? 'test';
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/.test(clusterName))
    throw new TypeError(
      `api.clusterName must have 1 to 64 letters, digits and hyphens and begin with a letter or digit, not "${clusterName}".`,
    );
  return { port: readPort(options.port, 'api.port', 1), clusterName };
}

function readUsers(given: unknown): ReadonlyMap<string, string> {
  const users = given === undefined ? {} : object(given, 'users');
  return new Map(
    Object.entries(users).map(([name, password]) => {
      if (name === '') throw new TypeError('users: the name of a user must not be empty.');
      if (typeof password !== 'string' || password === '')
        throw new TypeError(`users.${name} must be a password: a string that is not empty.`);
      return [name, password];
    }),
  );
}

function readLog(given: unknown): Logger | LogLevel {
  if (given === undefined) return silent;
  const level = LOG_LEVELS.find((one) => one === given);
  if (level) return level;
  if (isLogger(given)) return given;
  throw new TypeError(
    `log must be one of ${LOG_LEVELS.join(', ')}, or a logger with the methods ${[...LOG_LEVELS, 'child'].join(', ')}, not ${shown(given)}.`,
  );
}

function isLogger(given: unknown): given is Logger {
  return (
    typeof given === 'object' &&
    given !== null &&
    [...LOG_LEVELS, 'child'].every((method) => typeof Reflect.get(given, method) === 'function')
  );
}
