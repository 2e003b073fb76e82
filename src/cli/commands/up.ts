import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { isIP, isIPv4 } from 'node:net';
import { dirname, resolve } from 'node:path';
import { isatty } from 'node:tty';
import { isApiError } from '../../control/api-error.ts';
import { hostOfBroker } from '../../control/bootstrap.ts';
import type { ControlOptions, NewCluster } from '../../control/control.ts';
import {
  type ControlPlane,
  DataFolderError,
  DataFolderInUseError,
  PortInUseError,
} from '../../control/control-plane.ts';
import { demoCluster } from '../../control/demo-cluster.ts';
import type { Cluster } from '../../control/state/cluster.ts';
import { FIRST_PORT_BASE } from '../../control/state/ports.ts';
import { NewerStoreError, StoreError } from '../../control/state/store.ts';
import type { Command, Given, Option } from '../command.ts';
import { counted } from '../counted.ts';
import { Failure } from '../failure.ts';
import { type Output, READER_IS_GONE } from '../output.ts';
import { JSON_OPTION } from './options.ts';
import { reporter } from './up-report.ts';

const OPTIONS: Readonly<Record<string, Option>> = {
  data: { value: 'DIR', help: 'Everything is kept here.', default: './millrace-data' },
  port: { value: 'PORT', help: 'Port of the API.', default: '7070' },
  host: { value: 'HOST', help: 'Address that API and brokers listen on.', default: '127.0.0.1' },
  'broker-host': {
    value: 'HOST',
    help: "Address that brokers listen on; {id} in it is the broker's number. Default: the host.",
  },
  advertise: {
    value: 'NAME',
    help: "Name or address that clients are told; {id} is the broker's number. Default: the broker host.",
  },
  'api-name': {
    value: 'NAME,…',
    help: 'Further names by which the API may be called; others are refused, for the sake of browsers.',
  },
  cluster: { value: 'NAME', help: 'The cluster to make when it is not there yet.', default: 'demo' },
  'no-cluster': { help: 'Make no cluster.' },
  brokers: { value: 'N', help: 'Brokers of that cluster, in up to 3 zones.', default: '3' },
  'kafka-port': {
    value: 'PORT',
    help: "First port of that cluster's brokers; when it is there already, it and all others move. Default for a new one: 9092.",
  },
  region: { value: 'REGION', help: 'Region in ARNs and zone names.', default: 'us-east-1' },
  account: { value: 'ID', help: 'Account in ARNs, 12 digits.', default: '000000000000' },
  'hung-after': {
    value: 'SECONDS',
    help: 'A broker that answers nothing for so long is killed and started again.',
    default: '30',
  },
  insecure: { help: 'Allow a host that others can reach, although nobody has to sign in.' },
  ...JSON_OPTION,
};

const MORE = [
  'Ports: every broker has ten in a row for as long as it exists. Clients connect to the first (9092, 9102, 9112 …), brokers to each',
  'other on the next one; the controller of a cluster listens on the eighth of its first broker (9099).',
].join('\n');

/** Files and connections that a broker cannot do without. */
const FEWEST_OPEN_FILES = 128;
/** Every system allows a process so many; with fewer, connections may be refused. */
const ENOUGH_OPEN_FILES = 1024;

const isLoopback = (host: string): boolean =>
  ['::1', 'localhost'].includes(host) || (isIPv4(hostOfBroker(host, 1)) && host.startsWith('127.'));
const EVERY_ADDRESS = ['0.0.0.0', '::'];
const HOST_NAME = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,252})$/;

/** `millrace up`. `openFiles`: how many files and connections a process may have open here, where that is known. `start` puts the control plane together with what runs clusters; this layer knows only the former. */
export function upCommand(
  version: string,
  openFiles: number | null,
  start: (options: ControlOptions) => Promise<ControlPlane>,
): Command {
  return {
    name: 'up',
    summary: 'Start the control plane and every cluster in the data folder; Ctrl-C stops them all.',
    options: OPTIONS,
    more: MORE,
    run: (given, output) => {
      checkOpenFiles(openFiles, output);
      return up(given, output, version, start);
    },
  };
}

