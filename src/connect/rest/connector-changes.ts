import { sleep } from '../../base/clock.ts';
import { isApiError } from '../../control/aws/api-error.ts';
import { currentVersion } from '../../control/state/current-version.ts';
import type { ConnectControl, ConnectOperation } from '../api/connect-operation.ts';
import { pauseConnector, restartConnector, resumeConnector } from '../api/connector-operations.ts';
import { deleteConnector } from '../api/connectors.ts';
import { updateConnector } from '../api/update-connector.ts';
import { HIDDEN, withoutSecrets } from '../secrets/reference.ts';
import type { Connector } from '../state/connector.ts';
import type { ConnectorOperation } from '../state/connector-operation.ts';
import { RestError } from '../worker/worker-http.ts';
import { described } from './described.ts';
import { queryFlag } from './query-flag.ts';
import {
  ANSWER_MS,
  configurationOf,
  ofApiError,
  type RestAnswer,
  type RestRequest,
  restError,
} from './rest-answer.ts';
import { isUnderWay, isUnsettled, settledBy, validated } from './validated.ts';
import { workerAnswer } from './worker-answer.ts';

const LOOK_MS = 200;
const CHANGED = 'The connector changed meanwhile.';
/** Also of a connector that is what was asked for already, as in Kafka Connect. */
const ACCEPTED: RestAnswer = { status: 202, body: null };

/**
 * Changes of a connector as Kafka Connect's REST API has them. Each is an operation of MSK Connect, so that
 * what that API says of the connector stays true.
 */
export async function changeOf(
  control: ConnectControl,
  connector: Connector,
  request: RestRequest,
): Promise<RestAnswer | null> {
  const { method, path, query } = request;
  const { arn } = connector;
  switch (`${method} ${path.slice(2).join('/')}`) {
    case 'DELETE ': {
      const gone = await deleteConnector.run(control, { connectorArn: arn });
      return isApiError(gone) ? ofApiError(gone) : { status: 204, body: null };
    }
    case 'PUT pause':
      return once(
        control,
        connector,
        async (made) => accepted(await begun(control, pauseConnector, made)),
        ({ state }) => state === 'PAUSED' || state === 'PAUSING',
      );
    case 'PUT resume':
      return once(
        control,
        connector,
        async (made) => accepted(await begun(control, resumeConnector, made)),
        ({ state }) => state === 'RUNNING' || state === 'RESUMING',
      );
    case 'PUT stop':
      return once(control, connector, (made) => stopped(control, made, request));
    case 'POST restart':
      return once(control, connector, (made) => restarted(control, made, query));
    case 'PUT config':
      return configured(control, connector, request.body, () => ({}));
    case 'PATCH config':
      return configured(control, connector, request.body, withoutSecrets);
    default:
      return null;
  }
}

/**
 * The answer of `change`, to which the connector is given once it is CREATING no more and no other change of
 * it goes on, for which it is waited as long as for a configuration: Kafka Connect takes these at any time.
 * `isSo`: whether it is, or becomes, what is asked for.
 */
async function once(
  control: ConnectControl,
  { name }: Connector,
  change: (made: Connector) => Promise<RestAnswer>,
  isSo: (connector: Connector) => boolean = () => false,
): Promise<RestAnswer> {
  const made = await settledBy(control, name, control.clock.monotonic() + ANSWER_MS, isSo);
  if (!made) return restError(404, `Connector ${name} not found`);
  if (isSo(made)) return ACCEPTED;
  return isUnderWay(made) ? notYet(made) : change(made);
}

async function restarted(control: ConnectControl, connector: Connector, query: string): Promise<RestAnswer> {
  const operation = await begun(control, restartConnector, connector, {
    onlyFailedTasks: String(queryFlag(query, 'onlyFailed', false)),
  });
  if ('status' in operation) return operation;
  if (!queryFlag(query, 'includeTasks', false)) return { status: 204, body: null };
  const { status, body } = await workerAnswer(control, connector, statusOf(connector));
  return { status: 202, body: status === 200 ? body : null };
}

