import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { clustersCreate } from './clusters/clusters-create.ts';
import { clustersList } from './clusters/clusters-list.ts';
import { keysList } from './iam/iam-keys.ts';
import { usersCreate, usersList } from './iam/iam-users.ts';
import type { Program } from './program.ts';
import { run } from './run.ts';

const program: Program = {
  version: '1.2.3',
  commands: [
    { name: 'clusters create', summary: 'Create a cluster.', load: async () => clustersCreate },
    { name: 'clusters list', summary: 'List all clusters.', load: async () => clustersList },
    { name: 'iam users list', summary: 'List all users.', load: async () => usersList },
    { name: 'iam users create', summary: 'Create a user.', load: async () => usersCreate },
    { name: 'iam keys list', summary: 'List keys.', load: async () => keysList },
  ],
};

async function millrace(...args: string[]): Promise<{ status: number; printed: string; complaint: string }> {
  const printed: string[] = [];
  const complaints: string[] = [];
  const status = await run(program, args, {
    line: (text) => void printed.push(text),
    complain: (text) => void complaints.push(text),
    onUnheard() {},
  });
  return { status, printed: printed.join('\n'), complaint: complaints.join('\n') };
}

test.each([['--version'], ['-v'], ['version']])('%s prints the version', async (...args) => {
  expect(await millrace(...args)).toEqual({ status: 0, printed: '1.2.3', complaint: '' });
});

test.each([
  ['clusters create', ['help', 'clusters', 'create']],
  ['clusters create', ['clusters', 'create', '-h']],
  ['clusters create', ['clusters', 'create', '--help']],
  ['clusters <command>', ['clusters', '-h']],
  ['clusters <command>', ['clusters', 'help']],
  ['clusters <command>', ['help', 'clusters']],
  ['iam users create', ['iam', 'users', 'create', '-h']],
  ['iam users <command>', ['iam', 'users']],
  ['iam <command>', ['help', 'iam']],
  ['<command>', []],
  ['<command>', ['-h']],
  ['<command>', ['help']],
])('the help of "millrace %s": %j', async (usage, args) => {
  const { status, printed } = await millrace(...args);
  expect(status).toBe(0);
  expect(printed).toContain(`Usage: millrace ${usage}`);
});

describe('a wrong command line is one sentence in words of the command line, and status 2', () => {
  test.each([
    [
      ['cluster'],
      'There is no command "millrace cluster": did you mean millrace clusters? See millrace --help.',
    ],
    [['frobnicate'], 'There is no command "millrace frobnicate": see millrace --help.'],
    [
      ['clusters', 'creat'],
      'There is no command "millrace clusters creat": did you mean millrace clusters create? See millrace clusters --help.',
    ],
    [
      ['iam', 'users', 'creat', 'a'],
      'There is no command "millrace iam users creat": did you mean millrace iam users create? See millrace iam users --help.',
    ],
    [
      ['iam', 'user', 'list'],
      'There is no command "millrace iam user": did you mean millrace iam users? See millrace iam --help.',
    ],
    [
      ['clusters', 'list', '--jsno'],
      'There is no option --jsno: did you mean --json? See millrace clusters list --help.',
    ],
    [
      ['clusters', 'list', '--json-lines'],
      'There is no option --json-lines: did you mean --json? See millrace clusters list --help.',
    ],
    [
      ['clusters', 'create', '--name', 'a'],
      'There is no option --name: did you mean NAME, without --name? See millrace clusters create --help.',
    ],
    [['clusters', 'list', '--colour'], 'There is no option --colour: see millrace clusters list --help.'],
    [['clusters', 'list', '--json=yes'], '--json takes no value: see millrace clusters list --help.'],
    [
      ['clusters', 'create', 'a', '--brokers'],
      '--brokers needs a value: N; see millrace clusters create --help.',
    ],
    [['clusters', 'create'], 'millrace clusters create takes NAME: see millrace clusters create --help.'],
    [
      ['clusters', 'create', 'a', '--brokers', 'many'],
      '--brokers must be a number from 1 to 60, not "many": see millrace clusters create --help.',
    ],
    [
      ['clusters', 'create', 'a', '--client-broker', 'tls'],
      '--client-broker must be one of TLS, TLS_PLAINTEXT, PLAINTEXT, not "tls": see millrace clusters create --help.',
    ],
    [['clusters', 'list', '--api', 'nowhere'], '--api must be a URL such as http://127.0.0.1:7070.'],
  ])('%j', async (args, sentence) => {
    expect(await millrace(...args)).toEqual({ status: 2, printed: '', complaint: `millrace: ${sentence}` });
  });
});

test('with --json errors are JSON too', async () => {
  const { status, printed, complaint } = await millrace('clusters', 'list', '--json', '--api', 'nowhere');
  expect([status, printed]).toEqual([2, '']);
  expect(JSON.parse(complaint)).toEqual({
    error: { code: 'usage', message: '--api must be a URL such as http://127.0.0.1:7070.' },
  });
});

describe('what the API says', () => {
  async function answering(
    status: number,
    body: string,
    ...args: string[]
  ): Promise<{ status: number; complaint: string }> {
    const server = createServer((_, response) => {
      const code = status === 404 ? 'NotFoundException' : 'BadRequestException';
      response.writeHead(status, { 'x-amzn-errortype': code }).end(body);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    try {
      return await millrace(...args, '--api', `http://127.0.0.1:${port}`);
    } finally {
      await new Promise((done) => server.close(done));
    }
  }

  test('of a field is said of the option that was typed', async () => {
    const body = JSON.stringify({
      message: 'numberOfBrokerNodes must be from 1 to 60, not 0',
      invalidParameter: 'numberOfBrokerNodes',
    });
    expect(await answering(400, body, 'clusters', 'create', 'a')).toMatchObject({
      status: 1,
      complaint: 'millrace: --brokers must be from 1 to 60, not 0',
    });
  });

  test.each([
    [
      { message: 'Unsupported InstanceType specified.', invalidParameter: 'instanceType' },
      '--instance-type: Unsupported InstanceType specified.',
    ],
    [
      {
        message:
          'The number of broker nodes must be a multiple of Availability Zones in the Client Subnets parameter.',
        invalidParameter: 'numberOfBrokerNodes',
      },
      '--brokers: The number of broker nodes must be a multiple of its zones.',
    ],
    [
      { message: 'acls[0].principal must be a type and a name', invalidParameter: 'acls[0].principal' },
      'The principal must be a type and a name',
    ],
    [{ message: 'A resource with this name already exists.' }, 'The name a is taken already.'],
  ])('%j is said in words of the command line', async (body, sentence) => {
    expect(await answering(400, JSON.stringify(body), 'clusters', 'create', 'a')).toMatchObject({
      complaint: `millrace: ${sentence}`,
    });
  });

  test('nothing, something else, or that there is no such cluster have a status of their own', async () => {
    expect(await millrace('clusters', 'list', '--api', 'http://127.0.0.1:1')).toMatchObject({ status: 3 });
    expect(await answering(200, '<html>', 'clusters', 'list')).toMatchObject({ status: 3 });
    expect(await answering(404, '{"message":"gone"}', 'clusters', 'list')).toMatchObject({ status: 4 });
  });
});