async function up(
  given: Given,
  output: Output,
  version: string,
  start: (options: ControlOptions) => Promise<ControlPlane>,
): Promise<number> {
  // From here on a signal must not leave processes behind.
  const asked = new StopRequest(output);
  const options = controlOptions(given);
  const wish = given.switched('no-cluster')
    ? null
    : demoCluster({
        name: given.text('cluster'),
        brokers: given.integer('brokers', { min: 1, max: 60 }),
        firstPortBase: options.ports?.first ?? FIRST_PORT_BASE,
      });
  if (wish && isApiError(wish)) throw new Failure(`The cluster cannot be made: ${wish.message}`);
  const report = reporter(given.switched('json'), output, { version, options, first: wish?.name ?? null });
  report.starting();

  const control = await started(start, options);
  try {
    if (wish && !asked.happened) {
      const there = control.store.clusters.byName(wish.name);
      const other = there && given.has('brokers') && otherCount(there, wish.spec.numberOfBrokerNodes);
      if (other) output.complain(`millrace: ${other}`);
      await makeUnlessThere(control, wish, asked);
    }
    control.disk.onLevel(report.disk);
    if (control.disk.usage?.level) report.disk(control.disk.usage);
    control.store.onRecord(() => report.clusters(control.store.clusters.all()));
    report.clusters(control.store.clusters.all());
    await Promise.race([control.serving(), asked.first]);
    const named = wish && control.store.clusters.byName(wish.name);
    // A zone that a person took down is down as it was meant, also after a restart.
    if (!asked.happened && named?.stateInfo && named.stateInfo.code !== 'ZONE_DOWN')
      throw new Failure(whatToDo(named));
    if (!asked.happened) report.ready(control.url, control.store.clusters.all());
    await asked.first;
  } catch (error) {
    await control.stop();
    throw error;
  }
  report.stopping();
  await control.stop();
  report.stopped();
  return asked.status;
}

