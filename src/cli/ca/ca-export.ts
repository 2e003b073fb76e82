import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';

export const caExport: Command = {
  name: 'ca export',
  summary: 'Print what clients of encrypted clusters trust, as PEM: millrace ca export > ca.pem',
  options: { ...API_OPTION, ...JSON_OPTION },
  async run(given, output) {
    const pem = await new ApiClient(given.text('api')).text(['ca.pem']);
    output.line(given.switched('json') ? JSON.stringify({ certificates: pem }) : pem.trimEnd());
    return 0;
  },
};
