import { builtIn } from '../../connectors/catalogue.ts';
import type { ConnectorSpec } from '../../connectors/kernel/connector-spec.ts';
import type { ConnectControl } from '../api/connect-operation.ts';
import { isCalled } from '../api/connector-rules.ts';
import { builtInPlugin, isBuiltIn } from '../plugins/built-in-plugin.ts';
import type { Connector } from '../state/connector.ts';
import { definitionsOf, validationOf } from './built-in-definitions.ts';
import { configOf } from './config-of.ts';
import { changeOf } from './connector-changes.ts';
import { created, creation } from './connector-creation.ts';
import { described } from './described.ts';
import { namesProvider, namesSealed } from './masked.ts';
import { kafkaConnect, passed } from './passed.ts';
import { queryFlag } from './query-flag.ts';
import { configurationOf, type RestAnswer, type RestRequest, restError } from './rest-answer.ts';
import { serverHealth, serverInfo } from './server-info.ts';
import { isUnsettled, validated } from './validated.ts';

/**
 * What Kafka Connect itself answers of one connector, and changes without MSK Connect's state knowing of it.
 */
const PASSED: readonly RegExp[] = [
  /^GET (status|tasks|tasks-config|topics|offsets)?$/,
  /^GET tasks\/\d+\/status$/,
  /^POST tasks\/\d+\/restart$/,
  /^PUT topics\/reset$/,
  /^(PATCH|DELETE) offsets$/,
];

/** A part of a path that a worker could take for another path than the one that was looked at here. */
const LEADS_AWAY = /^\.{1,2}$|[/\\;]/;

/** The answer to a request below the base URL: that of one Kafka Connect which had all connectors. */
export async function restAnswer(control: ConnectControl, request: RestRequest): Promise<RestAnswer> {
  const { method, path } = request;
  const [noun, name] = path;
  if (path.some((part) => LEADS_AWAY.test(part))) return notFound(request);
  if (namesSealed(request.body))
    return restError(400, 'A request cannot name sealed values: send [hidden] for a password that stays.');
  if (noun === 'connectors')
    return name === undefined ? allConnectors(control, request) : ofConnector(control, name, request);
  if (noun === 'connector-plugins') return plugins(control, request);
  if (noun === 'admin' && name === 'loggers') return loggers(control, request);
  if (method === 'GET' && (noun === undefined || (noun === 'health' && path.length === 1)))
    return ofAnyWorker(
      control,
      request,
      noun === undefined ? () => serverInfo(control) : async () => serverHealth(),
    );
  return notFound(request);
}

function notFound({ method, path }: RestRequest): RestAnswer {
  return restError(404, `Kafka Connect has no ${method} /${path.join('/')}.`);
}

function connectorsOf({ store }: ConnectControl): Connector[] {
  return store.state.connectors.all().filter(({ state }) => state !== 'DELETING');
}

async function allConnectors(control: ConnectControl, request: RestRequest): Promise<RestAnswer> {
  const { method, query, body } = request;
  if (method === 'POST') return creation(control, body);
  if (method !== 'GET') return notFound(request);
  const all = connectorsOf(control);
  const expanded = new URLSearchParams(query).getAll('expand');
  if (expanded.length === 0) return { status: 200, body: all.map(({ name }) => name) };
  const ask = async (connector: Connector, what: string): Promise<unknown> => {
    const path = ['connectors', connector.name, ...(what === 'status' ? ['status'] : [])];
    return (await described(control, connector, { method: 'GET', path, query: '', body: undefined })).body;
  };
  const entries = all.map(async (connector): Promise<[string, object]> => {
    const wanted = ['status', 'info'].filter((what) => expanded.includes(what));
    const parts = await Promise.all(
      wanted.map(async (what): Promise<[string, unknown]> => [what, await ask(connector, what)]),
    );
    return [connector.name, Object.fromEntries(parts)];
  });
  return { status: 200, body: Object.fromEntries(await Promise.all(entries)) };
}

async function ofConnector(control: ConnectControl, name: string, request: RestRequest): Promise<RestAnswer> {
  const connector = connectorsOf(control).find((one) => one.name === name);
  const asked = `${request.method} ${request.path.slice(2).join('/')}`;
  if (!connector && asked === 'PUT config') {
    const configuration = configurationOf(request.body);
    return configuration
      ? created(control, name, configuration)
      : restError(400, 'The body must be a JSON object of strings: the configuration.');
  }
  if (!connector) return restError(404, `Connector ${name} not found`);
  if (asked === 'GET ' || asked === 'GET config') return settled(control, connector, request);
  if (PASSED.some((pattern) => pattern.test(asked))) return described(control, connector, request);
  return (await changeOf(control, connector, request)) ?? notFound(request);
}

/**
 * What it is configured with, once it is known what may be told of it: a client that compares what it has
 * sent would take what is hidden for a change. Until then the answer is 409, as Kafka Connect's while its
 * workers rebalance, upon which clients ask again.
 */
