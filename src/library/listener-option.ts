import { isIP } from 'node:net';
import { tlsName } from '../control/access/tls-names.ts';
import { type SecurityProtocol, securityProtocol } from '../security/protocol.ts';
import { fields, integer, object, text } from './option-values.ts';
import type { ListenerOptions } from './options.ts';
import { type ListenerTlsSettings, readTls } from './tls-option.ts';

const MEMBERS: readonly (keyof ListenerOptions)[] = ['advertise', 'host', 'port', 'signIn', 'tls'];
const LOOPBACK = '127.0.0.1';
const EVERY_ADDRESS = ['0.0.0.0', '::'];
const LAST_PORT = 65_535;
/** The name of the listener that every cluster has. */
export const FIRST_LISTENER = 'CLIENT';
export const REPLICATION_LISTENER = 'REPLICATION';
const TAKEN_NAMES = [FIRST_LISTENER, REPLICATION_LISTENER, 'CONTROLLER'];

/** Where brokers listen for clients. */
export interface ClientListener {
  readonly name: string;
  readonly host: string;
  /** Of broker 1; 0 takes free ones. */
  readonly port: number;
  readonly advertise: string;
  readonly security: SecurityProtocol;
  /** Null where nothing is encrypted. */
  readonly tls: ListenerTlsSettings | null;
}

export function readListeners(
  options: { readonly [name in keyof ListenerOptions | 'listeners']?: unknown },
  brokers: number,
): ClientListener[] {
  const more = options.listeners === undefined ? {} : object(options.listeners, 'listeners');
  const { host, port, advertise, signIn, tls } = options;
  const all = [
    readListener(FIRST_LISTENER, { host, port, advertise, signIn, tls }, '', brokers),
    ...Object.entries(more).map(([name, listener]) => {
      if (!/^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(name) || TAKEN_NAMES.includes(name.toUpperCase()))
        throw new TypeError(
          `listeners: "${name}" cannot be a listener's name: letters, digits, _ and - can, but not ${TAKEN_NAMES.join(', ')}.`,
        );
      return readListener(
        name,
        fields(listener, `listeners.${name}`, MEMBERS),
        `listeners.${name}.`,
        brokers,
      );
    }),
  ];
  const ports = all.flatMap(({ port: first }) =>
    first === 0 ? [] : Array.from({ length: brokers }, (_, i) => first + i),
  );
  const twice = ports.find((one, index) => ports.indexOf(one) !== index);
  if (twice !== undefined)
    throw new TypeError(
      `Two listeners would have port ${twice}: broker n takes the listener's port plus n - 1.`,
    );
  return all;
}

function readListener(
  name: string,
  options: { readonly [name in keyof ListenerOptions]?: unknown },
  at: string,
  brokers: number,
): ClientListener {
  const host = hostName(options.host, `${at}host`) ?? LOOPBACK;
  const tls = readTls(options.tls, `${at}tls`);
  const advertise =
    hostName(options.advertise, `${at}advertise`) ?? (tls ? (tlsName(host, 1) ?? host) : host);
  if (EVERY_ADDRESS.includes(advertise))
    throw new TypeError(
      `${at}advertise is missing: clients cannot connect to ${advertise}, so say by which name they reach this machine.`,
    );
  if (tls && !isTlsName(advertise))
    throw new TypeError(
      `${at}advertise must be a DNS name such as localhost, not ${advertise}: not every client finds another in a certificate.`,
    );
  const { signIn } = options;
  if (signIn !== undefined && signIn !== 'scram')
    throw new TypeError(`${at}signIn can only be "scram", not ${JSON.stringify(signIn)}.`);
  return {
    name,
    host,
    advertise,
    port: readPort(options.port, `${at}port`, brokers),
    security: securityProtocol({ tls: tls !== null, sasl: signIn !== undefined }),
    tls,
  };
}

/** librdkafka finds no addresses in certificates, and Node no names below localhost. */
function isTlsName(name: string): boolean {
  return isIP(name) === 0 && !name.endsWith('.localhost');
}

export function readPort(given: unknown, at: string, brokers: number): number {
  const port = integer(given, at, { min: 0, max: LAST_PORT, fallback: 0 });
  const last = port + brokers - 1;
  if (port !== 0 && last > LAST_PORT)
    throw new TypeError(`${at} is too high: broker ${brokers} would have port ${last}.`);
  return port;
}

function hostName(given: unknown, at: string): string | undefined {
  const name = text(given, at);
  if (name === undefined || isIP(name) !== 0 || /^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})$/.test(name))
    return name;
  throw new TypeError(`${at} must be a host name or an address, not "${name}".`);
}
