import { readFileSync } from 'node:fs';
import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { unreadable } from '../unreadable.ts';

export const caImport: Command = {
  name: 'ca import',
  summary: 'Import a CA whose key is kept elsewhere, so that clusters can accept its client certificates.',
  takes: 'NAME FILE',
  words: { min: 2, max: 2 },
  options: { ...API_OPTION, ...JSON_OPTION },
  more: 'FILE has its certificate as PEM, and those up to its root. The ARN that is printed goes into certificateAuthorityArnList of a cluster.',
  async run(given, output) {
    const [name = '', file = ''] = given.words;
    const { arn } = await new ApiClient(given.text('api')).send('POST', ['millrace', 'v1', 'client-cas'], {
      name,
      certificates: textOf(file),
    });
    output.line(given.switched('json') ? JSON.stringify({ name, arn }) : String(arn));
    return 0;
  },
};

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(`The file ${file}`, error);
  }
}
