import { type Decision, refuse } from '../../base/decision.ts';
import { type ApiError, badRequest, isApiError, notFound } from '../../control/aws/api-error.ts';
import { currentVersion } from '../../control/state/current-version.ts';
import type { Connector, ConnectorSetting, ConnectorState } from './connector.ts';
import {
  type ConnectorOperation,
  type ConnectorOperationType,
  stateOf,
  updateSteps,
} from './connector-operation.ts';
import { Named } from './named.ts';
import type { Plugin } from './plugin.ts';
import type { ConnectStateRecord } from './records.ts';
import type { WorkerConfiguration } from './worker-configuration.ts';

/** MSK Connect's quotas. */
const MOST_PLUGINS = 100;
const MOST_WORKER_CONFIGURATIONS = 100;
const MOST_CONNECTORS = 60;
const MOST_TAGS = 50;
/** Of one connector, the newest. */
const MOST_OPERATIONS = 100;

type Decided<T> = Decision<ConnectStateRecord, T | ApiError>;

export interface NewOperation {
  readonly arn: string;
  readonly type: ConnectorOperationType;
  readonly now: number;
  readonly target?: ConnectorSetting;
  readonly onlyFailedTasks?: boolean;
  readonly skipHealthValidation?: boolean;
}

/** While an operation of this kind is under way, and in which states it may begin. */
const OPERATIONS: Readonly<
  Record<
    ConnectorOperationType,
    { readonly during: ConnectorState; readonly from: readonly ConnectorState[] }
  >
> = {
  PAUSE_CONNECTOR: { during: 'PAUSING', from: ['RUNNING'] },
  RESUME_CONNECTOR: { during: 'RESUMING', from: ['PAUSED'] },
  RESTART_CONNECTOR: { during: 'RESTARTING', from: ['RUNNING', 'FAILED'] },
  UPDATE_CONNECTOR_CONFIGURATION: { during: 'UPDATING', from: ['RUNNING', 'FAILED'] },
  UPDATE_WORKER_SETTING: { during: 'UPDATING', from: ['RUNNING', 'FAILED'] },
};

/** The life of plugins, worker configurations and connectors: commands decide, records change. */
export class ConnectState {
  readonly plugins = new Named<Plugin>('custom plugin');
  readonly workerConfigurations = new Named<WorkerConfiguration>('worker configuration');
  readonly connectors = new Named<Connector>('connector');
  readonly #operations = new Map<string, ConnectorOperation>();

  /** Null when a new plugin may have this name. */
  pluginRefusal(name: string): ApiError | null {
    return this.plugins.refusal(name, MOST_PLUGINS);
  }

  createPlugin(plugin: Plugin): Decided<Plugin> {
    const refusal = this.pluginRefusal(plugin.name);
    return refusal ? refuse(refusal) : { records: [{ type: 'PluginRecord', plugin }], answer: plugin };
  }

  deletePlugin(arn: string): Decided<Plugin> {
    const plugin = this.plugins.get(arn);
    if (isApiError(plugin)) return refuse(plugin);
    const users = this.#usersOf(({ plugin }) => plugin?.arn === arn);
    if (users.length > 0)
      return refuse(
        badRequest(
          `The custom plugin ${plugin.name} is in use by ${users.join(', ')}: delete that first.`,
          'customPluginArn',
        ),
      );
    return { records: [{ type: 'RemovePluginRecord', arn }], answer: plugin };
  }

  createWorkerConfiguration(configuration: WorkerConfiguration): Decided<WorkerConfiguration> {
    const refusal = this.workerConfigurations.refusal(configuration.name, MOST_WORKER_CONFIGURATIONS);
    return refusal
      ? refuse(refusal)
      : { records: [{ type: 'WorkerConfigurationRecord', configuration }], answer: configuration };
  }

