import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { awsEndpoint } from './aws-endpoint.ts';

/** As the AWS documentation writes them. */
const CONFIG = `
[default]
region = us-east-1
endpoint_url = http://default:1
# a comment
[profile local]
services = local-services
endpoint_url = http://profile:2

[services local-services]
s3 =
  endpoint_url = http://s3:3
kafka =
  endpoint_url = http://kafka:4

[profile plain]
region=eu-west-1
[profile off]
endpoint_url = http://off:5
ignore_configured_endpoint_urls = true
`;

let folder: string;
let file: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aws-'));
  file = join(folder, 'config');
  writeFileSync(file, CONFIG);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test.each([
  [{}, 'http://default:1'],
  [{ AWS_PROFILE: 'local' }, 'http://kafka:4'],
  [{ AWS_PROFILE: 'plain' }, undefined],
  [{ AWS_PROFILE: 'off' }, undefined],
  [{ AWS_PROFILE: 'none' }, undefined],
  [{ AWS_PROFILE: 'local', AWS_ENDPOINT_URL: 'http://all:6' }, 'http://all:6'],
  [{ AWS_ENDPOINT_URL: 'http://all:6', AWS_ENDPOINT_URL_KAFKA: 'http://kafka:7' }, 'http://kafka:7'],
  [{ AWS_ENDPOINT_URL: '' }, 'http://default:1'],
  [{ AWS_ENDPOINT_URL_KAFKA: 'http://kafka:7', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }, undefined],
])('with %j the AWS tools ask %s', (environment, expected) => {
  expect(awsEndpoint({ AWS_CONFIG_FILE: file, ...environment })).toBe(expected);
});

test('without a file nothing is said', () => {
  expect(awsEndpoint({ AWS_CONFIG_FILE: join(folder, 'missing') })).toBeUndefined();
});
