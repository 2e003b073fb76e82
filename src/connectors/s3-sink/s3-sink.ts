import { sinkSpec } from '../kernel/connector-spec.ts';
import { PROPERTIES, s3SinkProblems } from './s3-sink-config.ts';

export const s3Sink = sinkSpec({
  className: 'io.confluent.connect.s3.S3SinkConnector',
  aliases: ['S3SinkConnector', 'S3Sink'],
  doc: "Writes records into objects of S3 or of a server that speaks its protocol, each exactly once. Its properties are those of Confluent's connector.",
  properties: PROPERTIES,
  check: s3SinkProblems,
  task: async (config) => {
    const [{ S3SinkTask }, { clientOf }, { optionsOf }] = await Promise.all([
      import('./s3-sink-task.ts'),
      import('./sink-client.ts'),
      import('./writer-options.ts'),
    ]);
    return new S3SinkTask(
      (world) => clientOf(config, world),
      (world) => optionsOf(config, world),
    );
  },
});
