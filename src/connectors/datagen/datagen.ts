import { longProperty, oneOfProperty, stringProperty } from '../kernel/config-property.ts';
import { sourceSpec } from '../kernel/connector-spec.ts';
import { QUICKSTART_NAMES } from './quickstart-names.ts';

export const datagen = sourceSpec({
  className: 'io.confluent.kafka.connect.datagen.DatagenConnector',
  aliases: ['DatagenConnector', 'Datagen'],
  doc: 'Makes up records, for demonstrations and tests. Each of its tasks makes its own; the same seed makes the same ones.',
  properties: {
    'kafka.topic': stringProperty({
      importance: 'HIGH',
      doc: 'The topic that the records go to.',
      check: (topic) => (topic === '' ? 'must name a topic' : null),
    }),
    quickstart: oneOfProperty(
      QUICKSTART_NAMES,
      { importance: 'HIGH', doc: 'What is made up. Values are structs, and keys one of their fields.' },
      true,
    ),
    'max.interval': longProperty({
      importance: 'HIGH',
      doc: 'The longest wait between two records of a task, in milliseconds; waits are random. 0: as fast as they are written.',
      default: 500,
      min: 0,
      max: 2 ** 31 - 1,
    }),
    iterations: longProperty({
      importance: 'HIGH',
      doc: 'How many records each task makes up; then it rests. -1: no end.',
      default: -1,
      min: -1,
      check: (iterations) => (iterations === 0 ? 'must be -1 or at least 1' : null),
    }),
    'random.seed': longProperty({
      importance: 'LOW',
      doc: 'From which all records follow.',
      default: 0,
    }),
  },
  taskTexts: (texts, tasksMax) => Array<Readonly<Record<string, string>>>(tasksMax).fill(texts),
  offsetProblem(texts, { partition, offset }) {
    const tasks = Number(texts['tasks.max'] ?? 1);
    const { 'task.id': id, ...more } = partition;
    if (!Number.isInteger(id) || Number(id) < 0 || Number(id) >= tasks || Object.keys(more).length > 0)
      return `Its partitions have task.id, a number below ${tasks}, and nothing else.`;
    const { 'current.iteration': iteration, ...others } = offset;
    return Number.isSafeInteger(iteration) && Number(iteration) >= 0 && Object.keys(others).length === 0
      ? null
      : 'Its offsets have current.iteration, a whole number that is not negative, and nothing else.';
  },
  task: async (config) => {
    const { DatagenTask } = await import('./datagen-task.ts');
    return new DatagenTask({
      topic: config['kafka.topic'],
      quickstart: config.quickstart,
      intervalMs: config['max.interval'],
      iterations: config.iterations,
      seed: config['random.seed'],
    });
  },
});
