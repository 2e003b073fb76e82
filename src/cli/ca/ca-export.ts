import { truststore } from '../../security/certificates/pkcs12.ts';
import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { Failure } from '../failure.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { FORMAT_OPTIONS, pkcs12Seal } from './format-options.ts';
import { writeNewFile } from './new-file.ts';

/** The name of the entry in a truststore. */
const ALIAS = 'millrace-ca';

export const caExport: Command = {
  name: 'ca export',
  summary: 'Print what clients of encrypted clusters trust, as PEM: millrace ca export > ca.pem',
  options: {
    ...FORMAT_OPTIONS,
    out: { value: 'FILE', help: 'Write it to FILE, which only you can read. Needed for pkcs12.' },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  more: `As PKCS#12 it is a truststore for Java, whose entries are ${ALIAS}, ${ALIAS}-2 … while there is more than one CA.`,
  async run(given, output) {
    const file = given.maybe('out');
    const seal = pkcs12Seal(given);
    if (seal && file === undefined)
      throw new Failure('--format pkcs12 needs --out FILE: it is no text.', { exit: 'usage' });
    const pem = await new ApiClient(given.text('api')).text(['ca.pem']);
    const isJson = given.switched('json');
    if (file === undefined) {
      output.line(isJson ? JSON.stringify({ certificates: pem }) : pem.trimEnd());
      return 0;
    }
    writeNewFile(file, seal ? truststore(seal, ALIAS, pem) : pem);
    output.line(isJson ? JSON.stringify({ file }) : `${file} has what clients trust.`);
    return 0;
  },
};