  deleteWorkerConfiguration(arn: string): Decided<WorkerConfiguration> {
    const configuration = this.workerConfigurations.get(arn);
    if (isApiError(configuration)) return refuse(configuration);
    const users = this.#usersOf(({ workerConfiguration }) => workerConfiguration?.arn === arn);
    if (users.length > 0)
      return refuse(
        badRequest(
          `The worker configuration ${configuration.name} is in use by ${users.join(', ')}: delete that first.`,
          'workerConfigurationArn',
        ),
      );
    return { records: [{ type: 'RemoveWorkerConfigurationRecord', arn }], answer: configuration };
  }

  createConnector(connector: Connector): Decided<Connector> {
    const refusal = this.connectors.refusal(connector.name, MOST_CONNECTORS);
    return refusal ? refuse(refusal) : changed(connector);
  }

  /** `version`: the one that must be current, where it was given. */
  deleteConnector(arn: string, version: string | undefined): Decided<Connector> {
    const connector = this.#current(arn, version);
    if (isApiError(connector)) return refuse(connector);
    if (connector.state === 'DELETING') return { records: [], answer: connector };
    return changed({ ...connector, state: 'DELETING', stateInfo: null, revision: connector.revision + 1 });
  }

  /** One at a time. An update asks for the version that it was made from. */
  begin(arn: string, wish: NewOperation, version?: string): Decided<ConnectorOperation> {
    const connector = this.#current(arn, version);
    if (isApiError(connector)) return refuse(connector);
    const { during, from } = OPERATIONS[wish.type];
    const mayBegin =
      from.includes(connector.state) || (connector.state === 'PAUSED' && wish.skipHealthValidation === true);
    if (connector.state === 'FAILED' && !connector.hasRun)
      return refuse(
        badRequest(
          `The connector ${connector.name} never ran: delete it, and make it again.`,
          'connectorArn',
        ),
      );
    if (!mayBegin)
      return refuse(
        badRequest(
          `The connector ${connector.name} is ${connector.state}: it must be ${from.join(' or ')} for this.`,
          'connectorArn',
        ),
      );
    const operation: ConnectorOperation = {
      arn: wish.arn,
      connectorArn: arn,
      type: wish.type,
      state: stateOf(wish.type, 'IN_PROGRESS'),
      createdAt: wish.now,
      endedAt: null,
      steps: updateSteps(wish.type),
      origin: wish.target ? settingOf(connector) : null,
      target: wish.target ?? null,
      onlyFailedTasks: wish.onlyFailedTasks ?? false,
      skipHealthValidation: wish.skipHealthValidation ?? false,
      error: null,
    };
    const next = { ...connector, state: during, operationArn: wish.arn, revision: connector.revision + 1 };
    return {
      records: [
        { type: 'ConnectorOperationRecord', operation },
        { type: 'ConnectorRecord', connector: next },
      ],
      answer: operation,
    };
  }

  operation(arn: string): ConnectorOperation | ApiError {
    return this.#operations.get(arn) ?? notFound(`The connector operation ${arn} does not exist.`);
  }