function controlOptions(given: Given): ControlOptions {
  if (given.text('data') === '') throw new Failure('--data must name a folder.');
  const dataDirectory = resolve(given.text('data'));
  if (statSync(dataDirectory, { throwIfNoEntry: false })?.isFile())
    throw new Failure(`The data folder ${dataDirectory} is a file: choose a folder with --data.`);
  try {
    makeFolder(dataDirectory);
    accessSync(dataDirectory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new Failure(
      `The data folder ${dataDirectory} cannot be used (${String(error.code)}): choose another one with --data.`,
      { cause: error },
    );
  }
  const host = given.text('host');
  const brokerHost = given.maybe('broker-host') ?? host;
  const reachable = [host, brokerHost].find((one) => !isLoopback(one));
  if (reachable !== undefined && !given.switched('insecure'))
    throw new Failure(
      `With the host ${reachable} anyone who reaches this machine could use API and brokers without signing in: add --insecure if that is meant.`,
    );
  const advertise = given.maybe('advertise') ?? brokerHost;
  if (EVERY_ADDRESS.includes(advertise))
    throw new Failure(
      `Clients cannot connect to ${advertise}: say with --advertise by which name they reach it.`,
    );
  const example = hostOfBroker(advertise, 1);
  if (isIP(example) === 0 && !HOST_NAME.test(example))
    throw new Failure(`--advertise must be a host name or an address, not "${advertise}".`);
  const apiNames = (given.maybe('api-name') ?? '').split(',').filter((name) => name !== '');
  const notAName = apiNames.find((name) => isIP(name) === 0 && !HOST_NAME.test(name));
  if (notAName !== undefined)
    throw new Failure(`--api-name must be host names or addresses, not "${notAName}".`, { exit: 'usage' });
  const region = given.text('region');
  if (!/^[a-z]{2,5}(-[a-z]+)+-\d+$/.test(region))
    throw new Failure(`--region must be a region's name such as us-east-1, not "${region}".`);
  const account = given.text('account');
  if (!/^\d{12}$/.test(account)) throw new Failure(`--account must be 12 digits, not "${account}".`);
  const port = given.integer('port', { min: 0, max: 65_535 });
  const hungAfterMs = given.integer('hung-after', { min: 5, max: 86_400 }) * 1000;
  const ports = given.has('kafka-port') && {
    cluster: given.text('cluster'),
    first: given.integer('kafka-port', { min: 1024, max: 65_000 }),
  };
  return {
    ...{ dataDirectory, host, port, brokerHost, advertise, apiNames, region, account, hungAfterMs },
    ...(ports ? { ports } : {}),
  };
}

/** What an option says that cannot come true, because the cluster is there. */
function otherCount({ name, brokers, state }: Cluster, wanted: number): string | null {
  if (brokers.length === wanted || state === 'FAILED' || state === 'DELETING') return null;
  return `The cluster ${name} is there already, with ${counted(brokers.length, 'broker')}, so --brokers is not used: "millrace clusters update ${name} --brokers ${wanted}" changes their number.`;
}

function checkOpenFiles(limit: number | null, output: Output): void {
  if (limit === null || limit >= ENOUGH_OPEN_FILES) return;
  const allowed = `A process may have only ${limit} files and connections open here`;
  if (limit < FEWEST_OPEN_FILES)
    throw new Failure(
      `${allowed}, and a broker needs ${FEWEST_OPEN_FILES} at least: raise that with "ulimit -n 4096".`,
    );
  output.complain(
    `millrace: ${allowed}: brokers refuse connections beyond that. "ulimit -n 4096" before the start raises it.`,
  );
}

async function makeUnlessThere(control: ControlPlane, wish: NewCluster, asked: StopRequest): Promise<void> {
  const there = control.store.clusters.byName(wish.name);
  if (there?.state === 'FAILED' || there?.state === 'DELETING') {
    // A failed one never served, so there is nothing in it to lose; this start is another attempt.
    control.store.execute((clusters) => clusters.delete(there.arn));
    await Promise.race([control.settled(), asked.first]);
    if (asked.happened) return;
  } else if (there) return;
  const made = await control.createCluster(wish);
  if (!isApiError(made)) return;
  throw new Failure(
    made.invalidParameter === 'firstPortBase'
      ? `${made.message}: choose another first port for Kafka with --kafka-port.`
      : made.message,
  );
}

/** With its parents; mkdirSync's own `recursive` never returns below /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  mkdirSync(folder);
}

async function started(
  start: (options: ControlOptions) => Promise<ControlPlane>,
  options: ControlOptions,
): Promise<ControlPlane> {
  try {
    return await start(options);
  } catch (error) {
    if (
      error instanceof DataFolderInUseError ||
      error instanceof DataFolderError ||
      error instanceof StoreError ||
      error instanceof NewerStoreError ||
      error instanceof PortInUseError
    )
      throw new Failure(error.message, { cause: error });
    if (
      error instanceof Error &&
      'code' in error &&
      ['EADDRNOTAVAIL', 'ENOTFOUND'].includes(String(error.code))
    )
      throw new Failure(`This machine has no address ${options.host}: name one that it has with --host.`, {
        cause: error,
      });
    // What the system refuses, a full disk or the files of another user mostly, is no fault of this program.
    if (error instanceof Error && 'code' in error)
      throw new Failure(
        `The data folder ${options.dataDirectory} cannot be used: ${error.message}. See that its disk has room and that this user may write all of it, or choose another folder with --data.`,
        { cause: error },
      );
    throw error;
  }
}

function whatToDo({ name, state, stateInfo }: Cluster): string {
  const trouble = `The cluster ${name} is ${state}: ${stateInfo?.message}`;
  return stateInfo?.code === 'PORT_IN_USE'
    ? `${trouble}. Free the port, or start without this cluster in another folder with --data and --kafka-port.`
    : `${trouble}.`;
}

/** The first reason to stop: a signal, or that what is said cannot be written. */
class StopRequest {
  happened = false;
  /** The exit status that the reason asks for. */
  status = 0;
  readonly first: Promise<void>;

  constructor(output: Output) {
    this.first = new Promise((done) => {
      const stop = (status: number): void => {
        if (!this.happened) this.status = status;
        this.happened = true;
        done();
      };
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(0));
      // Asked now: what was a terminal is none any more when it is gone.
      const hasTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor));
      process.on('SIGHUP', () => {
        // Without one, as after `nohup millrace up &`, its end is no reason to stop. That nohup ignores HUP cannot be seen: Node takes
        // it back before it runs a line of ours.
        if (hasTerminal) stop(0);
      });
      // A reader that is gone is a person's way to say that it is enough.
      output.onUnheard((status) => stop(status === READER_IS_GONE ? 0 : status));
    });
  }
}
