import { readFileSync } from 'node:fs';
import { withoutByteOrderMark } from '../base/byte-order-mark.ts';
import { Failure } from './failure.ts';
import { unreadable } from './unreadable.ts';

/** Stands for standard input in the place of a file. */
export const STANDARD_INPUT = '-';

/**
 * The first line of a file: in the arguments of a process every user of the machine could read it. Throws
 * Failure where it cannot be read or is empty.
 */
export function passwordIn(file: string): string {
  let text: string;
  try {
    text = readFileSync(file === STANDARD_INPUT ? 0 : file, 'utf8');
  } catch (error) {
    throw unreadable(`The password in ${file}`, error);
  }
  const [password = ''] = withoutByteOrderMark(text).split(/\r?\n/);
  if (password === '') throw new Failure(`The first line of ${file} is to be a password, and is empty.`);
  return password;
}