async function settled(
  control: ConnectControl,
  { name }: Connector,
  request: RestRequest,
): Promise<RestAnswer> {
  const connector = await validated(control, name);
  if (!connector) return restError(404, `Connector ${name} not found`);
  if (isUnsettled(connector)) {
    const why = connector.stateInfo ? ` (${connector.stateInfo.message})` : '';
    return restError(
      409,
      `The connector ${name} is CREATING${why} and has not said yet which of its properties are passwords, so its configuration cannot be told. Ask again; GET /connectors/${name}/status is answered at any time.`,
    );
  }
  return request.path.length > 2
    ? { status: 200, body: configOf(connector) }
    : described(control, connector, request);
}

/** Of all plugins, the built-in one too; a class is asked through a worker of Kafka Connect that has it. */
async function plugins(control: ConnectControl, request: RestRequest): Promise<RestAnswer> {
  const { method, path, query } = request;
  const [, type] = path;
  const all = control.store.state.plugins.all().filter(({ state }) => state === 'ACTIVE');
  if (type === undefined) {
    if (method !== 'GET') return notFound(request);
    const onlyConnectors = queryFlag(query, 'connectorsOnly', true);
    const classes = [...all, builtInPlugin(control.options)]
      .flatMap((plugin) => plugin.classes)
      .filter((one) => !onlyConnectors || one.type === 'source' || one.type === 'sink');
    const distinct = new Map(classes.map((one) => [JSON.stringify(one), one]));
    return { status: 200, body: [...distinct.values()] };
  }
  const asked = `${method} ${path.slice(2).join('/')}`;
  if (asked !== 'GET config' && asked !== 'PUT config/validate') return notFound(request);
  const having = new Set(
    all.filter(({ classes }) => classes.some((one) => isCalled(one.class, type))).map(({ arn }) => arn),
  );
  const connector = serving(control).find((one) => having.has(one.plugin.arn));
  if (namesProvider(request.body))
    return restError(
      400,
      'What is validated here cannot refer to configuration providers: the answer would say what they find. PUT /connectors/NAME/config takes references.',
    );
  const spec = connector ? null : builtIn(type);
  if (spec) return ofBuiltIn(spec, asked, request.body);
  if (!connector)
    return restError(
      503,
      `No worker that serves has the class ${type}: a configuration is validated by a connector of the same plugin.`,
    );
  return passed(control, connector, request);
}

function ofBuiltIn(spec: ConnectorSpec, asked: string, body: unknown): RestAnswer {
  if (asked === 'GET config') return { status: 200, body: definitionsOf(spec) };
  const given = configurationOf(body);
  if (!given) return restError(400, 'The body must be a JSON object of strings: the configuration.');
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) if (value !== null) texts[name] = value;
  const type = texts['connector.class'];
  if (type !== undefined && builtIn(type) !== spec)
    return restError(400, `Included connector type ${type} does not match request type ${spec.className}`);
  return { status: 200, body: validationOf(spec, texts) };
}

/**
 * Read from one connector's workers, set at those of all. Only of one worker does Kafka Connect tell which
 * loggers it set, as clients that name no other scope expect: so one worker of each connector is set first,
 * and tells.
 */
async function loggers(control: ConnectControl, request: RestRequest): Promise<RestAnswer> {
  const { method, path, query } = request;
  if (method === 'GET' && path.length <= 3) return ofAnyWorker(control, request);
  if (method !== 'PUT' || path.length !== 3) return notFound(request);
  const all = serving(control);
  if (all.length === 0) return noLoggers(control);
  const set = (scope: string) =>
    Promise.all(all.map((connector) => passed(control, connector, { ...request, query: `scope=${scope}` })));
  const told = new URLSearchParams(query).get('scope') === 'cluster' ? [] : await set('worker');
  const answers = await set('cluster');
  const refused = [...told, ...answers].find(({ status }) => status >= 300);
  if (refused) return refused;
  if (told.length === 0) return answers[0] ?? noLoggers(control);
  const names = told.flatMap(({ body }) => (Array.isArray(body) ? body.map(String) : []));
  return { status: 200, body: [...new Set(names)].sort() };
}

/** `otherwise`: the answer where no worker serves. */
async function ofAnyWorker(
  control: ConnectControl,
  request: RestRequest,
  otherwise: () => Promise<RestAnswer> = async () => noLoggers(control),
): Promise<RestAnswer> {
  const [connector] = serving(control);
  return connector ? passed(control, connector, request) : otherwise();
}

/** The connectors that run in Kafka Connect, where a worker serves. */
function serving(control: ConnectControl): Connector[] {
  return connectorsOf(control).filter((connector) => kafkaConnect(control, connector) !== null);
}

/** Where a connector of a plugin is there, its workers may serve in a moment. */
function noLoggers(control: ConnectControl): RestAnswer {
  return connectorsOf(control).every(isBuiltIn)
    ? restError(
        501,
        'Loggers are those of Kafka Connect, and no connector of a plugin is there. Workers of built-in connectors have no loggers: their logs have all lines, of the levels info, warn and error.',
      )
    : restError(
        503,
        'Loggers are those of Kafka Connect, and none of its workers serves now: ask again when a connector of a plugin runs.',
      );
}
