import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

/**
 * Statements of the pages about other files are true: messages are those that the program prints, versions
 * those of the tests, and links have targets.
 */

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const under = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));

test('every message in docs/troubleshooting.md is one that the program prints', () => {
  const source = under('src')
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map(read)
    .join('\n');
  const rows = read('docs/troubleshooting.md').matchAll(/^\| (`.+?`) \|/gm);
  const messages = [...rows].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, one = '']) => one),
  );
  expect(messages.length).toBeGreaterThan(40);
  const unknown = messages.filter((message) => message.split('…').some((part) => !source.includes(part)));
  expect(unknown).toEqual([]);
});

test('docs/compatibility.md names the versions that the tests use', () => {
  const page = read('docs/compatibility.md');
  const { devDependencies } = JSON.parse(read('package.json'));
  const { toolsVersion } = JSON.parse(read('scripts/kafka-release.json'));
  const pinned = [
    ...Object.keys(devDependencies)
      .filter((name) => /^(kafkajs|@platformatic\/kafka|@aws-sdk\/client-.*)$/.test(name))
      .map((name) => `${name} ${devDependencies[name]}`),
    ...Object.entries(JSON.parse(read('scripts/test-tools/iam-js.json')).dependencies).map(
      ([name, version]) => `${name} ${version}`,
    ),
    pinnedIn('iam-requirements.txt', 'aws-msk-iam-sasl-signer-python'),
    javaSigner(),
    ...['aiokafka', 'kafka-python', 'confluent-kafka'].map((name) =>
      pinnedIn('python-requirements.txt', name),
    ),
    ...['boto3', 'awscli'].map((name) => pinnedIn('aws-requirements.txt', name)),
    ...['franz-go', 'sarama'].map((name) => {
      const [, version = ''] = new RegExp(`/${name} v(\\S+)`).exec(read('test/clients/go/go.mod')) ?? [];
      return `${name} ${version}`;
    }),
    ` ${toolsVersion} `,
  ];
  expect(pinned.filter((text) => !page.includes(text))).toEqual([]);
});

function javaSigner(): string {
  const [, version = ''] =
    /aws-msk-iam-auth<\/artifactId>\s*<version>(\S+)<\/version>/.exec(
      read('scripts/test-tools/iam-pom.xml'),
    ) ?? [];
  return `aws-msk-iam-auth ${version}`;
}

function pinnedIn(list: string, name: string): string {
  const [, version = ''] =
    new RegExp(`^${name}==(\\S+)$`, 'm').exec(read(`scripts/test-tools/${list}`)) ?? [];
  return `${name} ${version}`;
}

test('every link between pages leads to a file, and to a heading of it', () => {
  const pages = [...readdirSync(ROOT), ...under('docs'), ...under('deploy')].filter((file) =>
    file.endsWith('.md'),
  );
  const wrong = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].flatMap(
      ([link, path = '', anchor]) => {
        const file = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path));
        if (!existsSync(join(ROOT, file))) return [`${page}: ${link} leads nowhere`];
        const isThere = anchor === undefined || anchors(file).has(anchor);
        return isThere ? [] : [`${page}: ${link} names no heading`];
      },
    ),
  );
  expect(wrong).toEqual([]);
});

/** The headings of a page in the form that links use. */
function anchors(file: string): Set<string> {
  const headings = read(file).matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
