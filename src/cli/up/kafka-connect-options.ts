import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ControlOptions } from '../../control/control.ts';
import type { Given, Option } from '../command.ts';
import { Failure } from '../failure.ts';

/** Where Kafka Connect comes from, which runs connectors of plugins. */
export const KAFKA_CONNECT_OPTIONS: Readonly<Record<string, Option>> = {
  'kafka-home': {
    value: 'DIR',
    help: 'Folder of a release of Apache Kafka, whose Connect runs connectors. Default: KAFKA_HOME.',
  },
  'kafka-archive': {
    value: 'FILE|URL',
    help: 'Fetch that release instead: its .tgz, which is kept in the data folder. Needs --kafka-sha512.',
  },
  'kafka-sha512': { value: 'DIGITS', help: 'The SHA-512 that the archive must have.' },
  'kafka-from-maven': {
    help: 'Fetch the jars of Kafka Connect through Maven, which must be installed, and keep them in the data folder.',
  },
};

/** What the command line and KAFKA_HOME (`home`) say of it. Throws Failure. */
export function kafkaConnectOf(
  given: Given,
  home: string | undefined,
): Pick<ControlOptions, 'kafkaHome' | 'kafkaConnect'> {
  const ways = ['kafka-home', 'kafka-archive', 'kafka-from-maven'].filter((name) => given.has(name));
  if (ways.length > 1)
    throw new Failure(`Say one of ${ways.map((name) => `--${name}`).join(' and ')}.`, { exit: 'usage' });
  const location = given.maybe('kafka-archive');
  const sha512 = given.maybe('kafka-sha512');
  if ((location === undefined) !== (sha512 === undefined))
    throw new Failure('--kafka-archive and --kafka-sha512 go together.', { exit: 'usage' });
  if (location !== undefined && sha512 !== undefined)
    return { kafkaConnect: { kind: 'archive', location: place(location), sha512: digits(sha512) } };
  if (given.switched('kafka-from-maven')) return { kafkaConnect: { kind: 'maven' } };
  const named = given.maybe('kafka-home');
  // KAFKA_HOME may be set for other programs.
  if (named !== undefined && !hasConnect(named))
    throw new Failure(
      `There is no Kafka Connect in ${named}: --kafka-home must be the folder of a release of Apache Kafka, which has connect-runtime among its libs.`,
    );
  const kafkaHome = named ?? home;
  return kafkaHome ? { kafkaHome: resolve(kafkaHome) } : {};
}

function hasConnect(home: string): boolean {
  return [join(home, 'libs'), home].some(
    (folder) =>
      statSync(folder, { throwIfNoEntry: false })?.isDirectory() &&
      readdirSync(folder).some((name) => name.startsWith('connect-runtime-')),
  );
}

function place(location: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(location)) {
    // Whether the file is there is looked at when it is known that it is needed.
    return resolve(location);
  }
  const url = URL.canParse(location) ? new URL(location) : null;
  if (
    url === null ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.username !== '' ||
    url.password !== ''
  )
    throw new Failure(
      `--kafka-archive must be an http or https URL without a password in it, not "${location}".`,
      { exit: 'usage' },
    );
  return url.href;
}

/** Apache writes them in groups, in upper case. */
function digits(text: string): string {
  const plain = text.replace(/\s/g, '').toLowerCase();
  if (!/^[0-9a-f]{128}$/.test(plain))
    throw new Failure(
      '--kafka-sha512 must be 128 hexadecimal digits: those of the .sha512 beside the archive.',
      {
        exit: 'usage',
      },
    );
  return plain;
}
