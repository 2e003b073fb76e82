import { type ConfigOf, type ConfigProblem, type ConfigProperties, readConfig } from './config.ts';
import type { SourceOffset } from './connect-record.ts';
import type { SinkTask } from './sink-task.ts';
import type { SourceTask } from './source-task.ts';

interface Description {
  /** As `connector.class` has it, with its package. */
  readonly className: string;
  /** Shorter names by which Kafka Connect finds it, too. */
  readonly aliases: readonly string[];
  /** One or two sentences: what it does. */
  readonly doc: string;
  /** Its own properties; those that every connector has are the kernel's (`connector-properties.ts`). */
  readonly properties: ConfigProperties;
  /** What is wrong with the values of its own properties; nothing is done. */
  problems(texts: Readonly<Record<string, string>>): readonly ConfigProblem[];
}

export interface SinkSpec extends Description {
  readonly kind: 'sink';
  /** Makes a task that has not started; loads what only tasks need. Rejects when `problems` has some. */
  task(texts: Readonly<Record<string, string>>): Promise<SinkTask>;
}

export interface SourceSpec extends Description {
  readonly kind: 'source';
  /** The configuration of each task, at most `tasksMax` of them. */
  taskTexts(
    texts: Readonly<Record<string, string>>,
    tasksMax: number,
  ): readonly Readonly<Record<string, string>>[];
  /**
   * What is wrong with a place that somebody gives the connector, which its tasks would not find or could not
   * begin at; null: nothing. `texts`: its configuration, which has no problems.
   */
  offsetProblem(
    texts: Readonly<Record<string, string>>,
    place: { readonly partition: SourceOffset; readonly offset: SourceOffset },
  ): string | null;
  /** Makes a task of one of those; as that of a sink. */
  task(texts: Readonly<Record<string, string>>): Promise<SourceTask>;
}

/** A connector that is built in: everything else that is told or checked of it follows from this. */
export type ConnectorSpec = SinkSpec | SourceSpec;

interface Definition<Properties extends ConfigProperties, Task> {
  readonly className: string;
  readonly aliases?: readonly string[];
  readonly doc: string;
  readonly properties: Properties;
  /** Checks values together that are right one by one. */
  readonly check?: (config: ConfigOf<Properties>) => readonly ConfigProblem[];
  readonly task: (config: ConfigOf<Properties>) => Promise<Task>;
}

export function sinkSpec<const Properties extends ConfigProperties>(
  definition: Definition<Properties, SinkTask>,
): SinkSpec {
  return { kind: 'sink', ...described(definition) };
}

/** Without `taskTexts` there is one task with the connector's own configuration. */
export function sourceSpec<const Properties extends ConfigProperties>(
  definition: Definition<Properties, SourceTask> &
    Pick<SourceSpec, 'offsetProblem'> &
    Partial<Pick<SourceSpec, 'taskTexts'>>,
): SourceSpec {
  return {
    kind: 'source',
    taskTexts: definition.taskTexts ?? ((texts) => [texts]),
    offsetProblem: definition.offsetProblem,
    ...described(definition),
  };
}

function described<const Properties extends ConfigProperties, Task>({
  className,
  aliases = [],
  doc,
  properties,
  check,
  task,
}: Definition<Properties, Task>) {
  return {
    className,
    aliases,
    doc,
    properties,
    problems: (texts: Readonly<Record<string, string>>): readonly ConfigProblem[] => {
      const { problems, config } = readConfig(properties, texts);
      return config === null ? problems : (check?.(config) ?? []);
    },
    task: async (texts: Readonly<Record<string, string>>): Promise<Task> => {
      const { problems, config } = readConfig(properties, texts);
      if (config === null) throw new Error(problems.map(({ message }) => message).join(' '));
      return task(config);
    },
  };
}
