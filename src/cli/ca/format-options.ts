import { randomBytes } from 'node:crypto';
import { type Pkcs12Seal, wrongPkcs12Password } from '../../security/certificates/pkcs12.ts';
import type { Given, Option } from '../command.ts';
import { Failure } from '../failure.ts';
import { passwordIn } from '../password-file.ts';

const FORMATS = ['pem', 'pkcs12'] as const;

export const FORMAT_OPTIONS: Readonly<Record<string, Option>> = {
  format: {
    value: 'FORMAT',
    choices: FORMATS,
    help: 'pem, or pkcs12 for programs that do not read PEM.',
    default: 'pem',
  },
  'password-file': {
    value: 'FILE',
    help: 'With pkcs12: the first line of FILE is the password of what is written, and - is standard input.',
  },
};

/** What seals a PKCS#12 file; null where PEM is asked for. Throws Failure. */
export function pkcs12Seal(given: Given): Pkcs12Seal | null {
  const file = given.maybe('password-file');
  if (given.choice('format', FORMATS) === 'pem') {
    if (file === undefined) return null;
    throw new Failure('--password-file goes with --format pkcs12: PEM is written without a password.', {
      exit: 'usage',
    });
  }
  if (file === undefined)
    throw new Failure('--format pkcs12 needs --password-file FILE: the password of what is written.', {
      exit: 'usage',
    });
  const password = passwordIn(file);
  const wrong = wrongPkcs12Password(password);
  if (wrong !== null) throw new Failure(wrong);
  return { random: { bytes: randomBytes }, password };
}
