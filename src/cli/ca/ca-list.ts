import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';

export const caList: Command = {
  name: 'ca list',
  summary: 'List the CAs for client certificates.',
  options: { ...API_OPTION, ...JSON_OPTION },
  async run(given, output) {
    const { clientCas } = await new ApiClient(given.text('api')).send('GET', [
      'millrace',
      'v1',
      'client-cas',
    ]);
    const cas: readonly unknown[] = Array.isArray(clientCas) ? clientCas : [];
    if (given.switched('json')) output.line(JSON.stringify(cas));
    else if (cas.length === 0)
      output.line('There is no CA of clients: see "millrace ca import" and "millrace ca create".');
    else for (const ca of cas) output.line(described(ca));
    return 0;
  },
};

function described(ca: unknown): string {
  const { arn, signsHere } =
    typeof ca === 'object' && ca !== null ? { arn: '', signsHere: false, ...ca } : {};
  return `${arn}  ${signsHere ? 'signs here' : 'imported'}`;
}