function statusOf({ name }: Connector): RestRequest {
  return { method: 'GET', path: ['connectors', name, 'status'], query: '', body: undefined };
}

/**
 * Its tasks are gone, as for reading and altering offsets they must be; for MSK Connect, which has no word
 * for it, it is PAUSED.
 */
async function stopped(
  control: ConnectControl,
  connector: Connector,
  request: RestRequest,
): Promise<RestAnswer> {
  if (connector.state !== 'PAUSED') {
    const pausing = await begun(control, pauseConnector, connector);
    if ('status' in pausing) return pausing;
    const { error } = await ended(control, pausing);
    if (error) return restError(500, error.message);
    const now = control.store.state.connectors.get(connector.arn);
    if (isApiError(now) || now.state !== 'PAUSED') return restError(409, CHANGED);
  }
  return workerAnswer(control, connector, request);
}

/**
 * The connector itself says first what is wrong with it; answers when the change is done, or taken back, or
 * still under way after ANSWER_MS. One that is CREATING, or otherwise being changed, is waited for as long:
 * Kafka Connect takes a configuration of a connector whose tasks have not started yet, too. `base`: what is
 * kept of the configuration that the connector has then.
 */
async function configured(
  control: ConnectControl,
  { name: called }: Connector,
  body: unknown,
  base: Base,
): Promise<RestAnswer> {
  const given = configurationOf(body);
  if (!given) return restError(400, 'The body must be a JSON object of strings: the configuration.');
  const until = control.clock.monotonic() + ANSWER_MS;
  const settled = await validated(control, called, until);
  if (!settled) return restError(404, `Connector ${called} not found`);
  // Another change may give it another configuration, so nothing is compared with this one before its end.
  if (!isUnsettled(settled) && settled.operationArn === null) {
    const refusal = await unneeded(control, settled, wantedOf(settled, given, base));
    if (refusal) return refusal;
  }
  const connector = await settledBy(control, called, until);
  if (!connector) return restError(404, `Connector ${called} not found`);
  if (isUnderWay(connector) || (connector.state === 'FAILED' && !connector.hasRun)) return notYet(connector);
  const wanted = wantedOf(connector, given, base);
  return (await unneeded(control, connector, wanted)) ?? updated(control, connector, wanted);
}

type Base = (before: Connector['configuration']) => Readonly<Record<string, string>>;

/** The configuration that is asked for, as a change of what the connector has now. */
function wantedOf(
  { name: called, configuration }: Connector,
  given: Readonly<Record<string, string | null>>,
  base: Base,
): Record<string, string> {
  const wanted: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...base(configuration), ...given }))
    if (value !== null) wanted[name] = value;
  // It is in what Kafka Connect tells, so tools send it back.
  if (configuration.name === undefined && wanted.name === called) delete wanted.name;
  return wanted;
}

/**
 * Its workers have not run it, so nobody can say whether another configuration is valid; or another change of
 * it goes on.
 */
function notYet({ name, state, stateInfo }: Connector): RestAnswer {
  const why = stateInfo ? ` (${stateInfo.message})` : '';
  if (state === 'FAILED')
    return restError(
      409,
      `The connector ${name} has FAILED before it ran${why}. Delete it and make it again with another configuration.`,
    );
  const then = state === 'CREATING' ? 'once it runs' : 'after that';
  return restError(409, `The connector ${name} is ${state}${why}. Ask again: it can be changed ${then}.`);
}

/** The answer where there is nothing to change, or it cannot be; null where it is to be changed. */
async function unneeded(
  control: ConnectControl,
  connector: Connector,
  wanted: Readonly<Record<string, string>>,
): Promise<RestAnswer | null> {
  const known = withoutSecrets(connector.configuration);
  const isSame =
    Object.keys(wanted).length === Object.keys(known).length &&
    Object.entries(wanted).every(([name, value]) => known[name] === value);
  if (isSame) return described(control, connector);
  return wanted['connector.class'] === known['connector.class']
    ? null
    : restError(400, 'connector.class cannot be changed.');
}

