import { awsEndpoint } from './aws-endpoint.ts';
import type { Option } from './command.ts';

/** Options that several commands have. */

export const API_OPTION: Readonly<Record<string, Option>> = {
  api: {
    value: 'URL',
    help: 'The API of a running Millrace.',
    default: 'http://127.0.0.1:7070',
    environment: 'MILLRACE_API',
    elsewhere: () => awsEndpoint(process.env),
  },
};

export const JSON_OPTION: Readonly<Record<string, Option>> = {
  json: { help: 'Print JSON, for programs.' },
};

export const YES_OPTION: Readonly<Record<string, Option>> = {
  yes: { help: 'Do not ask for confirmation. Without a terminal, and with --json, there is no question.' },
};
