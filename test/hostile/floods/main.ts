import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokerProcess, Millrace } from '../../support/millrace.ts';
import { namesOption, numberOption, runOptions } from '../../support/run-options.ts';
import { secret } from '../../support/secrets/secret.ts';
import { FLOODS, type FloodTarget } from './attackers.ts';
import { HealthyClient } from './healthy.ts';

const NAMES = Object.keys(FLOODS);
/** The argument with which it starts itself as the attacker. */
const ATTACK = '--attack';
const PASSWORD = secret('alice');
/** The most that the broker's memory may grow during a flood. */
const GROWN_BYTES_MAX = 256 * 1024 * 1024;
/** Each limit logs its first refusal at once, and the rest every ten seconds. */
const LINES_PER_SECOND_MAX = 0.2;
const LIMIT = 'a limit of connections was reached';
/** On a quiet machine an answer takes a millisecond, so differences below this are not reported. */
const UNNOTICED_MS = 5;

if (process.argv[2] === ATTACK) await attack(process.argv.slice(3));
else await besieged();

async function attack([name = '', port, ca = '', seconds]: readonly string[]): Promise<void> {
  const flood = floodOf(name);
  const target: FloodTarget = {
    port: Number(port),
    ca: readFileSync(ca, 'utf8'),
    seconds: Number(seconds),
  };
  process.stdout.write(await flood.run(target, flood.from));
  process.exit(0);
}

async function besieged(): Promise<void> {
  const { seconds, only } = runOptions(
    'floods',
    "Floods from other loopback addresses before a broker with TLS and SCRAM. For a quiet machine. Status 1 when a client's p99 more than doubles, when the broker grows by more than it may, or when a limit fills the log.",
    {
      seconds: numberOption('How long each is.', 60, { least: 1 }),
      only: namesOption('Only these.', NAMES, NAMES),
    },
  );
  const folder = mkdtempSync(join(tmpdir(), 'millrace-floods-'));
  writeFileSync(join(folder, 'alice'), PASSWORD, { mode: 0o600 });
  await using millrace = await Millrace.up(['--brokers', '1', '--scram', `alice:${join(folder, 'alice')}`]);
  const port = Number(millrace.ready.clusters[0]?.bootstrap.split(':').at(-1));
  const ca = await (await fetch(`${millrace.ready.api}/ca.pem`)).text();
  writeFileSync(join(folder, 'ca.pem'), ca);
  const broker = brokerProcess(millrace.data, 1) ?? 0;
  const [log = ''] = globSync(join(millrace.data, 'clusters', '*', 'broker-1', 'process.log'));
  const alice = new HealthyClient({ port, ca, password: PASSWORD });
  await alice.createTopic();
  await alice.work(Math.min(10, seconds));
  const before = await alice.work(Math.min(20, seconds));
  say('| flood | what came | p99 of a produce, ms | p99 of a sign-in, ms | broker, MB | limits in the log |');
  say('|---|---|---|---|---|---|');
  say(
    `| none | | ${before.produceP99.toFixed(1)} | ${before.signInP99.toFixed(1)} | ${megabytes(residentBytes(broker))} | |`,
  );
  for (const name of only) {
    const { name: what, from } = floodOf(name);
    const resident = residentBytes(broker);
    let most = resident;
    const sampler = setInterval(() => {
      most = Math.max(most, residentBytes(broker));
    }, 200);
    const flooded = Promise.all([attacker(name, { port, folder, seconds }), alice.work(seconds)]);
    const [came, waited] = await flooded.finally(() => clearInterval(sampler));
    const lines = limitsOf(log, from);
    const limits = [...new Set(lines)];
    say(
      `| ${what} | ${came} | ${waited.produceP99.toFixed(1)} | ${waited.signInP99.toFixed(1)} | ${megabytes(resident)} to ${megabytes(most)} | ${limits.join('; ')} (${lines.length} lines) |`,
    );
    wrongIf(
      waited.produceP99 > Math.max(2 * before.produceP99, UNNOTICED_MS),
      `${what}: alice's p99 more than doubled`,
    );
    wrongIf(
      most - resident > GROWN_BYTES_MAX,
      `${what}: the broker grew by ${megabytes(most - resident)} MB`,
    );
    wrongIf(limits.length === 0, `${what}: the log does not say which limit it met`);
    wrongIf(
      lines.length > limits.length * (1 + LINES_PER_SECOND_MAX * seconds),
      `${what}: ${lines.length} lines in the log`,
    );
  }
  wrongIf(brokerProcess(millrace.data, 1) !== broker, 'the broker was started again');
  rmSync(folder, { recursive: true });
}

/** A separate process, so that its work is not in alice's times. */
function attacker(
  name: string,
  { port, folder, seconds }: { readonly port: number; readonly folder: string; readonly seconds: number },
): Promise<string> {
  const args = [ATTACK, name, String(port), join(folder, 'ca.pem'), String(seconds)];
  const child = spawn(process.execPath, [import.meta.filename, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  return new Promise((resolve, reject) =>
    child.once('close', (status) =>
      status === 0 ? resolve(said) : reject(new Error(`the attacker ended with status ${status}`)),
    ),
  );
}

function floodOf(name: string) {
  const flood = FLOODS[name];
  if (!flood) throw new Error(`There is no flood ${name}.`);
  return flood;
}

/** The limit that each line of the log names for the address. */
function limitsOf(file: string, from: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.includes(LIMIT))
    .map((line): { from: string; limit: string } => JSON.parse(line))
    .filter((line) => line.from === from)
    .map(({ limit }) => limit);
}

function residentBytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function wrongIf(isWrong: boolean, sentence: string): void {
  if (!isWrong) return;
  say(sentence);
  process.exitCode = 1;
}
