import { randomBytes } from 'node:crypto';
import {
  accessSync,
  appendFileSync,
  constants,
  fchownSync,
  openSync,
  readFileSync,
  readlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readJavaProperties } from '../../base/java-properties.ts';
import { VALUES_DESCRIPTOR } from '../secrets/reference.ts';
import { propertiesText } from './properties-text.ts';

/** In memory, where the system has such a folder. */
const MEMORY = '/dev/shm';
const NAME = 'millrace-values-';

type Values = Readonly<Record<string, string>>;

/**
 * A file with the sealed values for a worker that is to be started, as a descriptor: it has lost its name
 * before anything is written, so it is gone with the last process that has it, and nobody finds it in a
 * folder. Whoever asked closes it. `user`: who may open it, beside this process.
 */
export function openValues(values: Values, user: number | null): number {
  const path = join(isWritable(MEMORY) ? MEMORY : tmpdir(), `${NAME}${randomBytes(12).toString('hex')}`);
  const descriptor = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  if (user !== null) fchownSync(descriptor, user, user);
  const bytes = Buffer.from(propertiesText(values));
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
  return descriptor;
}

/**
 * Gives a worker that runs the values that it does not have. They come behind the others, so that a worker
 * which reads meanwhile finds those whole. False when that cannot be: the worker must be started again.
 */
export function giveValues(pid: number, values: Values): boolean {
  const path = `/proc/${pid}/fd/${VALUES_DESCRIPTOR}`;
  try {
    // Another file there would be one of Java's.
    if (!readlinkSync(path).includes(`/${NAME}`)) return false;
    const there = readJavaProperties(readFileSync(path, 'utf8'));
    const known = 'reason' in there ? new Map() : there;
    const missing = Object.entries(values).filter(([name]) => !known.has(name));
    if (missing.length > 0) appendFileSync(path, propertiesText(Object.fromEntries(missing)));
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    // It ended meanwhile, and the next one begins with all.
    return error.code === 'ENOENT' || error.code === 'ESRCH';
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}