async function updated(
  control: ConnectControl,
  connector: Connector,
  wanted: Readonly<Record<string, string>>,
): Promise<RestAnswer> {
  const refusal = await invalid(control, connector, wanted);
  if (refusal) return refusal;
  const operation = await begun(control, updateConnector, connector, {
    currentVersion: currentVersion(connector),
    connectorConfiguration: wanted,
    // A paused connector cannot be watched.
    ...(connector.state === 'PAUSED' ? { skipHealthValidation: true } : {}),
  });
  if ('status' in operation) return operation;
  const { error } = await ended(control, operation, ANSWER_MS);
  if (error) return restError(500, `The configuration was taken back: ${error.message}`);
  const now = control.store.state.connectors.get(connector.arn);
  return isApiError(now) ? ofApiError(now) : described(control, now);
}

async function invalid(
  control: ConnectControl,
  connector: Connector,
  wanted: Readonly<Record<string, string>>,
): Promise<RestAnswer | null> {
  const worker = control.worker(connector.arn);
  if (!worker) return restError(503, `No worker of the connector ${connector.name} serves now.`);
  const { name, uuid, configuration } = connector;
  // What is hidden stays as it is.
  const full = Object.fromEntries(
    Object.entries(wanted).map(([property, value]) => [
      property,
      value === HIDDEN ? (configuration[property] ?? value) : value,
    ]),
  );
  try {
    const { errors } = await worker.validate(name, full);
    if (errors.length === 0) return null;
    const why = control.values.without(uuid, errors.join('\n'));
    return restError(
      400,
      `Connector configuration is invalid and contains the following ${errors.length} error(s):\n${why}`,
    );
  } catch (error) {
    if (!(error instanceof RestError)) throw error;
    return restError(503, `The configuration cannot be validated now: ${error.message}`);
  }
}

async function begun(
  control: ConnectControl,
  operation: ConnectOperation,
  connector: Connector,
  more: object = {},
): Promise<ConnectorOperation | RestAnswer> {
  const answer = await operation.run(control, { connectorArn: connector.arn, ...more });
  const there = control.store.state.connectors.get(connector.arn);
  if (isApiError(answer)) {
    // Another change began meanwhile, as while a configuration was validated: no fault of this one.
    const isOvertaken = !isApiError(there) && currentVersion(there) !== currentVersion(connector);
    if (!isOvertaken) return ofApiError(answer);
    return isUnderWay(there) ? notYet(there) : restError(409, CHANGED);
  }
  const arn = isApiError(there) ? null : there.operationArn;
  const found = control.store.state.operation(arn ?? '');
  return isApiError(found) ? restError(409, CHANGED) : found;
}

function accepted(operation: ConnectorOperation | RestAnswer): RestAnswer {
  return 'status' in operation ? operation : ACCEPTED;
}

/**
 * Operations have a limit of their own, so this ends; or before, when it has waited so long and what is told
 * of the connector is what was asked for.
 */
async function ended(
  control: ConnectControl,
  { arn }: ConnectorOperation,
  patienceMs = Number.POSITIVE_INFINITY,
): Promise<{ readonly error: { readonly message: string } | null }> {
  const until = control.clock.monotonic() + patienceMs;
  for (;;) {
    const operation = control.store.state.operation(arn);
    if (isApiError(operation)) return { error: { message: operation.message } };
    const isTold = operation.steps.some(
      ({ type, state }) => type === 'VALIDATE_UPDATE' && state === 'COMPLETED',
    );
    if (operation.endedAt !== null || (isTold && control.clock.monotonic() > until)) return operation;
    await sleep(control.clock, LOOK_MS);
  }
}