  /** The newest first. */
  operationsOf(connectorArn: string): ConnectorOperation[] {
    return [...this.#operations.values()]
      .filter((operation) => operation.connectorArn === connectorArn)
      .sort((a, b) => b.createdAt - a.createdAt || (a.arn < b.arn ? -1 : 1));
  }

  /** The tags of whatever has this ARN. */
  tags(arn: string): Readonly<Record<string, string>> | ApiError {
    const tagged = this.#tagged(arn);
    return isApiError(tagged) ? tagged : tagged.resource.tags;
  }

  setTags(arn: string, tags: Readonly<Record<string, string>>): Decided<object> {
    const tagged = this.#tagged(arn);
    if (isApiError(tagged)) return refuse(tagged);
    const count = Object.keys(tags).length;
    if (count > MOST_TAGS)
      return refuse(
        badRequest(`A resource can have at most ${MOST_TAGS} tags, and this would be ${count}.`, 'tags'),
      );
    return { records: [tagged.with(tags)], answer: {} };
  }

  replay(record: ConnectStateRecord): void {
    switch (record.type) {
      case 'PluginRecord':
        this.plugins.replayed(record.plugin);
        return;
      case 'RemovePluginRecord':
        this.plugins.removed(record.arn);
        return;
      case 'WorkerConfigurationRecord':
        this.workerConfigurations.replayed(record.configuration);
        return;
      case 'RemoveWorkerConfigurationRecord':
        this.workerConfigurations.removed(record.arn);
        return;
      case 'ConnectorRecord':
        this.connectors.replayed(record.connector);
        return;
      case 'RemoveConnectorRecord':
        for (const { arn } of this.operationsOf(record.arn)) this.#operations.delete(arn);
        this.connectors.removed(record.arn);
        return;
      case 'ConnectorOperationRecord':
        this.#replayOperation(record.operation);
        return;
    }
  }

  /** The shortest history that gives this state. */
  records(): ConnectStateRecord[] {
    return [
      ...this.plugins.all().map((plugin) => ({ type: 'PluginRecord', plugin }) as const),
      ...this.workerConfigurations
        .all()
        .map((configuration) => ({ type: 'WorkerConfigurationRecord', configuration }) as const),
      ...this.connectors.all().map((connector) => ({ type: 'ConnectorRecord', connector }) as const),
      ...[...this.#operations.values()].map(
        (operation) => ({ type: 'ConnectorOperationRecord', operation }) as const,
      ),
    ];
  }

  #replayOperation(operation: ConnectorOperation): void {
    this.#operations.set(operation.arn, operation);
    for (const { arn } of this.operationsOf(operation.connectorArn).slice(MOST_OPERATIONS))
      this.#operations.delete(arn);
  }

  #current(arn: string, version: string | undefined): Connector | ApiError {
    const connector = this.connectors.get(arn);
    if (isApiError(connector) || version === undefined || version === currentVersion(connector))
      return connector;
    return badRequest(
      `The version of the connector ${connector.name} is ${currentVersion(connector)}, not ${version}: describe it and try again.`,
      'currentVersion',
    );
  }

  /** The names of connectors that use it, or will when an update is done, or again when it is taken back. */
  #usersOf(uses: (setting: ConnectorSetting) => boolean): string[] {
    const all = this.connectors.all().filter((connector) => {
      const update = this.#operations.get(connector.operationArn ?? '');
      return [connector, update?.origin, update?.target].some((setting) => setting && uses(setting));
    });
    return all.map(({ name }) => name);
  }

  #tagged(arn: string):
    | {
        readonly resource: { readonly tags: Readonly<Record<string, string>> };
        with(tags: Readonly<Record<string, string>>): ConnectStateRecord;
      }
    | ApiError {
    const plugin = this.plugins.get(arn);
    if (!isApiError(plugin))
      return { resource: plugin, with: (tags) => ({ type: 'PluginRecord', plugin: { ...plugin, tags } }) };
    const configuration = this.workerConfigurations.get(arn);
    if (!isApiError(configuration))
      return {
        resource: configuration,
        with: (tags) => ({ type: 'WorkerConfigurationRecord', configuration: { ...configuration, tags } }),
      };
    const connector = this.connectors.get(arn);
    if (isApiError(connector)) return notFound(`The resource ${arn} does not exist.`);
    return {
      resource: connector,
      with: (tags) => ({ type: 'ConnectorRecord', connector: { ...connector, tags } }),
    };
  }
}

function settingOf({ capacity, configuration, plugin, workerConfiguration }: Connector): ConnectorSetting {
  return { capacity, configuration, plugin, workerConfiguration };
}

function changed(connector: Connector): Decided<Connector> {
  return { records: [{ type: 'ConnectorRecord', connector }], answer: connector };
}
