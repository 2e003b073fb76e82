import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from '../failure.ts';

/**
 * Makes the data folder where it is not there. Callers know that the rest of the command line is right.
 * Throws Failure.
 */
export function makeDataFolder(dataDirectory: string): void {
  try {
    makeFolder(dataDirectory);
    accessSync(dataDirectory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new Failure(
      `The data folder ${dataDirectory} cannot be used (${String(error.code)}): choose another one with --data.`,
      { cause: error },
    );
  }
}

/** With its parents; mkdirSync's own `recursive` never returns below /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  mkdirSync(folder, 0o700);
}
