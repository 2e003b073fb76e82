import { writeFileSync } from 'node:fs';
import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { Failure } from '../failure.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';

export const caIssue: Command = {
  name: 'ca issue',
  summary: 'Issue a client certificate that is valid for 396 days, from a CA made with "millrace ca create".',
  takes: 'CA CLIENT',
  words: { min: 2, max: 2 },
  options: {
    out: { value: 'FILE', help: 'Where certificate and key are written. Default: CLIENT.pem' },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  more: 'For brokers, a client with this certificate is User:CN=CLIENT. The file contains the key, and only you can read it.',
  async run(given, output) {
    const [ca = '', client = ''] = given.words;
    const file = given.maybe('out') ?? `${client.replaceAll(/[^\p{L}\p{N}.-]/gu, '_')}.pem`;
    const api = new ApiClient(given.text('api'));
    const path = ['millrace', 'v1', 'client-cas', ca, 'certificates'];
    const { certificate, privateKey } = await api.send('POST', path, { commonName: client });
    write(file, `${certificate}${privateKey}`);
    output.line(
      given.switched('json')
        ? JSON.stringify({ file, principal: `User:CN=${client}` })
        : `${file} has the certificate and the key of User:CN=${client}.`,
    );
    return 0;
  },
};

/** Nothing that is there is overwritten: it may be a key. */
function write(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    throw new Failure(`${file} cannot be written: ${cause.message}. Choose another file with --out.`, {
      cause,
    });
  }
}
