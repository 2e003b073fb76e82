import { ApiClient } from '../api-client.ts';
import { findCluster } from '../clusters/clusters.ts';
import type { Command } from '../command.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';

const POLL_MS = 500;

interface ShownEvent {
  readonly id: number;
  readonly time: string;
  readonly clusterName: string | null;
  readonly message: string;
  readonly raw: object;
}

export const events: Command = {
  name: 'events',
  summary: 'Show what happened to all clusters or to one: creation, brokers lost and back, operations.',
  takes: '[NAME|ARN]',
  words: { min: 0, max: 1 },
  options: {
    follow: { short: 'f', help: 'Go on with what comes, until Ctrl-C.' },
    max: { value: 'N', help: 'Show the last N events.', default: '100' },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  more: 'With --json every event is one line. A name may be that of a cluster that is deleted.',
  async run(given, output) {
    const api = new ApiClient(given.text('api'));
    const [cluster] = given.words;
    let shown = await list(api, cluster, { maxResults: given.integer('max', { min: 1, max: 5_000 }) });
    // A cluster of which nothing is known may be misspelt.
    if (cluster !== undefined && shown.length === 0) await findCluster(api, cluster);
    let last = 0;
    for (;;) {
      for (const event of shown) {
        output.line(given.switched('json') ? JSON.stringify(event.raw) : text(event));
        last = event.id;
      }
      if (!given.switched('follow')) return 0;
      await new Promise((done) => setTimeout(done, POLL_MS));
      shown = await list(api, cluster, { after: last, maxResults: 5_000 });
    }
  },
};

async function list(
  api: ApiClient,
  cluster: string | undefined,
  range: Readonly<Record<string, number>>,
): Promise<ShownEvent[]> {
  const answer = await api.send('GET', ['millrace', 'v1', 'events'], {
    ...range,
    ...(cluster === undefined ? {} : { cluster }),
  });
  return Array.isArray(answer.events) ? answer.events.map(shownEvent) : [];
}

function shownEvent(value: unknown): ShownEvent {
  const raw: Record<string, unknown> = typeof value === 'object' && value !== null ? { ...value } : {};
  return {
    id: Number(raw.id),
    time: String(raw.time),
    clusterName: typeof raw.clusterName === 'string' ? raw.clusterName : null,
    message: String(raw.message),
    raw,
  };
}

function text({ time, clusterName, message }: ShownEvent): string {
  return `${time}  ${clusterName === null ? '' : `${clusterName}: `}${message}`;
}
