/** The proof of a code block of a page: the test that runs it unchanged, or the reason why none does. */
type Shown = ByTest | { readonly not: string };

interface ByTest {
  readonly by: string;
}

const PAGES = 'test/package/pages.test.ts';
const RECIPES = 'test/package/test-runners.test.ts';
const READ: Shown = {
  not: 'It differs by its options alone from what other tests start: test/package/pages.test.ts has the command line read it.',
};

/**
 * By page: the beginning of each block, in order. A page that one test runs as a whole has that test alone.
 */
export const SHOWN: Readonly<Record<string, ByTest | readonly (readonly [begins: string, Shown])[]>> = {
  'README.md': [
    [
      'npm start ',
      { not: 'It installs and builds what every other test already has; the next block is what it prints.' },
    ],
    ['$ npm start', { by: PAGES }],
    ['$ seq 3', { by: PAGES }],
    ['$ export AWS_ACCESS_KEY_ID', { by: PAGES }],
    ['$ npm run -s millrace', { by: PAGES }],
    ['npm install --save-dev', { by: RECIPES }],
    ['import { startCluster }', { by: RECIPES }],
  ],
  'docs/acls.md': { by: 'test/security/acl-story.test.ts' },
  'docs/aws-tools.md': [
    ['export AWS_ACCESS_KEY_ID', { by: PAGES }],
    [
      'variable "millrace"',
      {
        not: 'Terraform and its provider are 700 MB that no registry of packages has: test/aws/terraform.test.ts replays what they call.',
      },
    ],
  ],
  'docs/coming-from.md': [['// before', { by: RECIPES }]],
  'docs/command-line.md': { by: 'test/package/scripts.test.ts' },
  'docs/connect-example.md': { by: 'test/connect-example/page.test.ts' },
  'docs/connect.md': [
    ["printf '%s", { by: PAGES }],
    ['connector.class=io.confluent', { by: PAGES }],
    ['connector.class=io.aiven', { by: PAGES }],
    ['millrace up --kafka-home', READ],
    [
      'mkdir -p millrace-data',
      {
        not: 'One more worker of Java would take ten seconds: test/connect/file-stream.test.ts has this plugin and this connector through the API.',
      },
    ],
  ],
  'docs/docker-and-ci.md': [
    ['millrace up --host 0.0.0.0 --advertise vm.example', READ],
    ['millrace up --host 0.0.0.0 --advertise localhost', READ],
    [
      'docker compose',
      {
        not: 'There is no Docker where the tests run: test/package/deploy.test.ts holds the image and the compose file against what they may say.',
      },
    ],
    ['npx millrace up --json', { by: PAGES }],
  ],
  'docs/iam.md': [
    ['millrace clusters create', { by: 'test/aws/iam-commands.test.ts' }],
    ['{', { by: 'test/aws/iam.test.ts' }],
    ['export AWS_ENDPOINT_URL', { not: "test/aws/iam.test.ts makes these calls with AWS's SDK." }],
    ['# With software.amazon.msk', { by: 'test/aws/iam-commands.test.ts' }],
    ['from aws_msk_iam_sasl_signer', { by: 'test/aws/iam-commands.test.ts' }],
    ['import { readFileSync }', { by: 'test/aws/iam-commands.test.ts' }],
    ['// github.com/twmb/franz-go', { by: 'test/aws/iam-commands.test.ts' }],
  ],
  'docs/message-size.md': { by: 'test/clients/message-size.test.ts' },
  'docs/secrets.md': [
    ['export AWS_ENDPOINT_URL', { by: PAGES }],
    ['arn=$(aws kafka create-cluster', { by: PAGES }],
    ['millrace ca renew', { by: PAGES }],
    ['millrace up --tls --tls-cert', READ],
    ['millrace up --scram', READ],
    ['ca=$(millrace ca import', { by: PAGES }],
    ['(umask 077; head', { by: PAGES }],
  ],
  'docs/testing-your-application.md': { by: RECIPES },
};
