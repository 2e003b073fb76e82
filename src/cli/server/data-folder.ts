import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ApiClient } from '../api-client.ts';
import type { Given, Option } from '../command.ts';
import { Failure } from '../failure.ts';
import { API_OPTION } from '../options.ts';

/** Where `millrace up` keeps everything unless it is told. */
export const DEFAULT_DATA = './millrace-data';

/** Options of commands about a `millrace up` and its files. */
export const SERVER_OPTIONS: Readonly<Record<string, Option>> = {
  data: {
    value: 'DIR',
    help: `The data folder of the running Millrace. Default: the folder of the one that answers at --api, else ${DEFAULT_DATA}`,
  },
  ...API_OPTION,
};

type Place = Pick<Given, 'maybe' | 'text' | 'has'>;

/**
 * The data folder that a command is about: that of --data, else that of the Millrace which answers at --api,
 * else the default one. Throws Failure when there is no such folder on this machine.
 */
export async function dataFolder(given: Place): Promise<string> {
  const named = given.maybe('data');
  if (named !== undefined) return there(resolve(named), `There is no folder ${resolve(named)}.`);
  const api = given.text('api');
  const answer = await answering(given);
  if (!answer)
    return there(
      resolve(DEFAULT_DATA),
      `No Millrace answers at ${api}, and there is no data folder ${resolve(DEFAULT_DATA)}: name one with --data.`,
    );
  const folder = String(answer.dataDirectory);
  return there(
    folder,
    `The Millrace at ${api} keeps its data in ${folder}, which is not on this machine: run this command where that folder is, in its container mostly.`,
  );
}

/** The same for a command that works without a folder, too. */
export async function dataFolderOrDefault(given: Place): Promise<string> {
  const named = given.maybe('data');
  if (named !== undefined) return resolve(named);
  const answer = await answering(given);
  return answer && existsSync(String(answer.dataDirectory))
    ? String(answer.dataDirectory)
    : resolve(DEFAULT_DATA);
}

/** What the Millrace at --api says of itself; null when none answers at an address that nobody named. */
export async function answering(given: Place): Promise<Record<string, unknown> | null> {
  try {
    return await new ApiClient(given.text('api')).send('GET', ['millrace', 'v1', 'server']);
  } catch (error) {
    if (error instanceof Failure && error.code === 'unreachable' && !given.has('api')) return null;
    throw error;
  }
}

function there(folder: string, otherwise: string): string {
  if (!existsSync(folder)) throw new Failure(otherwise, { exit: 'unreachable' });
  return folder;
}
