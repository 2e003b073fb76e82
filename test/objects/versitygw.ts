import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AwsCredentials } from '../../src/aws/credentials/aws-credentials.ts';
import { endsWithThis, readyOrEnded } from '../support/ends-with-this.ts';
import { freePort } from '../support/free-port.ts';
import { eventually } from '../support/millrace.ts';

const PROGRAM = join(import.meta.dirname, '../../.test-tools/versitygw');
const CREDENTIALS: AwsCredentials = { accessKeyId: 'millrace', secretAccessKey: 'of the tests' };
const REGION = 'us-east-1';

/**
 * versitygw, an S3 server of another vendor that stores objects as files. `node scripts/test-tools.mjs
 * versitygw` installs it.
 */
export class Versitygw implements AsyncDisposable {
  readonly endpoint: string;
  readonly credentials: AwsCredentials;
  readonly region = REGION;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, endpoint: string, credentials: AwsCredentials) {
    this.#child = child;
    this.endpoint = endpoint;
    this.credentials = credentials;
  }

  /** Its buckets are folders in `folder`. */
  static async start(
    folder: string,
    buckets: readonly string[],
    credentials: AwsCredentials = CREDENTIALS,
  ): Promise<Versitygw> {
    if (!existsSync(PROGRAM))
      throw new Error(
        'versitygw is not installed: node scripts/test-tools.mjs versitygw builds it, with Go.',
      );
    for (const bucket of buckets) mkdirSync(join(folder, bucket), { recursive: true });
    const port = await freePort();
    const login = ['--access', credentials.accessKeyId, '--secret', credentials.secretAccessKey];
    const child = endsWithThis(
      spawn(
        PROGRAM,
        ['--port', `127.0.0.1:${port}`, ...login, '--region', REGION, '--quiet', 'posix', folder],
        { stdio: 'ignore' },
      ),
    );
    const endpoint = `http://127.0.0.1:${port}`;
    const ready = eventually('versitygw answers', async () => {
      if (child.exitCode !== null) throw new Error(`versitygw ended with status ${child.exitCode}`);
      return fetch(endpoint).then(
        () => true,
        () => false,
      );
    });
    await readyOrEnded(child, ready);
    return new Versitygw(child, endpoint, credentials);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((done) => this.#child.once('exit', done));
    this.#child.kill();
    await ended;
  }
}
