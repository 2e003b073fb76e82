import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readJavaProperties } from '../../src/base/java-properties.ts';
import { silent } from '../../src/base/log.ts';
import { parse } from '../../src/cli/command.ts';
import { upCommand } from '../../src/cli/up/up.ts';
import { builtIn } from '../../src/connectors/catalogue.ts';
import { connectorProblems } from '../../src/connectors/connector-problems.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { createCa } from '../../src/security/certificates/certificate.ts';
import { stepsOf } from '../support/console-page.ts';
import { hasCommand } from '../support/kafka-tools.ts';
import { block, blocks, PAGES, ROOT } from '../support/page-blocks.ts';
import { Reader } from '../support/reader.ts';
import { SHOWN } from './shown.ts';

/**
 * The code blocks of the pages: which test runs each of them. Those that no other test runs are run here as a
 * reader types them.
 */

const AWS = join(ROOT, '.test-tools/aws/bin');
const hasAws = existsSync(join(AWS, 'aws'));
const MINUTES = { timeout: 900_000 };

test('every code block of a page names the test that runs it, or the reason why none does', () => {
  const first = (text: string) => text.split('\n', 1)[0] ?? '';
  for (const page of PAGES) {
    const found = blocks(page).map(first);
    const shown = SHOWN[page] ?? [];
    const named =
      'by' in shown
        ? found
        : shown.map(([begins], nth) => (found[nth]?.startsWith(begins) ? found[nth] : begins));
    expect(named, page).toEqual(found);
    const tests = ('by' in shown ? [shown] : shown.map(([, one]) => one)).flatMap((one) =>
      'by' in one ? one.by : [],
    );
    for (const name of tests)
      expect({ name, readsIt: readFileSync(join(ROOT, name), 'utf8').includes(page) }).toEqual({
        name,
        readsIt: true,
      });
  }
});

test.each([
  ['docs/connect.md', 'millrace up --kafka-home'],
  ['docs/docker-and-ci.md', 'millrace up --host 0.0.0.0 --advertise vm.example'],
  ['docs/docker-and-ci.md', 'millrace up --host 0.0.0.0 --advertise localhost'],
  ['docs/secrets.md', 'millrace up --tls --tls-cert'],
  ['docs/secrets.md', 'millrace up --scram'],
])('%s: %s … is read as it stands', (page, begins) => {
  const command = upCommand('0', null, () => Promise.reject(new Error('nothing is started here')));
  for (const line of block(page, begins).split('\n')) {
    const [program, name, ...options] = line.replace(/ +#.*/, '').split(' ');
    expect([program, name]).toEqual(['millrace', 'up']);
    expect(parse(command, options).text('data')).not.toBe('');
  }
});

test.each(['connector.class=io.confluent', 'connector.class=io.aiven'])(
  'docs/connect.md: %s… is a configuration without a fault',
  (begins) => {
    const texts = readJavaProperties(block('docs/connect.md', begins));
    if ('reason' in texts) throw new Error(String(texts.reason));
    const spec = builtIn(texts.get('connector.class') ?? '');
    if (!spec) throw new Error('no such connector is built in');
    expect(connectorProblems(spec, { name: 'any', ...Object.fromEntries(texts) })).toEqual([]);
  },
);

test(
  'the commands of README.md, docs/connect.md, docs/aws-tools.md and docs/secrets.md do what they say',
  MINUTES,
  async () => {
    await using reader = await Reader.create(hasAws ? [AWS] : []);
    const [properties = '', up = '', create = ''] = block('docs/connect.md', "printf '%s").split(
      /\n(?=millrace)/,
    );
    await reader.types(
      `mkdir files; seq 3 > files/in.txt; ${properties}; ${up} > up.log 2>&1 & until grep -q kafkajs up.log; do sleep 0.1; done`,
    );
    const banner = await reader.types('cat up.log');
    for (const line of block('README.md', '$ npm start').split('\n').slice(1))
      expect(alike(banner)).toContain(alike(line));
    const [bootstrap = ''] = /demo, 3 brokers: ([^,]+)/.exec(banner)?.slice(1) ?? [];
    const here = (text: string) =>
      text
        .replaceAll('http://127.0.0.1:7070', reader.api)
        .replaceAll('127.0.0.1:9092', bootstrap)
        .replaceAll('npm run -s millrace', `npm run -s --prefix ${ROOT} millrace`);
    const types = (...texts: string[]) => reader.types(here(['set -e', ...texts].join('\n')));
    const session = async (begins: string) => {
      const steps = stepsOf(block('README.md', begins));
      const printed = await types(...steps.map(({ command }) => command));
      expect(alike(printed)).toBe(
        alike(
          `${steps
            .map(({ output }) => output)
            .join('\n')
            .trim()}\n`,
        ),
      );
    };

    if (hasCommand('kcat')) await session('$ seq 3');
    if (hasAws) await session('$ export AWS_ACCESS_KEY_ID');
    await session('$ npm run -s millrace');

    await types(create);
    await types('until millrace topics describe lines --cluster demo > lines.txt; do sleep 0.2; done');
    expect(
      (await types('millrace consume lines --cluster demo --from beginning --max 3')).split('\n'),
    ).toHaveLength(4);

    if (!hasAws) return;
    await types('millrace clusters delete orders --yes');
    const told = await types(
      block('docs/aws-tools.md', 'export AWS'),
      'millrace clusters delete orders --yes',
    );
    expect(told).toContain('"BootstrapBrokerStringTls"');

    writeFileSync(
      join(reader.folder, 'company-ca.pem'),
      createCa(nodeWorld(silent), { commonName: 'company' }).certificate,
    );
    const listed = await types(
      block('docs/secrets.md', 'export AWS'),
      block('docs/secrets.md', 'arn=$(aws').replace(/^kcat .*$/m, hasCommand('kcat') ? '$&' : ''),
      block('docs/secrets.md', 'millrace ca renew'),
      block('docs/secrets.md', 'ca=$(millrace ca import'),
      block('docs/secrets.md', '(umask 077; head').replace(
        /^keytool .*$/m,
        hasCommand('keytool') ? '$&' : 'echo trustedCertEntry',
      ),
    );
    expect(listed).toContain('trustedCertEntry');
    expect(listed).toMatch(/^ssl\.keystore\.location=.*\/alice\.p12$/m);
    if (hasCommand('kcat')) expect(listed).toMatch(/3 brokers:/);
    expect(listed).toMatch(/^ssl\.certificate\.location=.*\/alice\.pem$/m);
    expect(readFileSync(join(reader.folder, 'ca.pem'), 'utf8').match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  },
);

test('a job waits for the ready event as docs/docker-and-ci.md says', MINUTES, async () => {
  await using reader = await Reader.create();
  await reader.types(`exec 2> up.log\n${block('docs/docker-and-ci.md', 'npx millrace up')}`);
  expect(await reader.types('millrace status')).toContain('demo');
});

/** Replaces what differs from run to run. */
function alike(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
    .replaceAll(/\/\S*\/millrace-data/g, './millrace-data')
    .replaceAll(/\d+\.\d s/g, 'N s')
    .replaceAll(/:\d{4,5}/g, ':PORT')
    .replaceAll(/ port \d+/g, ' port PORT');
}
