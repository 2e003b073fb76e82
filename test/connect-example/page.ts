import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = join(import.meta.dirname, '../../docs/connect-example.md');

/** The keys of the page's archive. */
export const KEYS = { accessKeyId: 'millrace', secretAccessKey: 'secret-of-the-archive' };
export const BUCKET = 'archive';

/** Addresses that differ between the page and a test. */
export interface Elsewhere {
  readonly kafkaHome: string;
  readonly postgres: number;
  readonly opensearch: number;
  readonly s3: number;
}

/** The page's commands in order, each for a shell, with the reader's own addresses. */
export function commands({ kafkaHome, postgres, opensearch, s3 }: Elsewhere): string[] {
  const places: readonly (readonly [string, string])[] = [
    ['/opt/kafka_2.13-4.3.1', kafkaHome],
    ['5432', String(postgres)],
    ['9200', String(opensearch)],
    ['7072', String(s3)],
  ];
  return [...readFileSync(PAGE, 'utf8').matchAll(/^```sh\n(.*?)\n```$/gms)].map(([, command = '']) =>
    places.reduce((text, [there, here]) => text.replaceAll(there, here), command),
  );
}
