import { readFileSync } from 'node:fs';
import type { DemoUser } from '../../control/steps/demo-users.ts';
import type { Given } from '../command.ts';
import { Failure } from '../failure.ts';

/** What the name of a secret of Secrets Manager can have, for a secret is named after the user. */
const USER = /^[A-Za-z0-9/_+=.@-]{1,64}$/;
/** Stands for standard input in the place of a file. */
const STANDARD_INPUT = '-';

/**
 * The users of `--scram USER:FILE,…` with the passwords in these files: in the arguments of a process every
 * user of the machine could read them. Throws Failure.
 */
export function upUsers(given: Given): DemoUser[] {
  const asked = given.maybe('scram');
  if (asked === undefined) return [];
  const users = asked.split(',').map((one) => {
    const [, name = '', file = ''] = /^([^:]*):(.+)$/.exec(one) ?? [];
    if (!USER.test(name) || file === '')
      throw new Failure(
        `--scram takes USER:FILE, where the first line of FILE is the password (- is standard input), not "${one}".`,
        { exit: 'usage' },
      );
    return { name, file };
  });
  if (new Set(users.map(({ name }) => name)).size < users.length)
    throw new Failure('--scram names a user twice.', { exit: 'usage' });
  if (users.filter(({ file }) => file === STANDARD_INPUT).length > 1)
    throw new Failure('--scram takes one password from standard input.', { exit: 'usage' });
  return users.map(({ name, file }) => ({ name, password: passwordIn(file) }));
}

function passwordIn(file: string): string {
  let text: string;
  try {
    text = readFileSync(file === STANDARD_INPUT ? 0 : file, 'utf8');
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    throw new Failure(`The password in ${file} cannot be read: ${cause.message}.`, { cause });
  }
  const [password = ''] = text.split(/\r?\n/);
  if (password === '') throw new Failure(`The first line of ${file} is to be a password, and is empty.`);
  return password;
}
