import { Refused } from '../../base/refused.ts';
import { isApiError } from '../../control/aws/api-error.ts';
import type { ControlOptions, NewCluster } from '../../control/control.ts';
import type { ControlPlane } from '../../control/control-plane.ts';
import type { Cluster } from '../../control/state/cluster.ts';
import { CLIENT_LISTENERS, type ListenerKind, listenersOf } from '../../control/state/listeners.ts';
import { giveDemoUsers } from '../../control/steps/demo-users.ts';
import type { Command, Given } from '../command.ts';
import { counted } from '../counted.ts';
import { Failure } from '../failure.ts';
import { ENOUGH_OPEN_FILES, FEWEST_OPEN_FILES } from '../open-files.ts';
import type { Output } from '../output.ts';
import { removeServerFile, writeServerFile } from '../server/server-file.ts';
import { makeDataFolder } from './make-data-folder.ts';
import { checkOpenClusters } from './open-addresses.ts';
import { StopRequest } from './stop-request.ts';
import { upDetached } from './up-detached.ts';
import { controlOptions, UP_MORE, UP_OPTIONS } from './up-options.ts';
import { reporter } from './up-report.ts';
import { upUsers } from './up-users.ts';
import { checkNewWish, configOf, upWish } from './up-wish.ts';

/**
 * `millrace up`. `openFiles`: how many files and connections a process may have open here, where that is
 * known. `start` puts the control plane together with what runs clusters; this layer knows only the former.
 */
export function upCommand(
  version: string,
  openFiles: number | null,
  start: (options: ControlOptions) => Promise<ControlPlane>,
): Command {
  return {
    name: 'up',
    summary: 'Start the control plane and every cluster in the data folder; Ctrl-C stops them all.',
    options: UP_OPTIONS,
    more: UP_MORE,
    run: (given, output) => {
      checkOpenFiles(openFiles, output);
      if (given.switched('detach')) return upDetached(given, output);
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
  const options = { ...controlOptions(given), version };
  const wish = upWish(given, options);
  const users = upUsers(given);
  makeDataFolder(options.dataDirectory);
  const report = reporter(given.switched('json'), output, { version, options, first: wish?.name ?? null });
  report.starting();

  const control = await started(start, options);
  try {
    checkOpenClusters(given, { brokers: options.advertised[0].host }, control.store.clusters.all());
    tellWhereItIs(options.dataDirectory, { api: control.url, version }, output);
    if (wish && !asked.happened) {
      const there = control.store.clusters.byName(wish.name);
      const other = there && given.has('brokers') && otherCount(there, wish.spec.numberOfBrokerNodes);
      if (other) output.complain(`millrace: ${other}`);
      if (there && (given.switched('tls') || given.switched('iam') || users.length > 0))
        checkSecurity(there, wish);
      const unused = there && otherConfig(there, configOf(given));
      if (unused) output.complain(`millrace: ${unused}`);
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
    if (!asked.happened && named && users.length > 0)
      await Promise.race([giveDemoUsers(control, named.arn, users), asked.first]);
    if (!asked.happened) report.ready(control.url, control.store.clusters.all());
    await asked.first;
  } catch (error) {
    removeServerFile(options.dataDirectory);
    await control.stop();
    throw error;
  }
  report.stopping();
  // The lock is still held, so the file is not that of a later control plane.
  removeServerFile(options.dataDirectory);
  await control.stop();
  report.stopped();
  return asked.status;
}

/** What an option says that cannot come true, because the cluster is there. */
function otherCount({ name, brokers, state }: Cluster, wanted: number): string | null {
  if (brokers.length === wanted || state === 'FAILED' || state === 'DELETING') return null;
  return `The cluster ${name} is there already, with ${counted(brokers.length, 'broker')}, so --brokers is not used: "millrace clusters update ${name} --brokers ${wanted}" changes their number.`;
}

/** A cluster that is there stays as it is, and whoever asked for security must not believe to have it. */
function checkSecurity(there: Cluster, { spec }: NewCluster): void {
  if (there.state === 'FAILED' || there.state === 'DELETING') return;
  const names = (kinds: readonly ListenerKind[]): string =>
    kinds.map((kind) => CLIENT_LISTENERS[kind].name).join(', ');
  const wanted = names(listenersOf(spec));
  const has = names(listenersOf(there.spec));
  if (wanted !== has)
    throw new Failure(
      `The cluster ${there.name} is there already with the listener ${has}, and --tls, --scram or --iam want ${wanted}: start without them and change it with "aws kafka update-security", or choose another --cluster.`,
    );
}

function otherConfig({ name, brokerConfig, state }: Cluster, wanted: Record<string, string>): string | null {
  if (state === 'FAILED' || state === 'DELETING') return null;
  const others = Object.keys(wanted).filter((key) => brokerConfig[key] !== wanted[key]);
  if (others.length === 0) return null;
  return `The cluster ${name} is there already, so --config is not used for ${others.join(', ')}: "millrace clusters update ${name} --config FILE" changes its configuration.`;
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

/** Clients work without it, so that a full disk does not keep it from starting. */
function tellWhereItIs(folder: string, server: { api: string; version: string }, output: Output): void {
  try {
    writeServerFile(folder, server);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    output.complain(
      `millrace: Commands with --data will not find this Millrace, because nothing can be written in ${folder}: ${error.message}.`,
    );
  }
}

async function makeUnlessThere(control: ControlPlane, wish: NewCluster, asked: StopRequest): Promise<void> {
  const there = control.store.clusters.byName(wish.name);
  const isLeft = there?.state === 'FAILED' || there?.state === 'DELETING';
  if (!there || isLeft) checkNewWish(wish);
  if (isLeft) {
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

async function started(
  start: (options: ControlOptions) => Promise<ControlPlane>,
  options: ControlOptions,
): Promise<ControlPlane> {
  try {
    return await start(options);
  } catch (error) {
    if (error instanceof Refused) throw error;
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
    ? `${trouble}. Free the port, or move all clusters of this folder with --kafka-port.`
    : `${trouble}.`;
}
