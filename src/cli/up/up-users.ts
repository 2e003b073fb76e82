import { existsSync, statSync } from 'node:fs';
import type { DemoUser } from '../../control/steps/demo-users.ts';
import type { Given } from '../command.ts';
import { Failure } from '../failure.ts';
import { passwordIn, STANDARD_INPUT } from '../password-file.ts';

/** What the name of a secret of Secrets Manager can have, for a secret is named after the user. */
const USER = /^[A-Za-z0-9/_+=.@-]{1,64}$/;

/**
 * The users of `--scram USER:FILE,…` with the passwords in these files: in the arguments of a process every
 * user of the machine could read them. Throws Failure.
 */
export function upUsers(given: Given): DemoUser[] {
  return namedUsers(given).map(({ name, file }) => ({ name, password: passwordIn(file) }));
}

/**
 * Throws as `upUsers` does, and leaves to that what can be read only once: standard input, and what is no
 * file (a pipe).
 */
export function checkUsers(given: Given): void {
  for (const { file } of namedUsers(given))
    if (file !== STANDARD_INPUT && (!existsSync(file) || statSync(file).isFile())) passwordIn(file);
}

function namedUsers(given: Given): { readonly name: string; readonly file: string }[] {
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
  return users;
}
