import { keystore } from '../../security/certificates/pkcs12.ts';
import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { FORMAT_OPTIONS, pkcs12Seal } from './format-options.ts';
import { writeNewFile } from './new-file.ts';

export const caIssue: Command = {
  name: 'ca issue',
  summary: 'Issue a client certificate that is valid for 396 days, from a CA made with "millrace ca create".',
  takes: 'CA CLIENT',
  words: { min: 2, max: 2 },
  options: {
    ...FORMAT_OPTIONS,
    out: {
      value: 'FILE',
      help: 'Where certificate and key are written. Default: CLIENT.pem, or CLIENT.p12 for pkcs12',
    },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  more: 'For brokers, a client with this certificate is User:CN=CLIENT. The file contains the key, and only you can read it. As PKCS#12 it is a keystore for Java, with the certificates of the CA besides; its one entry is CLIENT.',
  async run(given, output) {
    const [ca = '', client = ''] = given.words;
    const seal = pkcs12Seal(given);
    const name = client.replaceAll(/[^\p{L}\p{N}.-]/gu, '_');
    const file = given.maybe('out') ?? `${name}.${seal ? 'p12' : 'pem'}`;
    const api = new ApiClient(given.text('api'));
    const path = ['millrace', 'v1', 'client-cas', ca, 'certificates'];
    const { certificate, privateKey, caCertificates } = await api.send('POST', path, { commonName: client });
    writeNewFile(
      file,
      seal
        ? keystore(seal, client, { certificate: `${certificate}${caCertificates}`, key: String(privateKey) })
        : `${certificate}${privateKey}`,
    );
    output.line(
      given.switched('json')
        ? JSON.stringify({ file, principal: `User:CN=${client}` })
        : `${file} has the certificate and the key of User:CN=${client}.`,
    );
    return 0;
  },
};
